"""Process executor: failures are told in plain words."""

import asyncio
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pinnace.domain.environments import EnvironmentSpec
from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import AttemptKey, TaskFailure, TaskSpec
from pinnace.executors.process.executor import ProcessExecutor
from pinnace.ports.executor import AttemptEnded, AttemptWaiting, ExecutorUpdate
from pinnace.testing.executor_updates import ExecutorUpdates
from pinnace.testing.fixed_environments import FixedEnvironments


@pytest.fixture
def spec(tmp_path: Path) -> TaskSpec:
    key = AttemptKey(RunId("run"), NodeId("task"), 0)
    return TaskSpec(key, "task", "", ("true",), str(tmp_path / "attempt"))


def _updates(spec: TaskSpec) -> list[ExecutorUpdate]:
    async def scenario() -> list[ExecutorUpdate]:
        executor = ProcessExecutor(FixedEnvironments(missing=("nonesuch",)), grace_seconds=1.0)
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(spec)
            await updates.ended(spec.key)
        return updates.seen

    return asyncio.run(scenario())


def _failure(spec: TaskSpec, outcome: AttemptOutcome = AttemptOutcome.FAILED) -> TaskFailure:
    ended = _updates(spec)[-1]
    assert isinstance(ended, AttemptEnded)
    assert ended.outcome is outcome
    assert ended.failure is not None
    return ended.failure


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("sh", "-c", "exit 3"), TaskFailure("The command ended with exit code 3.", "ExitCode", 3)),
        (("sh", "-c", "kill -9 $$"), TaskFailure("The command was killed by SIGKILL.", "Signal")),
        (
            ("sh", "-c", "sh -c 'kill -SEGV $$'; exit $?"),
            TaskFailure("The command ended with exit code 139 (that is, by SIGSEGV).", "ExitCode", 139),
        ),
        (
            ("no-such-program", "x"),
            TaskFailure(
                "The command 'no-such-program' was not found. "
                "It must be on the PATH of this machine, not of the image.",
                "CommandNotFound",
                127,
            ),
        ),
        (
            ("/dev/null",),
            TaskFailure("The command '/dev/null' may not be executed: permission denied.", "CommandNotExecutable", 126),
        ),
        (
            ("echo", "x" * 200_000),
            TaskFailure(
                "The command line is too long for this system: its longest argument has 200000 bytes. "
                "Pass large values as artifacts instead of parameters.",
                "ArgumentListTooLong",
            ),
        ),
    ],
    ids=["exit code", "kills itself", "killed inside a shell", "not found", "not executable", "argument too long"],
)
def test_commands_that_fail(spec: TaskSpec, command: tuple[str, ...], expected: TaskFailure) -> None:
    assert _failure(replace(spec, command=command)) == expected


def test_a_directory_that_cannot_be_made(spec: TaskSpec, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    parent = str(tmp_path / "file/below")
    assert _failure(replace(spec, parents=(parent,))) == TaskFailure(
        f"Could not create the directory {parent}: Not a directory.", "DirectoryNotWritable"
    )


def test_an_attempt_directory_that_cannot_be_made(spec: TaskSpec, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    failure = _failure(replace(spec, directory=str(tmp_path / "file/attempt")))
    assert failure.code == "DirectoryNotWritable"
    assert str(tmp_path / "file") in failure.message


def test_a_disk_that_is_full_before_the_launch(spec: TaskSpec) -> None:
    Path(spec.directory).mkdir()
    Path(spec.directory, f"task.json.{os.getpid()}.tmp").symlink_to("/dev/full")
    failure = _failure(spec)
    assert failure.code == "DiskFull"
    assert failure.message == f"Could not write into {spec.directory}: the disk is full. Free some space and try again."


def test_a_disk_that_fills_between_launch_and_begin(spec: TaskSpec, tmp_path: Path) -> None:
    Path(spec.directory).mkdir()
    Path(spec.directory, "result.json.tmp").symlink_to("/dev/full")
    failure = _failure(replace(spec, command=("touch", str(tmp_path / "made"))), AttemptOutcome.LOST)
    assert "No space left on device" in failure.message
    assert not (tmp_path / "made").exists()


def test_a_log_on_a_full_disk(spec: TaskSpec) -> None:
    Path(spec.directory).mkdir()
    Path(spec.directory, "log").symlink_to("/dev/full")
    assert _failure(replace(spec, command=("sh", "-c", "echo text || exit 5"))).exit_code == 5


def test_packages_that_cannot_be_installed(spec: TaskSpec) -> None:
    updates = _updates(replace(spec, python=EnvironmentSpec(requirements=("nonesuch",))))
    assert [update.reason for update in updates if isinstance(update, AttemptWaiting)] == ["Installing nonesuch."]
    ended = updates[-1]
    assert isinstance(ended, AttemptEnded)
    assert ended.failure == TaskFailure("There is no package nonesuch in 0 indexes.", "EnvironmentError")
    assert "There is no package nonesuch" in Path(spec.directory, "log").read_text()


def test_a_result_of_before_a_reboot_is_not_trusted(spec: TaskSpec) -> None:
    _updates(spec)
    path = Path(spec.directory, "result.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"boot": "another"}))
    failure = _failure(spec, AttemptOutcome.LOST)
    assert failure.message == "The task was lost: the machine was restarted meanwhile."


def test_an_attempt_that_ran_before_a_reboot_is_lost(spec: TaskSpec) -> None:
    _updates(spec)
    Path(spec.directory, "result.json").unlink()
    path = Path(spec.directory, "started")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"boot": "another"}))
    assert _failure(spec, AttemptOutcome.LOST).code == "Lost"


def test_a_broken_result_is_a_lost_attempt(spec: TaskSpec) -> None:
    _updates(spec)
    Path(spec.directory, "result.json").write_text("{")
    assert _failure(spec, AttemptOutcome.LOST).code == "Lost"


def test_a_task_that_waits_knows_for_what(spec: TaskSpec, tmp_path: Path) -> None:
    async def scenario() -> None:
        first = replace(spec, command=("sleep", "600"))
        second = replace(spec, key=replace(spec.key, attempt=1), directory=str(tmp_path / "second"))
        executor = ProcessExecutor(FixedEnvironments(), parallelism=1)
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(first)
            await updates.started(first.key)
            await executor.launch(second)
            waiting = await updates.waiting(second.key)
            assert waiting.reason == "Waits for a free slot: 1 of 1 tasks run."
            await executor.cancel(first.key, first.directory)
            assert (await updates.ended(second.key)).outcome is AttemptOutcome.SUCCEEDED

    asyncio.run(scenario())


def test_a_queued_attempt_is_canceled_without_running(spec: TaskSpec, tmp_path: Path) -> None:
    async def scenario() -> None:
        made = tmp_path / "made"
        first = replace(spec, command=("sleep", "600"))
        second = replace(
            spec,
            key=replace(spec.key, attempt=1),
            directory=str(tmp_path / "second"),
            command=(sys.executable, "-c", f"open({str(made)!r}, 'w')"),
        )
        executor = ProcessExecutor(FixedEnvironments(), parallelism=1)
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(first)
            await executor.launch(second)
            await updates.waiting(second.key)
            await executor.cancel(second.key, second.directory)
            assert (await updates.ended(second.key)).outcome is AttemptOutcome.CANCELED
            assert not made.exists()

    asyncio.run(scenario())
