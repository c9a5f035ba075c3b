"""The adapter of ``ports.environments``: environments made by uv, kept by their content."""

import asyncio
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pinnace.domain.environments import EnvironmentMode, EnvironmentSpec
from pinnace.environments.builder import Builder
from pinnace.environments.interpreter import Interpreter
from pinnace.environments.locks import locked
from pinnace.environments.pip_settings import InstallerSettings, installer_settings
from pinnace.environments.plans import Plan, of_later_sdk, sorted_out
from pinnace.environments.progress import Progress
from pinnace.environments.pythons import Pythons
from pinnace.environments.requirements import lacking, to_layer
from pinnace.environments.shelf import LOCK, Shelf
from pinnace.environments.uv import Uv, UvFailed
from pinnace.ports.environments import Environment, EnvironmentFailed
from pinnace.ports.telemetry import NO_TELEMETRY, Telemetry

_FAILURE_HOLDS_SECONDS: Final = 60.0
_BUILDS: Final = 3
"""How often a build begins whose uv is killed each time."""


class _DoesNotFit(Exception):
    """The packages do not go with those of the interpreter; carries the resolver's words."""


@dataclass(slots=True)
class _Build:
    progress: Progress
    task: asyncio.Task[None]


@dataclass(frozen=True, slots=True)
class _Failure:
    kind: type[EnvironmentFailed] | type[_DoesNotFit]
    words: str
    at: float


