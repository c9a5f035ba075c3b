"""Runs components on the real process executor, cold and warm, and gathers all that they show of themselves."""

import asyncio
import json
import os
import re
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from kfp import dsl

from pinnace.domain.environments import WarmStart
from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.tasks import AttemptKey, PythonProgram, ResourceAmounts, TaskSpec
from pinnace.executors.process.executor import ProcessExecutor
from pinnace.executors.process.zygotes import PLAIN, Kind, Zygote
from pinnace.ir.executor_io import executor_input
from pinnace.ir.lightweight import split_command
from pinnace.ports.executor import AttemptEnded
from pinnace.testing.fixed_environments import FixedEnvironments

ENOUGH: Final = 64
"""Zygotes that may live in a test, so that none has to make room."""

OUTPUT: Final = "output.json"

_CHANGES: Final = (
    (re.compile(r"tmp\.[A-Za-z0-9]{10}"), "tmp.NAME"),
    (re.compile(r"pinnace-[0-9a-f]{12}"), "pinnace-NAME"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}"), "TIME"),
    (re.compile(r"\bpid=\d+|Process[- ]?\d{2,}|ForkPoolWorker-\d+"), "PID"),
    (re.compile(r"0x[0-9a-f]{6,}"), "ADDRESS"),
)

Function = Callable[..., Any]


