import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.api.odd_host import OddHost, odd_host

from pinnace.artifacts.downloads import MAX_AT_ONCE, Patience, UrlDownloads, system_proxy
from pinnace.errors import FailedPrecondition, InvalidInput, PinnaceError, Unavailable

LIMIT = 32 * 1024 * 1024
SHORT = Patience(silence=0.3, whole=1.0)


def no_proxy(_scheme: str, _host: str) -> str:
    return ""


def downloads(*allowed: str, patience: Patience | None = None) -> UrlDownloads:
    return UrlDownloads(allowed, no_proxy, patience)


@pytest.fixture
def host() -> Iterator[OddHost]:
    with odd_host({"p.yaml": b"content", "empty": b""}) as host:
        yield host


def test_a_file(host: OddHost) -> None:
    fetched = downloads(host.name)
    assert fetched.fetch(host.url("p.yaml"), LIMIT) == b"content"
    assert fetched.fetch(host.url("a%20b/p.yaml?ref=main&x=%2F#part"), 7) == b"content"
    assert fetched.fetch(host.url("empty"), LIMIT) == b""
    assert host.asked[1] == "GET /a%20b/p.yaml?ref=main&x=%2F HTTP/1.1"
    assert host.seen[0]["Host"] == host.name


def test_a_host_that_is_not_allowed_is_not_asked(host: OddHost) -> None:
    with pytest.raises(FailedPrecondition, match=f"--allowed-url-host {host.name}"):
        downloads().fetch(host.url("p.yaml"), LIMIT)
    with pytest.raises(FailedPrecondition):
        downloads("*", "localhost").fetch(host.url("p.yaml"), LIMIT)
    assert host.asked == []


def test_redirects(host: OddHost) -> None:
    fetched = downloads(host.name)
    assert fetched.fetch(host.url("redirect?to=/p.yaml"), LIMIT) == b"content"
    assert fetched.fetch(host.url("redirect?to=redirect%3Fto=p.yaml"), LIMIT) == b"content"
    with pytest.raises(InvalidInput, match="redirects"):
        fetched.fetch(host.url("loop"), LIMIT)


@pytest.mark.parametrize(
    "to",
    [
        "http://10.0.0.1/p.yaml",
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost/p.yaml",
        "http://[::1]/p.yaml",
        "http://127.0.0.1/p.yaml",
        "https://169.254.169.254/latest/meta-data/",
        "//0.0.0.0/p.yaml",
    ],
)
def test_a_redirect_to_elsewhere_is_not_followed(host: OddHost, to: str) -> None:
    with pytest.raises(FailedPrecondition, match="may not download"):
        downloads(host.name).fetch(host.url(f"redirect?to={to}"), LIMIT)
    with pytest.raises(FailedPrecondition):
        downloads(host.name, "*").fetch(host.url(f"redirect?to={to}"), LIMIT)
    assert len(host.asked) == 2


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://x/y", f"http://a:b@{'x' * 9}/"])
def test_a_redirect_to_something_else_is_not_followed(host: OddHost, to: str) -> None:
    with pytest.raises(InvalidInput, match="pipeline_url"):
        downloads(host.name).fetch(host.url(f"redirect?to={to}"), LIMIT)


@pytest.mark.parametrize(
    ("path", "kind", "words"),
    [
        ("dripping", Unavailable, "in time"),
        ("headers", Unavailable, "in time"),
        ("silent", Unavailable, "in time"),
        ("cut", Unavailable, "announced 5000 bytes"),
        ("announced", InvalidInput, "limit"),
        ("unannounced", InvalidInput, "limit"),
        ("noise", Unavailable, "cannot be fetched"),
        ("failing", Unavailable, "status 500"),
        ("nowhere", InvalidInput, "status 404"),
    ],
)
def test_a_host_that_misbehaves(host: OddHost, path: str, kind: type[PinnaceError], words: str) -> None:
    patience = SHORT if words == "in time" else None
    with pytest.raises(kind, match=words):
        downloads(host.name, patience=patience).fetch(host.url(path), LIMIT)


def test_a_port_where_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        name = f"127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(Unavailable, match="cannot be fetched"):
        downloads(name).fetch(f"http://{name}/p.yaml", LIMIT)


