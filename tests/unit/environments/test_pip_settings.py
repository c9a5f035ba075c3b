"""pip's settings as uv understands them."""

from pathlib import Path
from typing import Any

import pytest

from pinnace.environments import pip_settings
from pinnace.environments.pip_settings import InstallerSettings, installer_settings
from pinnace.ports.environments import EnvironmentFailed


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this machine's own settings."""
    monkeypatch.setattr(pip_settings, "_system_has_certificates", lambda: False)


def read(tmp_path: Path, **environ: str) -> InstallerSettings:
    home = {"HOME": str(tmp_path / "home"), "XDG_CONFIG_DIRS": "/no"}
    return installer_settings({**home, **environ}, str(tmp_path / "prefix"), "/no")


def test_files_and_variables_in_the_order_of_pip(tmp_path: Path) -> None:
    _written(tmp_path / "home/.config/pip/pip.conf", "[global]\nindex-url = http://user\ncert = /user.pem\n")
    _written(tmp_path / "prefix/pip.conf", "[install]\nindex-url = http://site\nfind-links =\n  /one\n  /two\n")
    settings = read(tmp_path, PIP_EXTRA_INDEX_URL="http://extra http://more")
    assert settings.options == ("--find-links", "/one", "--find-links", "/two")
    assert settings.variables == {"SSL_CERT_FILE": "/user.pem"}
    assert settings.sources == {
        "UV_DEFAULT_INDEX": "http://site",
        "UV_INDEX": "http://extra http://more",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


def test_variables_that_are_set_for_uv_stay(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        PIP_INDEX_URL="http://pip",
        UV_DEFAULT_INDEX="http://uv",
        PIP_EXTRA_INDEX_URL="http://more",
        UV_INDEX="http://uvs",
        PIP_FIND_LINKS="/pip",
        UV_FIND_LINKS="/uv",
        UV_INDEX_STRATEGY="first-index",
        PIP_TRUSTED_HOST="host:8080",
        PIP_NO_INDEX="1",
        PIP_CERT="/pip.pem",
        SSL_CERT_FILE="/uv.pem",
    )
    assert settings == InstallerSettings(("--no-index", "--allow-insecure-host", "host:8080"), {}, {})


def test_files_of_uv_count_as_much(tmp_path: Path) -> None:
    text = 'index-strategy = "first-index"\nallow-insecure-host = ["a"]\n[[index]]\nurl = "http://uv"\n'
    _written(tmp_path / "home/.config/uv/uv.toml", text)
    pip = {"PIP_INDEX_URL": "http://pip", "PIP_EXTRA_INDEX_URL": "http://more", "PIP_TRUSTED_HOST": "b"}
    assert read(tmp_path, **pip) == InstallerSettings((), {}, {})
    assert read(tmp_path, UV_NO_CONFIG="1", **pip).sources["UV_DEFAULT_INDEX"] == "http://pip"
    named = _written(tmp_path / "named.toml", '[pip]\nindex-url = "http://uv"\n')
    assert read(tmp_path, UV_CONFIG_FILE=str(named), **pip).sources == {
        "UV_INDEX": "http://more",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


@pytest.mark.parametrize(
    ("variable", "value", "options"),
    [
        ("PIP_PRE", "1", ("--prerelease", "allow")),
        ("PIP_PRE", "0", ()),
        ("PIP_CONSTRAINT", "/a.txt /b.txt", ("-c", "/a.txt", "-c", "/b.txt")),
        ("PIP_ONLY_BINARY", ":all:", ("--only-binary", ":all:")),
        ("PIP_NO_BINARY", "a,b", ("--no-binary", "a", "--no-binary", "b")),
        (
            "PIP_TRUSTED_HOST",
            "https://me:secret@host:8080/simple",
            ("--allow-insecure-host", "host:8080"),
        ),
    ],
)
def test_options(tmp_path: Path, variable: str, value: str, options: tuple[str, ...]) -> None:
    assert read(tmp_path, **{variable: value}).options == options


@pytest.mark.parametrize(
    ("environ", "variables"),
    [
        ({"PIP_CLIENT_CERT": "/me.pem"}, {"SSL_CLIENT_CERT": "/me.pem"}),
        ({"PIP_PROXY": "http://p", "HTTPS_PROXY": "http://q"}, {"HTTP_PROXY": "http://p"}),
        ({"PIP_TIMEOUT": "90"}, {"UV_HTTP_TIMEOUT": "90"}),
        ({"PIP_DEFAULT_TIMEOUT": "90"}, {"UV_HTTP_TIMEOUT": "90"}),
        ({"PIP_TIMEOUT": "90", "UV_HTTP_TIMEOUT": "30"}, {}),
        ({"PIP_KEYRING_PROVIDER": "subprocess"}, {"UV_KEYRING_PROVIDER": "subprocess"}),
        ({"REQUESTS_CA_BUNDLE": "/r.pem", "CURL_CA_BUNDLE": "/c.pem"}, {"SSL_CERT_FILE": "/r.pem"}),
        ({"REQUESTS_CA_BUNDLE": "/r.pem", "PIP_CERT": "/p.pem"}, {"SSL_CERT_FILE": "/p.pem"}),
        ({"REQUESTS_CA_BUNDLE": "/r.pem", "SSL_CERT_DIR": "/certs"}, {}),
    ],
)
def test_variables(tmp_path: Path, environ: dict[str, str], variables: dict[str, str]) -> None:
    assert read(tmp_path, **environ).variables == variables


def test_what_the_system_trusts_is_trusted_as_pip_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pip_settings, "_system_has_certificates", lambda: True)
    assert read(tmp_path).variables == {"UV_SYSTEM_CERTS": "1"}
    assert read(tmp_path, UV_SYSTEM_CERTS="0").variables == {}
    assert read(tmp_path, PIP_CERT="/p.pem").variables == {"SSL_CERT_FILE": "/p.pem"}


def test_a_named_file_comes_last_and_null_means_none(tmp_path: Path) -> None:
    named = _written(tmp_path / "named.conf", "[global]\nindex-url = http://named\n")
    _written(tmp_path / "prefix/pip.conf", "[global]\nindex-url = http://site\n")
    assert read(tmp_path, PIP_CONFIG_FILE=str(named)).sources["UV_DEFAULT_INDEX"] == "http://named"
    assert "UV_DEFAULT_INDEX" not in read(tmp_path, PIP_CONFIG_FILE="/dev/null").sources


def test_what_a_component_declares_comes_over_it(tmp_path: Path) -> None:
    environ: dict[str, Any] = {"PIP_INDEX_URL": "http://mine", "PIP_EXTRA_INDEX_URL": "http://extra"}
    settings = read(tmp_path, **environ).of_component(
        ("http://main", "http://further"), ("http://main/simple",), environ
    )
    assert settings.options == ("--allow-insecure-host", "main")
    assert settings.sources["UV_DEFAULT_INDEX"] == "http://main"
    assert settings.sources["UV_INDEX"] == "http://further http://extra"
    environ = {"UV_INDEX": "http://extra"}
    settings = read(tmp_path, **environ).of_component(("http://main", "http://further"), (), environ)
    assert settings.sources["UV_INDEX"] == "http://further http://extra"


@pytest.mark.parametrize("text", ["index-url = x\n", "[global]\nindex-url = a\nindex-url = b\n", "[global]\n\xff"])
def test_a_file_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "prefix/pip.conf"
    path.parent.mkdir(parents=True)
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(EnvironmentFailed, match="settings of pip cannot be read"):
        read(tmp_path)