@dataclass(frozen=True)
class Probe:
    """A component that looks around.

    Attributes:
        function: What the SDK makes the component of. Returns {"same": ..., "fresh": ..., "seen": ...}: what has to be
            the same in every task, what has to be another in each, and what a test of its own looks at.
        others: Functions beside it in the component's module.
        environment: Variables of the task. "{shared}" in them stands for a directory that the suite makes.
    """

    function: Function
    others: tuple[Function, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Names it in reports."""
        return self.function.__name__


@dataclass(frozen=True)
class Account:
    """All that is left of a task, with what has to differ between two of them taken out."""

    same: Any
    fresh: dict[str, Any]
    seen: Any
    log: str
    outcome: str
    failure: str
    files: dict[str, str]


def probe(*others: Function, **environment: str) -> Callable[[Function], Probe]:
    """Makes a probe of a function."""
    return lambda function: Probe(function, others, environment)


def task_spec(probe: Probe, directory: Path, shared: str = "", run: str = "run") -> TaskSpec:
    """What the executor is given for a probe, by the way of the SDK and of our reading of its commands."""
    component = dsl.component(
        probe.function, base_image="python:3.11", install_kfp_package=False, additional_funcs=list(probe.others)
    )
    container = component.component_spec.implementation.container
    found = split_command(container.command, container.args)
    assert found is not None
    output = directory / OUTPUT
    inputs = executor_input(
        parameters={},
        artifacts={},
        output_parameters={"Output": str(directory / "parameter")},
        output_artifacts={},
        output_file=str(output),
    )
    words = [json.dumps(inputs) if word == "{{$}}" else word for word in found.command]
    return TaskSpec(
        key=AttemptKey(RunId(run), NodeId(directory.name), 0),
        display_name=probe.name,
        image="",
        command=tuple(words),
        directory=str(directory),
        environment={name: text.replace("{shared}", shared) for name, text in probe.environment.items()},
        program=PythonProgram(found.source, tuple(words[4:])),
    )


def limited(spec: TaskSpec, cores: float) -> TaskSpec:
    """The same task with a limit of processors."""
    return replace(spec, resources=ResourceAmounts(cpu_limit=cores))


class Bench:
    """An executor for the probes of one way to start, which remembers where each attempt was forked from."""

    def __init__(self, warm: WarmStart, root: Path, inherited: Mapping[str, str], parallelism: int = 4) -> None:
        self.executor = ProcessExecutor(FixedEnvironments(), warm=warm, inherited=inherited, parallelism=parallelism)
        self.executor.open()
        self.zygotes = self.executor._zygotes
        self.zygotes._limit = self.zygotes._preloaded_limit = ENOUGH
        self.asked: dict[str, list[Kind]] = {}
        self._root = root
        self._request = self.zygotes.request
        self.zygotes.request = self._remember  # type: ignore[method-assign]

    async def run(self, probes: Collection[Probe], shared: str = "") -> dict[str, Account]:
        """Run them all at once, to their ends. The executor can be used again."""
        specs = {
            each.name: task_spec(each, self._root / f"{each.name}-{secrets.token_hex(4)}", shared) for each in probes
        }
        found = await self.run_specs(list(specs.values()))
        return {name: found[spec.key] for name, spec in specs.items()}

    async def run_specs(self, specs: Sequence[TaskSpec]) -> dict[AttemptKey, Account]:
        """Run tasks at once, to their ends."""
        reader = asyncio.create_task(self._endings({spec.key for spec in specs}))
        for spec in specs:
            await self.executor.launch(spec)
        endings = await asyncio.wait_for(reader, 300)
        return {spec.key: _account(spec, *endings[spec.key]) for spec in specs}

    def kinds(self, name: str) -> list[Kind]:
        """Where the attempts of a probe were asked for."""
        return [
            kind
            for directory, kinds in self.asked.items()
            if Path(directory).name.startswith(f"{name}-")
            for kind in kinds
        ]

    def is_warm(self, name: str) -> bool:
        """Whether all attempts of a probe were forked from something that had the SDK in memory."""
        kinds = self.kinds(name)
        return bool(kinds) and PLAIN not in kinds

    async def close(self) -> None:
        """End everything."""
        await self.executor.close()

    async def _endings(self, keys: set[AttemptKey]) -> dict[AttemptKey, tuple[str, str]]:
        found: dict[AttemptKey, tuple[str, str]] = {}
        async for update in self.executor.updates():
            if isinstance(update, AttemptEnded):
                found[update.key] = (str(update.outcome), update.failure.message if update.failure else "")
            if keys <= found.keys():
                break
        return found

    def _remember(self, kind: Kind, directory: str, output: int, errors: int) -> Zygote:
        self.asked.setdefault(directory, []).append(kind)
        return self._request(kind, directory, output, errors)


def _account(spec: TaskSpec, outcome: str, failure: str) -> Account:
    directory = Path(spec.directory)

    def plain(text: str) -> str:
        text = text.replace(str(directory.resolve()), "ATTEMPT").replace(str(directory), "ATTEMPT")
        for pattern, word in _CHANGES:
            text = pattern.sub(word, text)
        return text

    seen: dict[str, Any] = {}
    if (directory / OUTPUT).exists():
        output = json.loads((directory / OUTPUT).read_text())
        seen = output.get("parameterValues", {}).get("Output", {})
    work = directory / "work"
    files = {
        str(path.relative_to(work)): plain(path.read_text(errors="backslashreplace"))
        for path in work.rglob("*")
        if path.is_file()
    }
    seen = json.loads(plain(json.dumps(seen))) | {"fresh": seen.get("fresh", {})}
    log = plain((directory / "log").read_text(errors="backslashreplace"))
    return Account(seen.get("same"), seen["fresh"], seen.get("seen"), log, outcome, plain(failure), files)


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two values differ, one line each."""
    if isinstance(one, dict) and isinstance(other, dict):
        found = []
        for key in sorted(one.keys() | other.keys()):
            if key not in other:
                found.append(f"{path}.{key}: {one[key]!r} became nothing")
            elif key not in one:
                found.append(f"{path}.{key}: nothing became {other[key]!r}")
            else:
                found += differences(one[key], other[key], f"{path}.{key}")
        return found
    return [] if one == other else [f"{path}: {one!r} became {other!r}"]


def inherited() -> dict[str, str]:
    """What a server in a terminal would have."""
    kept = ("PATH", "HOME", "TMPDIR", "USER")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LANG": "C.UTF-8"}
