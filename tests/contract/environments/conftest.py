"""A user whose packages lie on this disk, and a uv whose calls are counted."""

import asyncio
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from uv import find_uv_bin

from pinnace.domain.environments import EnvironmentMode, EnvironmentSpec
from pinnace.environments.store import EnvironmentStore
from pinnace.ports.environments import Environment
from pinnace.testing.wheels import write_wheel


@dataclass
class Bench:
    """Environments below one directory.

    Attributes:
        environ: The user's variables.
        uv: A program that writes a line a call, and then is uv; it waits while the file *gate* is there.
    """

    root: Path
    python: str
    environ: dict[str, str]
    uv: Path
    calls: Path
    gate: Path
    announced: list[str] = field(default_factory=list)

    def store(self, **options: Any) -> EnvironmentStore:
        options = {"uv": str(self.uv), **options}
        return EnvironmentStore(str(self.root), self.python, self.environ, **options)

    def prepare(self, *requirements: str, store: EnvironmentStore | None = None, **more: Any) -> Environment:
        """An environment in the mode inherit, unless *more* says otherwise."""
        self.announced.clear()
        spec = EnvironmentSpec(requirements=requirements, **more)
        return asyncio.run((store or self.store()).prepare(spec, self.announced.append))

    def isolated(self, *requirements: str, **more: Any) -> Environment:
        return self.prepare(*requirements, mode=EnvironmentMode.ISOLATED, **more)

    def resolutions(self) -> list[str]:
        """The calls that resolved or installed something."""
        return [line for line in self.all_calls() if line.startswith("pip install")]

    def all_calls(self) -> list[str]:
        return self.calls.read_text().splitlines() if self.calls.exists() else []

    def built(self) -> list[Path]:
        return [path for path in self.root.iterdir() if path.is_dir()] if self.root.exists() else []


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uv-cache")


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("wheels")
    write_wheel(directory, "pinnacealpha", "1.0", ("packaging", "pinnacebeta>=2"))
    write_wheel(directory, "pinnacebeta", "2.5")
    write_wheel(directory, "pinnacebeta", "3.0")
    write_wheel(directory, "pinnacebroken", "1.0", ("pinnacebeta<2",))
    write_wheel(directory, "pinnacegamma", "1.0", ("pinnacebeta>=2",))
    write_wheel(directory, "pinnacegamma", "2.0", ("pinnacebeta>=3",))
    write_wheel(directory, "kfp", "2.0.1", ("pinnacebeta==2.5",))
    write_wheel(directory, "kfp", "2.17.0", ("pinnacebeta==2.5",))
    write_wheel(directory, "kfp", "1.8.22")
    return directory


@pytest.fixture
def environ(tmp_path: Path, cache: Path, wheels: Path) -> dict[str, str]:
    """The variables of a user whose packages come from a directory, as set for pip."""
    home = tmp_path / "home"
    home.mkdir()
    user = {"PATH": os.environ["PATH"], "HOME": str(home), "UV_CACHE_DIR": str(cache), "PIP_CONFIG_FILE": os.devnull}
    return user | {"PIP_FIND_LINKS": str(wheels), "PIP_NO_INDEX": "1"}


@pytest.fixture
def bench(tmp_path: Path, environ: dict[str, str]) -> Bench:
    """On the interpreter that runs the tests, which has packaging, kfp and fastapi."""
    calls, gate, program = tmp_path / "calls", tmp_path / "gate", tmp_path / "uv"
    program.write_text(
        dedent(f"""\
        #!/bin/sh
        echo "$@" >> {calls}
        echo $$ > {tmp_path}/last
        while [ -e {gate} ]; do sleep 0.05; done
        exec {find_uv_bin()} "$@"
        """)
    )
    program.chmod(0o755)
    return Bench(tmp_path / "environments", sys.executable, environ, program, calls, gate)


@pytest.fixture
def bare(bench: Bench, tmp_path: Path, environ: dict[str, str]) -> Bench:
    """On a virtual environment that has pinnacebeta 2.5, and nothing else."""
    base = tmp_path / "base"
    python = str(base / "bin/python")
    subprocess.run([find_uv_bin(), "venv", "-q", "--python", sys.executable, base], check=True, env=environ)
    words = ["pip", "install", "-q", "--python", python, "--no-index", "--find-links", environ["PIP_FIND_LINKS"]]
    subprocess.run([find_uv_bin(), *words, "pinnacebeta==2.5"], check=True, env=environ)
    bench.python = python
    return bench
