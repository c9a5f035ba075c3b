"""What ``make`` does before anything is installed."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def setup_venv() -> ModuleType:
    specification = importlib.util.spec_from_file_location("setup_venv", ROOT / "tools" / "setup_venv.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_uv_is_told_what_pip_is_told(setup_venv: ModuleType) -> None:
    listing = """
:env:.find-links='/wheels /more wheels'
global.cert='/certificates.pem'
global.extra-index-url='https://a.example/simple https://b.example/simple'
global.index-url='https://old.example/simple'
install.index-url='https://new.example/simple'
install.trusted-host='a.example'
list.format='columns'
"""
    assert setup_venv.uv_settings(listing) == {
        "UV_FIND_LINKS": "/wheels,/more,wheels",
        "SSL_CERT_FILE": "/certificates.pem",
        "UV_INDEX": "https://a.example/simple https://b.example/simple",
        "UV_DEFAULT_INDEX": "https://new.example/simple",
        "UV_INSECURE_HOST": "a.example",
    }


def test_lines_that_are_no_settings_are_passed_over(setup_venv: ModuleType) -> None:
    assert setup_venv.uv_settings("WARNING: something\nglobal.index-url=unquoted\n") == {}


def test_the_newest_of_everything_keeps_lower_bounds_and_markers(setup_venv: ModuleType, tmp_path: Path) -> None:
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text(
        '[project]\ndependencies = ["a>=1.2,<2", "b[x,y]<3,>=2; python_version < \'3.12\'", "c"]\n'
        '[dependency-groups]\ndev = ["d==1.0"]\n'
    )
    assert setup_venv.requirements(pyproject, dev=False, bounded=True) == [
        "a>=1.2,<2",
        "b[x,y]<3,>=2; python_version < '3.12'",
        "c",
    ]
    assert setup_venv.requirements(pyproject, dev=True, bounded=False) == [
        "a>=1.2",
        "b[x,y]>=2; python_version < '3.12'",
        "c",
        "d",
    ]


def test_the_project_itself_is_understood(setup_venv: ModuleType) -> None:
    found = setup_venv.requirements(ROOT / "pyproject.toml", dev=True, bounded=False)
    assert {"kfp>=2.14", "pytest>=9"} <= set(found)
    assert not any("<" in requirement.partition(";")[0] for requirement in found)
