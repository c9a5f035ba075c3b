"""The user's own indexes and certificates, and those that a component declares: a real server, with and without TLS."""

import base64
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pinnace.ports.environments import EnvironmentFailed
from pinnace.testing.wheels import write_wheel

USER, PASSWORD = "somebody", "very-secret"


class Index(SimpleHTTPRequestHandler):
    """A directory laid out as an index, for whoever knows the password."""

    def do_GET(self) -> None:
        expected = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") == f"Basic {expected}":
            super().do_GET()
        else:
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_request(self, code: object = "-", size: object = "-") -> None:
        return


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """An index of one package."""
    package = tmp_path / "pages/simple/pinnaceprivate"
    package.mkdir(parents=True)
    wheel = write_wheel(package, "pinnaceprivate", "1.0")
    (package / "index.html").write_text(
        f'<!DOCTYPE html><html><body><a href="{wheel.name}">{wheel.name}</a></body></html>'
    )
    return tmp_path / "pages"


def serving(server: ThreadingHTTPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def plain(pages: Path) -> Iterator[int]:
    yield from serving(ThreadingHTTPServer(("127.0.0.1", 0), partial(Index, directory=str(pages))))


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    path = tmp_path / "certificate.pem"
    words: list[str | Path] = [
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
        "-keyout",
        path,
        "-out",
    ]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"]
    subprocess.run(["openssl", "req", *words, tmp_path / "public.pem", *names], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + (tmp_path / "public.pem").read_bytes())
    return path


@pytest.fixture
def encrypted(pages: Path, certificate: Path) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Index, directory=str(pages)))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    yield from serving(server)


@pytest.fixture
def online(bench: Any) -> Any:
    """The bench of a user who has set nothing for pip yet."""
    for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS"):
        del bench.environ[name]
    bench.environ["UV_HTTP_RETRIES"] = "0"
    return bench


def address(port: int, scheme: str = "http", password: str = PASSWORD) -> str:
    return f"{scheme}://{USER}:{password}@127.0.0.1:{port}/simple/"


def set_for_pip(bench: Any, text: str) -> None:
    del bench.environ["PIP_CONFIG_FILE"]
    path = Path(bench.environ["HOME"], ".config/pip/pip.conf")
    path.parent.mkdir(parents=True)
    path.write_text(text)


def has_private(bench: Any, **declared: Any) -> bool:
    environment = bench.isolated("pinnaceprivate", **declared)
    return (Path(environment.virtual_env) / "bin/pinnaceprivate-say").exists()


def test_the_index_of_pip_conf(online: Any, plain: int) -> None:
    set_for_pip(online, f"[global]\nindex-url = {address(plain)}\n")
    assert has_private(online)


def test_the_index_of_uv_toml(online: Any, plain: int) -> None:
    path = Path(online.environ["HOME"], ".config/uv/uv.toml")
    path.parent.mkdir(parents=True)
    path.write_text(f'[[index]]\nurl = "{address(plain)}"\ndefault = true\n')
    set_for_pip(online, "[global]\nindex-url = http://127.0.0.1:9/simple\n")
    assert has_private(online), "what is set for uv comes before what is set for pip"


def test_a_file_of_uv_above_the_data_directory_does_not_count(online: Any, plain: int) -> None:
    online.environ["UV_DEFAULT_INDEX"] = address(plain)
    (online.root.parent / "uv.toml").write_text("this is no setting")
    assert has_private(online)


def test_the_index_of_a_variable(online: Any, plain: int) -> None:
    online.environ |= {"UV_DEFAULT_INDEX": address(plain), "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    assert has_private(online)


@pytest.mark.parametrize("place", [0, 1], ids=["main", "further"])
def test_an_index_that_the_component_declares(online: Any, plain: int, tmp_path: Path, place: int) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    online.environ["PIP_INDEX_URL"] = "http://127.0.0.1:9/simple"
    urls = (address(plain),) if place == 0 else (empty.as_uri(), address(plain))
    assert has_private(online, index_urls=urls)


def test_passwords_are_neither_shown_nor_kept(online: Any, plain: int) -> None:
    assert has_private(online, index_urls=(address(plain),))
    with pytest.raises(EnvironmentFailed) as failed:
        online.isolated("pinnaceprivate==9", index_urls=(address(plain),))
    with pytest.raises(EnvironmentFailed) as denied:
        online.isolated("pinnacesecret", index_urls=(address(plain, password="wrong-secret"),))
    shown = [str(failed.value), str(denied.value), *online.announced, *online.all_calls()]
    kept = [path.read_text() for pattern in ("*/*.json", "*.conflict") for path in online.root.glob(pattern)]
    assert kept
    for text in (*shown, *kept):
        assert PASSWORD not in text
        assert "wrong-secret" not in text


@pytest.mark.parametrize("variable", ["PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_certificate_of_the_user(online: Any, encrypted: int, tmp_path: Path, variable: str) -> None:
    online.environ["PIP_INDEX_URL"] = address(encrypted, "https")
    with pytest.raises(EnvironmentFailed, match=r"[Cc]ert"):
        online.isolated("pinnaceprivate")
    online.environ[variable] = str(tmp_path / "public.pem")
    assert has_private(online)


def test_hosts_that_the_user_trusts(online: Any, encrypted: int) -> None:
    online.environ |= {"PIP_INDEX_URL": address(encrypted, "https"), "PIP_TRUSTED_HOST": f"127.0.0.1:{encrypted}"}
    assert has_private(online)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "https://127.0.0.1:{port}/simple/"], ids=["a name", "as the SDK writes it"]
)
def test_hosts_that_the_component_trusts(online: Any, encrypted: int, host: str) -> None:
    urls = (address(encrypted, "https"),)
    assert has_private(online, index_urls=urls, trusted_hosts=(host.format(port=encrypted),))


def test_settings_that_cannot_be_read(online: Any) -> None:
    set_for_pip(online, "index-url = nowhere\n")
    with pytest.raises(EnvironmentFailed, match=r"(?s)settings of pip cannot be read.*pip\.conf"):
        online.isolated("pinnaceprivate")
