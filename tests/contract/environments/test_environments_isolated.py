"""Environments that hold what is declared and nothing else."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pinnace.environments.pythons import Pythons
from pinnace.environments.uv import Uv

SDK = "kfp==2.17.0"


def said_by(environment: Any, script: str) -> list[str]:
    done = subprocess.run([environment.python, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.split()


def missing(environment: Any, *modules: str) -> list[str]:
    script = "import importlib.util, sys\nprint(*[name for name in sys.argv[1:] if not importlib.util.find_spec(name)])"
    command = [environment.python, "-c", script, *modules]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def test_nothing_of_the_server_can_be_imported(bench: Any) -> None:
    environment = bench.isolated("pinnacebeta", sdk_requirements=(SDK,))
    servers = ["fastapi", "packaging", "pinnace", "pip", "sqlalchemy", "uv"]
    assert missing(environment, "kfp", "pinnacebeta", *servers) == servers
    assert said_by(environment, "import sys; print(sys.prefix, sys.executable)") == [
        environment.virtual_env,
        environment.python,
    ]
    assert environment.is_isolated
    assert environment.directories == (str(Path(environment.virtual_env) / "bin"),)


def test_the_sdk_is_installed_as_it_asks_for_it(bench: Any) -> None:
    assert missing(bench.isolated(sdk_requirements=(SDK,)), "kfp", "pinnacebeta") == ["pinnacebeta"]
    first = bench.isolated(sdk_requirements=("kfp==2.0.1",))
    assert said_by(first, "import kfp, pinnacebeta; print(kfp.VERSION, pinnacebeta.VERSION)") == ["2.0.1", "2.5"]


def test_without_the_sdk_there_is_only_what_is_declared(bench: Any) -> None:
    assert missing(bench.isolated("pinnacebeta"), "kfp", "pinnacebeta") == ["kfp"]
    assert missing(bench.isolated(), "kfp", "pinnacebeta") == ["kfp", "pinnacebeta"]


def test_a_package_may_bring_another_version_of_the_sdk(bench: Any) -> None:
    environment = bench.isolated("kfp<2.10", sdk_requirements=(SDK,))
    assert said_by(environment, "import kfp; print(kfp.VERSION)") == ["2.0.1"]


def test_every_module_is_compiled(bench: Any) -> None:
    environment = bench.isolated("pinnacebeta", sdk_requirements=(SDK,))
    [packages] = Path(environment.virtual_env).glob("lib/python*/site-packages")
    modules = sorted(packages.glob("*.py"))
    assert {module.stem for module in modules} >= {"kfp", "pinnacebeta"}
    for module in modules:
        assert list((packages / "__pycache__").glob(f"{module.stem}.*.pyc")), module


def test_a_version_that_is_not_on_the_machine_is_said(bench: Any) -> None:
    environment = bench.isolated("pinnacebeta", python_version="3.99")
    ours = f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    assert said_by(environment, "import platform; print(platform.python_version())") == [ours]
    assert environment.note == (
        "The component's image has Python 3.99, which was not found on this machine: the task runs with "
        f"Python {ours}. To change that, install Python 3.99."
    )
    assert bench.isolated("pinnacebeta").note == ""


def test_the_version_of_the_image_where_it_is_on_the_machine(bench: Any) -> None:
    bench.environ["PYENV_ROOT"] = os.environ.get("PYENV_ROOT") or str(Path.home() / ".pyenv")
    uv = Uv(bench.environ)
    others = [f"3.{minor}" for minor in range(9, 16) if minor != sys.version_info.minor]
    found = {version: asyncio.run(Pythons(sys.executable, uv, bench.environ).find(version)) for version in others}
    version = next((version for version, python in found.items() if python), None)
    if version is None:
        pytest.skip("the machine has one Python only")
    environment = bench.isolated("pinnacebeta", python_version=version)
    assert said_by(environment, "import sys, pinnacebeta; print('%d.%d' % sys.version_info[:2])") == [version]
    assert environment.note == ""


def test_interpreters_of_pyenv_are_found_though_they_are_not_on_the_path(bench: Any, tmp_path: Path) -> None:
    minor = f"{sys.version_info.major}.{sys.version_info.minor}"
    place = tmp_path / f"pyenv/versions/{minor}.{sys.version_info.micro}/bin"
    place.mkdir(parents=True)
    real = Path(sys.executable).resolve()
    (place / f"python{minor}").symlink_to(real)
    environ = bench.environ | {"PATH": str(tmp_path), "UV_PYTHON_INSTALL_DIR": str(tmp_path / "none")}
    elsewhere = Pythons(sys.executable, Uv(environ), environ)
    assert asyncio.run(elsewhere.find(minor)) == ""
    environ["PYENV_ROOT"] = str(tmp_path / "pyenv")
    found = asyncio.run(Pythons(sys.executable, Uv(environ), environ).find(minor))
    assert Path(found).resolve() == real
