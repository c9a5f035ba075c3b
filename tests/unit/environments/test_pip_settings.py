"""pip's settings as uv understands them."""

from pathlib import Path

from pinnace.environments.pip_settings import installer_settings


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_files_and_variables_in_the_order_of_pip(tmp_path: Path) -> None:
    _written(tmp_path / "home/.config/pip/pip.conf", "[global]\nindex-url = http://user\ncert = /user.pem\n")
    _written(tmp_path / "prefix/pip.conf", "[install]\nindex-url = http://site\nfind-links =\n  /one\n  /two\n")
    environ = {
        "HOME": str(tmp_path / "home"),
        "PIP_EXTRA_INDEX_URL": "http://extra http://more",
        "XDG_CONFIG_DIRS": "/no",
    }
    settings = installer_settings(environ, str(tmp_path / "prefix"), "/no")
    assert settings.options == ("--find-links", "/one", "--find-links", "/two")
    assert settings.variables == {
        "UV_DEFAULT_INDEX": "http://site",
        "UV_INDEX": "http://extra http://more",
        "SSL_CERT_FILE": "/user.pem",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


def test_what_is_set_for_uv_stays(tmp_path: Path) -> None:
    environ = {
        "HOME": str(tmp_path),
        "XDG_CONFIG_DIRS": "/no",
        "PIP_INDEX_URL": "http://pip",
        "UV_DEFAULT_INDEX": "http://uv",
        "PIP_FIND_LINKS": "/pip",
        "UV_FIND_LINKS": "/uv",
        "UV_INDEX_STRATEGY": "first-index",
        "PIP_TRUSTED_HOST": "host:8080",
        "PIP_NO_INDEX": "1",
    }
    settings = installer_settings(environ, str(tmp_path), "/no")
    assert settings.options == ("--no-index", "--allow-insecure-host", "host:8080")
    assert settings.variables == {}


def test_a_named_file_comes_last_and_null_means_none(tmp_path: Path) -> None:
    named = _written(tmp_path / "named.conf", "[global]\nindex-url = http://named\n")
    _written(tmp_path / "prefix/pip.conf", "[global]\nindex-url = http://site\n")
    environ = {"HOME": str(tmp_path), "PIP_CONFIG_FILE": str(named)}
    assert installer_settings(environ, str(tmp_path / "prefix"), "/no").variables["UV_DEFAULT_INDEX"] == "http://named"
    environ["PIP_CONFIG_FILE"] = "/dev/null"
    assert "UV_DEFAULT_INDEX" not in installer_settings(environ, str(tmp_path / "prefix"), "/no").variables
