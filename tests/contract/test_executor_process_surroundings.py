"""Process executor: what a task finds around itself, and what it leaves in its directory."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import AttemptKey, ResourceAmounts, TaskSpec
from pinnace.executors.process.executor import ProcessExecutor
from pinnace.executors.process.machine import Machine
from pinnace.ports.executor import AttemptEnded
from pinnace.testing.executor_updates import ExecutorUpdates
from pinnace.testing.fixed_environments import FixedEnvironments

LOOK_AROUND = """
import json, os, signal, sys
blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [])
print(json.dumps({
    "environment": dict(os.environ),
    "ignored": [int(n) for n in signal.valid_signals() if signal.getsignal(n) is signal.SIG_IGN],
    "blocked": [int(n) for n in blocked],
    "umask": os.umask(0),
    "descriptors": sorted(int(n) for n in os.listdir("/dev/fd") if os.path.exists(f"/dev/fd/{n}")),
    "input": sys.stdin.read(),
    "cwd": os.getcwd(),
    "leads its session": os.getsid(0) == os.getpid(),
    "argv": sys.argv[1:],
}))
"""

TOKEN = "a-token-that-nobody-may-see"


@pytest.fixture
def spec(tmp_path: Path) -> TaskSpec:
    key = AttemptKey(RunId("run"), NodeId("task"), 0)
    return TaskSpec(key, "task", "", ("true",), str(tmp_path / "attempt"))


def _run(
    spec: TaskSpec, inherited: Mapping[str, str] | None = None, log_cap: int = 256 << 20, missing: tuple[str, ...] = ()
) -> AttemptEnded:
    async def scenario() -> AttemptEnded:
        executor = ProcessExecutor(
            FixedEnvironments(missing), inherited=inherited, secrets=(TOKEN,), grace_seconds=1.0, log_cap=log_cap
        )
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(spec)
            return await updates.ended(spec.key)

    return asyncio.run(scenario())


def _log(spec: TaskSpec) -> str:
    return Path(spec.directory, "log").read_text(encoding="utf-8")


def _look_around(spec: TaskSpec, inherited: Mapping[str, str] | None = None) -> dict[str, object]:
    ended = _run(replace(spec, command=(sys.executable, "-c", LOOK_AROUND, "an argument")), inherited)
    assert ended.outcome is AttemptOutcome.SUCCEEDED, _log(spec)
    found = json.loads(_log(spec))
    assert isinstance(found, dict)
    return found


def test_a_task_starts_like_a_fresh_program(spec: TaskSpec) -> None:
    found = _look_around(spec)
    assert found["ignored"] in ([], [int(signal.SIGPIPE), int(signal.SIGXFSZ)])  # Python itself ignores these two.
    assert found["blocked"] == []
    assert found["umask"] == 0o022
    assert found["descriptors"] == [0, 1, 2]
    assert found["input"] == ""
    assert found["cwd"] == str(Path(spec.directory, "work").resolve())
    assert found["leads its session"] is True
    assert found["argv"] == ["an argument"]


def test_no_signal_is_ignored(spec: TaskSpec) -> None:
    ended = _run(replace(spec, command=("sh", "-c", "kill -PIPE $$")))
    assert ended.failure is not None
    assert ended.failure.message == "The command was killed by SIGPIPE."


def test_environment_holds_neither_secrets_nor_switches_of_the_server(spec: TaskSpec) -> None:
    inherited = {
        "PATH": os.environ["PATH"],
        "HOME": "/home/someone",
        "LANG": "C.UTF-8",
        "https_proxy": "http://127.0.0.1:9",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PINNACE_TOKEN": "one",
        "PINNACE_DATABASE": "two",
        "DATABASE_URL": "postgresql://three",
        "INNOCENT": f"postgresql://user:{TOKEN}@host/db",
        "VIRTUAL_ENV": "/of/the/server",
    }
    wanted = replace(spec, environment={"GREETING": "hello", "LANG": "de_DE.UTF-8"})
    environment = _look_around(wanted, inherited)["environment"]
    assert isinstance(environment, dict)
    assert environment.keys() >= {"PATH", "HOME", "https_proxy", "GREETING", "PINNACE_ATTEMPT", "TMPDIR"}
    assert environment["LANG"] == "de_DE.UTF-8"
    assert not {name for name in environment if name.startswith("PINNACE_")} - {"PINNACE_ATTEMPT"}
    assert not environment.keys() & {"PYTHONDONTWRITEBYTECODE", "DATABASE_URL", "INNOCENT", "VIRTUAL_ENV"}
    assert environment["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)


def test_python_and_pip_are_those_of_the_chosen_interpreter(spec: TaskSpec) -> None:
    inherited = {"PATH": "/usr/bin:/bin"}
    _run(replace(spec, command=("sh", "-c", "command -v python3; command -v python; command -v pip")), inherited)
    directory = Path(sys.executable).parent
    assert _log(spec).split() == [str(directory / name) for name in ("python3", "python", "pip")]


def test_parents_exist_and_the_temporary_directory_goes(spec: TaskSpec, tmp_path: Path) -> None:
    parent = tmp_path / "some/where/below"
    script = 'test -d "$0" && test -w "$TMPDIR" && touch "$TMPDIR/rest" && printf "%s" "$TMPDIR"'
    ended = _run(replace(spec, command=("sh", "-c", script, str(parent)), parents=(str(parent),)))
    assert ended.outcome is AttemptOutcome.SUCCEEDED
    deadline = time.monotonic() + 60  # The end of an attempt is told first.
    while Path(_log(spec)).exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_log_is_written_while_the_task_runs(spec: TaskSpec, tmp_path: Path) -> None:
    async def scenario() -> None:
        seen = tmp_path / "seen"
        script = "import os, sys, time; print('first line'); print('an error', file=sys.stderr)\n"
        script += "while not os.path.exists(sys.argv[1]): time.sleep(0.01)"
        executor = ProcessExecutor(FixedEnvironments())
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(replace(spec, command=(sys.executable, "-c", script, str(seen))))
            await updates.started(spec.key)
            for _ in range(3000):
                if _log(spec) == "first line\nan error\n":
                    break
                await asyncio.sleep(0.01)
            else:
                raise TimeoutError(_log(spec))
            seen.touch()
            assert (await updates.ended(spec.key)).outcome is AttemptOutcome.SUCCEEDED

    asyncio.run(scenario())


def test_a_hundred_megabytes_of_output_do_not_fill_the_disk(spec: TaskSpec) -> None:
    script = "echo the beginning; head -c 100000000 /dev/zero | tr '\\0' x; echo the end"
    ended = _run(replace(spec, command=("sh", "-c", script)), log_cap=1 << 20)
    assert ended.outcome is AttemptOutcome.SUCCEEDED
    log = _log(spec)
    assert log.startswith("the beginning\nxxx")
    assert log[1 << 20 :] == "\n[pinnace] The log is cut here: it is longer than 1 MiB. The task goes on.\n"


def test_the_directory_is_private(spec: TaskSpec) -> None:
    _run(spec)
    assert Path(spec.directory).stat().st_mode & 0o777 == 0o700
    for name in ("task.json", "log", "result.json"):
        assert Path(spec.directory, name).stat().st_mode & 0o777 == 0o600, name


def test_an_sdk_component_gets_an_input_of_a_megabyte(spec: TaskSpec) -> None:
    value = "x" * (1 << 20)
    code = "def length(text: str) -> int:\n    import os\n    print('length', len(text), 'PYTHONPATH' in os.environ)\n"
    code += "    return len(text)\n"
    inputs = {"inputs": {"parameterValues": {"text": value}}}
    outputs = {"parameters": {"Output": {"outputFile": str(Path(spec.directory, "work", "out"))}}}
    executor_input = inputs | {"outputs": outputs | {"outputFile": str(Path(spec.directory, "work", "metadata.json"))}}
    script = 'd=$(mktemp -d); printf "%s" "$0" > "$d/component.py"; '
    script += 'python3 -m kfp.dsl.executor_main --component_module_path "$d/component.py" "$@"'
    words = ("--executor_input", json.dumps(executor_input), "--function_to_execute", "length")
    ended = _run(replace(spec, command=("sh", "-ec", script, code, *words)))
    assert ended.outcome is AttemptOutcome.SUCCEEDED, _log(spec)[-2000:]
    assert "length 1048576 False" in _log(spec)


def test_what_can_never_run_here_fails_at_once(spec: TaskSpec) -> None:
    async def scenario() -> AttemptEnded:
        executor = ProcessExecutor(FixedEnvironments(), machine=Machine(2, 4 << 30))
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(replace(spec, resources=ResourceAmounts(memory_request=64 << 30)))
            return await updates.ended(spec.key)

    failure = asyncio.run(scenario()).failure
    assert failure is not None
    assert failure.code == "ResourcesUnavailable"
    assert failure.message == "The task asks for 64.0 GiB of memory and this machine has 4.0 GiB."
