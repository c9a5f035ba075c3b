"""Environments that uv really builds, from packages on this disk."""

import asyncio
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pinnace.domain.environments import EnvironmentSpec
from pinnace.environments.store import EnvironmentStore
from pinnace.ports.environments import Environment, EnvironmentFailed


def _wheel(directory: Path, name: str, version: str, requires: tuple[str, ...] = ()) -> None:
    """A package with a module, a console script, and requirements."""
    facts = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
    with zipfile.ZipFile(directory / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", f"VERSION = {version!r}\ndef say():\n    print('says', VERSION)\n")
        wheel.writestr(f"{facts}/METADATA", metadata)
        wheel.writestr(f"{facts}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{facts}/entry_points.txt", f"[console_scripts]\n{name}-say = {name}:say\n")
        wheel.writestr(f"{facts}/RECORD", "")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uv-cache")


@pytest.fixture
def environ(tmp_path: Path, cache: Path) -> dict[str, str]:
    """The variables of a user whose packages come from a directory, as set for pip."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    _wheel(wheels, "pinnacealpha", "1.0", ("packaging", "pinnacebeta>=2"))
    _wheel(wheels, "pinnacebeta", "2.5")
    _wheel(wheels, "pinnacebroken", "1.0", ("pinnacebeta<2",))
    settings = {"PIP_FIND_LINKS": str(wheels), "PIP_NO_INDEX": "1", "UV_CACHE_DIR": str(cache)}
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | settings


def _store(tmp_path: Path, environ: dict[str, str]) -> EnvironmentStore:
    return EnvironmentStore(str(tmp_path / "environments"), sys.executable, environ)


def _prepare(store: EnvironmentStore, *requirements: str) -> tuple[Environment, list[str]]:
    announced: list[str] = []
    return asyncio.run(store.prepare(EnvironmentSpec(requirements=requirements), announced.append)), announced


def test_a_base_that_has_everything_is_used_as_it_is(tmp_path: Path, environ: dict[str, str]) -> None:
    words = ("packaging", "kfp==2.0.1", "--no-deps", "typing-extensions>=3.7.4,<5; python_version<'3.9'")
    environment, announced = _prepare(_store(tmp_path, environ), *words)
    assert environment.python == sys.executable
    assert environment.directories == (str(Path(sys.executable).parent),)
    assert announced == []
    assert not (tmp_path / "environments").exists()


def test_what_is_missing_is_layered_on_the_base(tmp_path: Path, environ: dict[str, str]) -> None:
    environment, announced = _prepare(_store(tmp_path, environ), "pinnacealpha", "packaging")
    assert announced == ["Installing pinnacealpha."]
    script = "import pinnacealpha, pinnacebeta, packaging, kfp, sys\n"
    script += "print(pinnacebeta.VERSION, packaging.__file__, sys.prefix)"
    said = subprocess.run([environment.python, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert said[0] == "2.5"
    assert not Path(said[1]).is_relative_to(environment.virtual_env), "a package that the base has was installed again"
    assert said[2] == environment.virtual_env
    path = os.pathsep.join([*environment.directories, os.environ["PATH"]])
    found = subprocess.run(["pinnacealpha-say"], env={"PATH": path}, capture_output=True, text=True, check=True)
    assert found.stdout == "says 1.0\n"


def test_the_base_is_not_changed(tmp_path: Path, environ: dict[str, str]) -> None:
    _prepare(_store(tmp_path, environ), "pinnacealpha")
    done = subprocess.run([sys.executable, "-c", "import pinnacealpha"], capture_output=True, check=False)
    assert done.returncode != 0


def test_many_that_ask_together_share_one_build(tmp_path: Path, environ: dict[str, str]) -> None:
    async def scenario() -> set[Environment]:
        stores = [_store(tmp_path, environ), _store(tmp_path, environ)]
        calls = [
            store.prepare(EnvironmentSpec(requirements=("pinnacebeta",)), lambda _: None)
            for store in stores
            for _ in range(10)
        ]
        return set(await asyncio.gather(*calls))

    environments = asyncio.run(scenario())
    assert len(environments) == 1
    built = [path for path in (tmp_path / "environments").iterdir() if path.is_dir()]
    assert [str(path) for path in built] == [environments.pop().virtual_env]


def test_a_built_environment_is_found_again(tmp_path: Path, environ: dict[str, str]) -> None:
    first, _ = _prepare(_store(tmp_path, environ), "pinnacebeta")
    stamp = Path(first.virtual_env).stat()
    again, announced = _prepare(_store(tmp_path, environ), "pinnacebeta")
    assert again == first
    assert announced == []
    assert Path(first.virtual_env).stat().st_ino == stamp.st_ino


@pytest.mark.parametrize(
    ("requirements", "words"),
    [(("pinnacenonesuch==9",), "pinnacenonesuch"), (("pinnacealpha", "pinnacebroken"), "pinnacebeta<2")],
    ids=["no such package", "conflict"],
)
def test_a_failed_build_says_what_the_resolver_said(
    tmp_path: Path, environ: dict[str, str], requirements: tuple[str, ...], words: str
) -> None:
    with pytest.raises(EnvironmentFailed, match="could not be installed: error: No solution") as failed:
        _prepare(_store(tmp_path, environ), *requirements)
    assert words in str(failed.value)
    assert not [path for path in (tmp_path / "environments").iterdir() if path.is_dir()]


def test_an_interpreter_that_does_not_work(tmp_path: Path) -> None:
    store = EnvironmentStore(str(tmp_path), str(tmp_path / "missing/python"), {})
    with pytest.raises(EnvironmentFailed, match="does not work"):
        asyncio.run(store.prepare(EnvironmentSpec(), lambda _: None))