class EnvironmentStore:
    """Finds or builds environments.

    ``inherit``: a base interpreter that has what is asked for is used as it is. Otherwise what is missing is layered on
    it, in a virtual environment that sees the base behind its own packages. Where that is impossible, since what is
    asked for and what the base has exclude each other, the task gets an isolated environment, and a note that says so.
    The base itself is never changed.

    ``isolated``: a virtual environment with what is asked for and nothing else.

    A build that has failed is not tried again for a minute, unless its trouble may be over by then (the network's).

    Args:
        root: Directory for the environments; created when needed.
        base_python: The base interpreter.
        environ: Where the user's settings for pip and uv are found; the server's variables by default.
        budget: Bytes that all environments together may take; those used longest ago go first. No limit by default.
        uv: The program uv; by default that of the installed package.
        telemetry: Is told how long builds took.
    """

    def __init__(
        self,
        root: str,
        base_python: str,
        environ: Mapping[str, str] | None = None,
        *,
        budget: int = sys.maxsize,
        uv: str = "",
        telemetry: Telemetry = NO_TELEMETRY,
    ) -> None:
        self._shelf = Shelf(Path(root))
        self._environ = dict(os.environ if environ is None else environ)
        self._budget = budget
        self._telemetry = telemetry
        runner = Uv(self._environ, uv)
        self._pythons = Pythons(base_python, runner, self._environ)
        self._builder = Builder(runner)
        self._builds: dict[str, _Build] = {}
        self._failures: dict[str, _Failure] = {}

    async def prepare(self, spec: EnvironmentSpec, announce: Callable[[str], None]) -> Environment:
        """See the port."""
        base = await asyncio.to_thread(self._pythons.base)
        if spec.mode == EnvironmentMode.ISOLATED:
            return await self._isolated(spec, base, announce, "")
        spec = replace(spec, sdk_requirements=of_later_sdk(spec.sdk_requirements))
        if not lacking((*spec.requirements, *spec.sdk_requirements), base):
            return _of_base(base)
        settings = await asyncio.to_thread(self._settings, spec, base)
        alone = lacking(spec.sdk_requirements, base)
        layer = Plan(base, True, to_layer(spec.requirements, base), alone, settings, spec.index_urls)
        try:
            await self._make(layer, announce)
        except _DoesNotFit as error:
            environment = await self._isolated(spec, base, announce, _does_not_fit(base, str(error)))
            await asyncio.to_thread(self._shelf.remember_conflict, layer.key, str(error))
            return environment
        return self._environment(layer, "")

    async def _isolated(
        self, spec: EnvironmentSpec, base: Interpreter, announce: Callable[[str], None], note: str
    ) -> Environment:
        interpreter, lack = await self._interpreter(spec.python_version, base)
        settings = await asyncio.to_thread(self._settings, spec, base)
        whole, alone = sorted_out(spec.sdk_requirements)
        plan = Plan(interpreter, False, (*spec.requirements, *whole), alone, settings, spec.index_urls)
        await self._make(plan, announce)
        return self._environment(plan, " ".join(filter(None, (note, lack))))

    async def _interpreter(self, version: str, base: Interpreter) -> tuple[Interpreter, str]:
        """The interpreter of that version, or the base and a sentence on why it is that one."""
        if version in {"", base.markers["python_version"]}:
            return base, ""
        try:
            python = await self._pythons.find(version)
        except UvFailed as error:
            raise EnvironmentFailed(str(error)) from error
        if python:
            return await asyncio.to_thread(self._pythons.ask, python), ""
        return base, (
            f"The component's image has Python {version}, which was not found on this machine: the task runs with "
            f"Python {base.markers['python_full_version']}. To change that, install Python {version}."
        )

    def _settings(self, spec: EnvironmentSpec, base: Interpreter) -> InstallerSettings:
        users = installer_settings(self._environ, base.prefix)
        return users.of_component(spec.index_urls, spec.trusted_hosts, self._environ)

    async def _make(self, plan: Plan, announce: Callable[[str], None]) -> None:
        """See to it that the environment is there. Raises EnvironmentFailed, and _DoesNotFit for a layer."""
        if await asyncio.to_thread(self._is_there, plan):
            return
        build = self._builds.get(plan.key) or self._begin(plan)
        with build.progress.listening(announce):
            try:
                await asyncio.shield(build.task)
            except asyncio.CancelledError:
                if build.progress.listeners == 1 and self._builds.get(plan.key) is build:
                    del self._builds[plan.key]
                    build.task.cancel()
                raise

    def _is_there(self, plan: Plan) -> bool:
        if self._shelf.take(plan.key) is not None:
            return True
        conflict = self._shelf.conflict(plan.key)
        if conflict:
            raise _DoesNotFit(conflict)
        return False

    def _begin(self, plan: Plan) -> _Build:
        failure = self._failures.get(plan.key)
        if failure is not None and time.monotonic() - failure.at < _FAILURE_HOLDS_SECONDS:
            raise failure.kind(failure.words)
        progress = Progress(plan.purpose)
        build = self._builds[plan.key] = _Build(progress, asyncio.create_task(self._build(plan, progress)))
        build.task.add_done_callback(lambda done: self._end(plan.key, build, done))
        return build

    def _end(self, key: str, build: _Build, done: asyncio.Task[None]) -> None:
        build.progress.end()
        if self._builds.get(key) is build:
            del self._builds[key]
        if not done.cancelled():
            done.exception()  # Nobody may be left to look at it.

    async def _build(self, plan: Plan, progress: Progress) -> None:
        try:
            await asyncio.to_thread(self._shelf.root.mkdir, mode=0o700, parents=True, exist_ok=True)
            async with locked(self._shelf.build_lock(plan.key), lambda: progress.say("another server is at it")):
                if not await asyncio.to_thread(self._is_there, plan):
                    await self._build_until_alive(plan, progress)
            await asyncio.to_thread(self._shelf.sweep)
            await asyncio.to_thread(self._shelf.shrink, self._budget, plan.key)
        except UvFailed as error:
            raise self._failure(plan, error) from error
        except OSError as error:
            raise EnvironmentFailed(f"{plan.purpose} failed: {error}.") from error

    async def _build_until_alive(self, plan: Plan, progress: Progress) -> None:
        """Build; again where uv was killed, since that is no answer."""
        for _ in range(_BUILDS - 1):
            try:
                await self._build_draft(plan, progress)
            except UvFailed as error:
                if not error.is_killed:
                    raise
                progress.say("uv was killed, it begins again")
            else:
                return
        await self._build_draft(plan, progress)

    async def _build_draft(self, plan: Plan, progress: Progress) -> None:
        draft, began, succeeded = self._shelf.new_draft(plan.key), time.monotonic(), False
        try:
            manifest = await self._builder.build(plan, draft, progress)
            await asyncio.to_thread(self._shelf.publish, draft, manifest)
            succeeded = True
        finally:
            self._telemetry.built(succeeded=succeeded, seconds=time.monotonic() - began)
            await asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True)

    def _failure(self, plan: Plan, error: UvFailed) -> EnvironmentFailed | _DoesNotFit:
        if error.is_conflict and plan.is_layer:
            failure = _Failure(_DoesNotFit, str(error), time.monotonic())
        else:
            words = f"The packages {', '.join(plan.asked)} could not be installed: {error}"
            failure = _Failure(EnvironmentFailed, words, time.monotonic())
        if not error.is_passing:
            self._failures[plan.key] = failure
        return failure.kind(failure.words)

    def _environment(self, plan: Plan, note: str) -> Environment:
        directory = self._shelf.directory(plan.key)
        behind = _of_base(plan.interpreter).directories if plan.is_layer else ()
        return Environment(
            python=str(directory / "bin/python"),
            directories=(str(directory / "bin"), *behind),
            virtual_env=str(directory),
            lock=str(directory / LOCK),
            is_isolated=not plan.is_layer,
            note=note,
        )


def _of_base(interpreter: Interpreter) -> Environment:
    directory = str(Path(interpreter.python).parent)
    virtual = interpreter.prefix if interpreter.is_virtual else ""
    return Environment(interpreter.python, (directory,), virtual, stamp=interpreter.stamp)


def _does_not_fit(base: Interpreter, words: str) -> str:
    return (
        f"What the component declares does not go with the packages of {base.python}, so the task has an isolated "
        f"environment, with what is declared and nothing else. The resolver said: {words}"
    )