@pytest.mark.parametrize(
    ("allowed", "address"),
    [("git.example.com", "127.0.0.1"), ("git.example.com", "169.254.169.254"), ("*.example.com", "10.0.0.1")],
)
def test_a_name_is_judged_by_each_of_its_addresses(monkeypatch: pytest.MonkeyPatch, allowed: str, address: str) -> None:
    def resolve(_host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("93.184.216.34", address)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(FailedPrecondition, match=address):
        downloads(allowed).fetch("https://git.example.com/p.yaml", LIMIT)


def test_a_name_is_resolved_once(monkeypatch: pytest.MonkeyPatch, host: OddHost) -> None:
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(name: str, *rest: Any, **more: Any) -> list[Any]:
        asked.append(name)
        return list(real("127.0.0.1" if name == "localhost" else name, *rest, **more))

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    name = f"localhost:{host.server_port}"
    assert downloads(name).fetch(f"http://{name}/p.yaml", LIMIT) == b"content"
    assert asked == ["localhost", "127.0.0.1"]
    assert host.seen[0]["Host"] == name


def test_a_name_without_an_address() -> None:
    with pytest.raises(InvalidInput, match="no address"):
        downloads("*").fetch("https://pinnace.invalid/p.yaml", LIMIT)


def test_a_proxy_is_used_for_names_in_full_only(host: OddHost) -> None:
    def proxy(_scheme: str, _host: str) -> str:
        return f"http://me:pass%21@{host.name}"

    fetched = UrlDownloads(["git.example.com", "*.example.com", "169.254.169.254"], proxy)
    assert fetched.fetch("http://git.example.com/p.yaml", LIMIT) == b"content"
    assert host.asked == ["GET http://git.example.com/p.yaml HTTP/1.1"]
    assert host.seen[0]["Host"] == "git.example.com"
    assert host.seen[0]["Proxy-Authorization"] == "Basic bWU6cGFzcyE="
    with pytest.raises(FailedPrecondition, match="proxy"):
        fetched.fetch("https://other.example.com/p.yaml", LIMIT)
    with pytest.raises(FailedPrecondition, match="no package comes from"):
        fetched.fetch("http://169.254.169.254/p.yaml", LIMIT)
    with pytest.raises(Unavailable):
        fetched.fetch("https://git.example.com/p.yaml", LIMIT)  # this proxy makes no tunnels
    assert len(host.asked) == 1


def test_the_proxy_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "git.internal,127.0.0.1")
    assert system_proxy("https", "github.com") == "http://proxy.example:3128"
    assert system_proxy("http", "github.com") == ""
    assert system_proxy("https", "git.internal") == ""


def test_no_more_than_some_at_a_time(host: OddHost) -> None:
    fetched = downloads(host.name)
    for _ in range(MAX_AT_ONCE):
        fetched._places.acquire()
    with pytest.raises(Unavailable, match="under way"):
        fetched.fetch(host.url("p.yaml"), LIMIT)
    fetched._places.release()
    for _ in range(2):
        assert fetched.fetch(host.url("p.yaml"), LIMIT) == b"content"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make a certificate with")
def test_https_asks_for_a_certificate_of_that_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += [
        "-addext",
        "subjectAltName=DNS:localhost",
        "-keyout",
        str(tmp_path / "key"),
        "-out",
        str(tmp_path / "c"),
    ]
    subprocess.run(command, check=True, capture_output=True)
    file.write_text((tmp_path / "key").read_text() + (tmp_path / "c").read_text())
    with odd_host({"p.yaml": b"content"}, file) as host:
        fetched = downloads(f"localhost:{host.server_port}", f"127.0.0.1:{host.server_port}")
        url = f"https://localhost:{host.server_port}/p.yaml"
        with pytest.raises(Unavailable, match="SSLCertVerificationError"):
            fetched.fetch(url, LIMIT)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "c"))
        assert fetched.fetch(url, LIMIT) == b"content"
        with pytest.raises(Unavailable, match="SSLCertVerificationError"):
            fetched.fetch(url.replace("localhost", "127.0.0.1"), LIMIT)
        with pytest.raises(InvalidInput, match="from https to http"):
            fetched.fetch(url.replace("p.yaml", f"redirect?to=http://{host.name}/p.yaml"), LIMIT)
