"""Environments layered on one base interpreter, built by uv and kept by their content."""

import asyncio
import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from uv import find_uv_bin

from pinnace.domain.environments import EnvironmentSpec
from pinnace.environments.interpreter import Interpreter, InterpreterProbe
from pinnace.environments.pip_settings import installer_settings
from pinnace.environments.requirements import Declared, lacking, sort_out
from pinnace.ports.environments import Environment, EnvironmentFailed

_LOCK_POLL_SECONDS: Final = 0.1
_NAMED_AT_MOST: Final = 3
_BASE_LAYER: Final = "_pinnace_base.pth"
_ADDED: Final = " + "
_PREAMBLE: Final = "Using Python "


@dataclass(frozen=True, slots=True)
class _Plan:
    """A layer to build: what for, on what, with which options."""

    interpreter: Interpreter
    packages: tuple[str, ...]
    options: tuple[str, ...]
    variables: Mapping[str, str]

    @property
    def key(self) -> str:
        """The name of its directory: the same for the same packages on the same base."""
        installed = sorted((name, found.version) for name, found in self.interpreter.installed.items())
        content = [self.interpreter.python, dict(self.interpreter.markers), installed, self.packages, self.options]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:24]


class EnvironmentStore:
    """Adapter of ``ports.environments.Environments`` in the mode ``inherit``.

    A base interpreter that has what is asked for is used as it is. Otherwise what is missing is layered on it, in a
    virtual environment that sees the base behind its own packages. The base itself is never changed.

    Args:
        root: Directory for the layers; created when needed.
        base_python: The interpreter.
        environ: Where the user's settings for pip and uv are found; the server's variables by default.
    """

    def __init__(self, root: str, base_python: str, environ: Mapping[str, str] | None = None) -> None:
        self._root = Path(root)
        self._probe = InterpreterProbe(base_python)
        self._environ = dict(os.environ if environ is None else environ)
        self._builds: dict[str, asyncio.Task[Environment]] = {}

    async def prepare(self, spec: EnvironmentSpec, announce: Callable[[str], None]) -> Environment:
        """See the port."""
        interpreter = await asyncio.to_thread(self._probe.ask)
        declared = sort_out(spec.requirements)
        missing = lacking(declared.packages, interpreter)
        if not missing:
            return _of_base(interpreter)
        plan = self._plan(interpreter, declared, missing, spec.index_urls)
        if plan.key not in self._builds:
            build = self._builds[plan.key] = asyncio.create_task(self._find_or_build(plan))
            build.add_done_callback(lambda _: self._builds.pop(plan.key, None))
            build.add_done_callback(lambda done: done.cancelled() or done.exception())
        if not self._directory(plan).exists():
            announce(f"Installing {_names(missing)}.")
        return await asyncio.shield(self._builds[plan.key])

    def _plan(
        self, interpreter: Interpreter, declared: Declared, missing: tuple[str, ...], index_urls: tuple[str, ...]
    ) -> _Plan:
        settings = installer_settings(self._environ, interpreter.prefix)
        options = [*settings.options, *declared.options]
        for position, url in enumerate(index_urls):
            options += ["--extra-index-url" if position else "--index-url", url]
        packages = (
            *missing,
            *(package for package in declared.packages if package not in missing and not _is_sdk(package)),
        )
        return _Plan(interpreter, packages, tuple(options), settings.variables)

    def _directory(self, plan: _Plan) -> Path:
        return self._root / plan.key

    async def _find_or_build(self, plan: _Plan) -> Environment:
        target = self._directory(plan)
        await asyncio.to_thread(self._root.mkdir, mode=0o700, parents=True, exist_ok=True)
        async with _locked(self._root / f"{plan.key}.lock"):
            if not target.exists():
                draft = self._root / f"{plan.key}.draft"
                try:
                    await self._build(plan, draft)
                    draft.rename(target)
                finally:
                    shutil.rmtree(draft, ignore_errors=True)
        return _of_layer(target, plan.interpreter)

    async def _build(self, plan: _Plan, draft: Path) -> None:
        shutil.rmtree(draft, ignore_errors=True)
        await self._uv(plan, "venv", "--relocatable", "--no-project", "--python", plan.interpreter.python, str(draft))
        resolved = await self._resolve(plan)
        if resolved:
            pinned = draft / "layer.txt"
            pinned.write_text("\n".join(resolved) + "\n", encoding="utf-8")
            python = str(draft / "bin/python")
            await self._uv(
                plan,
                "pip",
                "install",
                "--python",
                python,
                "--no-deps",
                "--compile-bytecode",
                "-r",
                str(pinned),
                *plan.options,
            )
        lines = "".join(f"import site; site.addsitedir({site!r})\n" for site in plan.interpreter.sites)
        site_packages = next((draft / "lib").glob("python*/site-packages"))
        (site_packages / _BASE_LAYER).write_text(lines, encoding="utf-8")

    async def _resolve(self, plan: _Plan) -> list[str]:
        """What pip would add to the base, in exact versions: installed packages are kept wherever they fit."""
        command = ("pip", "install", "--dry-run", "--break-system-packages", "--python", plan.interpreter.python)
        report = await self._uv(plan, *command, *plan.options, "--", *plan.packages)
        return [line[len(_ADDED) :].strip() for line in report.splitlines() if line.startswith(_ADDED)]

    async def _uv(self, plan: _Plan, *words: str) -> str:
        """Run uv; its report. Raises EnvironmentFailed with its own words."""
        uv = await asyncio.create_subprocess_exec(
            find_uv_bin(),
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**self._environ, **plan.variables, "NO_COLOR": "1", "UV_NO_PROGRESS": "1"},
            cwd=self._root,
            start_new_session=True,
        )
        try:
            report = (await uv.communicate())[0].decode(errors="replace")
        except asyncio.CancelledError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(uv.pid, signal.SIGKILL)
            await uv.wait()
            raise
        if uv.returncode != 0:
            said = "\n".join(line for line in report.strip().splitlines() if not line.startswith(_PREAMBLE))
            raise EnvironmentFailed(f"The packages {', '.join(plan.packages)} could not be installed: {said}")
        return report


@contextlib.asynccontextmanager
async def _locked(path: Path) -> AsyncIterator[None]:
    """Hold a lock that other servers on the same directory respect; freed by the system if this one dies."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        locked = _try_lock(descriptor)
        while not locked:
            await asyncio.sleep(_LOCK_POLL_SECONDS)
            locked = _try_lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _of_base(interpreter: Interpreter) -> Environment:
    directory = str(Path(interpreter.python).parent)
    return Environment(interpreter.python, (directory,), interpreter.prefix if interpreter.is_virtual else "")


def _of_layer(layer: Path, interpreter: Interpreter) -> Environment:
    base = _of_base(interpreter)
    return Environment(str(layer / "bin/python"), (str(layer / "bin"), *base.directories), str(layer))


def _names(packages: tuple[str, ...]) -> str:
    shown = ", ".join(packages[:_NAMED_AT_MOST])
    return shown if len(packages) <= _NAMED_AT_MOST else f"{shown} and {len(packages) - _NAMED_AT_MOST} more"


def _is_sdk(package: str) -> bool:
    try:
        return canonicalize_name(Requirement(package).name) == "kfp"
    except InvalidRequirement:
        return False
