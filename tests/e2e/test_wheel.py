"""The built package works by itself, from an empty directory."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from pinnace import __version__
from pinnace.cli.client import Client
from pinnace.cli.server_file import require_server
from pinnace.testing.command import PinnaceCommand

ROOT = Path(__file__).resolve().parents[2]
MAX_WHEEL_BYTES = 2_000_000


def check_call(*command: str | Path, directory: Path) -> None:
    done = subprocess.run([*map(str, command)], cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built in isolation from a copy of what is needed."""
    target = tmp_path_factory.mktemp("dist")
    check_call(sys.executable, "-m", "uv", "build", "--wheel", "--quiet", "--out-dir", target, directory=ROOT)
    return next(target.glob("*.whl"))


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.split("/")[0].endswith(".dist-info")}
    package = ROOT / "src" / "pinnace"
    files = {path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert names == {f"pinnace/{path.relative_to(package)}" for path in files}
    assert wheel.stat().st_size < MAX_WHEEL_BYTES


def test_the_installed_package_serves_from_an_empty_directory(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    check_call(sys.executable, "-m", "venv", "--without-pip", environment, directory=tmp_path)
    python = environment / "bin" / "python"
    check_call(
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--python",
        python,
        wheel,
        directory=tmp_path,
    )
    # The dependencies are those of this test's own environment; Pinnace itself must not be.
    site = next((environment / "lib").glob("python*/site-packages"))
    parts = [path for path in sys.path if path.endswith("site-packages")]
    (site / "dependencies.pth").write_text("\n".join(parts) + "\n")

    empty = tmp_path / "empty"
    empty.mkdir()
    command = PinnaceCommand(empty / "data", program=(str(environment / "bin" / "pinnace"),))
    assert command("--version").stdout == f"pinnace {__version__}\n"
    where = subprocess.check_output([python, "-c", "import pinnace; print(pinnace.__file__)"], text=True, cwd=empty)
    assert where.strip().startswith(str(environment))
    command.start()
    try:
        server = require_server(command.data)
        answer = Client(server.address).get("/apis/v2beta1/healthz")
        assert answer["multi_user"] is False
        assert command("status").returncode == 0
    finally:
        command.stop()


def test_every_dependency_has_bounds() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    unbounded = [requirement for requirement in project["dependencies"] if "<" not in requirement]
    # These are numbered by date: a bound would be a guess.
    assert [name for name in unbounded if not name.startswith(("fsspec", "tzdata"))] == []
