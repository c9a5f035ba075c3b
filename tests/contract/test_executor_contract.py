"""What every executor owes its callers, on the fake and on real processes."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import AttemptKey, TaskFailure, TaskSpec
from pinnace.errors import Unavailable
from pinnace.executors.process.executor import ProcessExecutor
from pinnace.ports.executor import AttemptEnded, AttemptStarted, Executor
from pinnace.testing.executor_updates import ExecutorUpdates
from pinnace.testing.fixed_environments import FixedEnvironments
from pinnace.testing.manual_executor import AttemptDisk, Ending, ManualExecutor

Make = Callable[[], Executor]


def _as_the_command_says(spec: TaskSpec) -> Ending | None:
    if spec.command[0] == "sleep":
        return None
    if spec.command[0] == "false":
        return Ending(AttemptOutcome.FAILED, TaskFailure("The command ended with exit code 1.", "ExitCode", 1))
    Path(spec.command[1]).touch()
    return Ending()


@pytest.fixture(params=["process", "manual"])
def make(request: pytest.FixtureRequest) -> Make:
    """Makes executors that follow each other on the same machine, like servers after restarts."""
    if request.param == "process":
        return lambda: ProcessExecutor(FixedEnvironments(), grace_seconds=1.0)
    disk = AttemptDisk()
    return lambda: ManualExecutor(_as_the_command_says, disk)


@pytest.fixture
def spec(tmp_path: Path) -> TaskSpec:
    key = AttemptKey(RunId("run"), NodeId("task"), 0)
    return TaskSpec(key, "task", "", ("touch", str(tmp_path / "made")), str(tmp_path / "attempt"))


def _endless(spec: TaskSpec) -> TaskSpec:
    return replace(spec, command=("sleep", "600"))


def test_success_starts_then_ends(make: Make, spec: TaskSpec, tmp_path: Path) -> None:
    async def scenario() -> None:
        executor = make()
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(spec)
            ended = await updates.ended(spec.key)
            assert ended.outcome is AttemptOutcome.SUCCEEDED
            assert ended.failure is None
            assert [type(update) for update in updates.of(spec.key)] == [AttemptStarted, AttemptEnded]
            assert (tmp_path / "made").exists()

    asyncio.run(scenario())


def test_failure_says_why(make: Make, spec: TaskSpec) -> None:
    async def scenario() -> None:
        executor = make()
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(replace(spec, command=("false",)))
            ended = await updates.ended(spec.key)
            assert ended.outcome is AttemptOutcome.FAILED
            assert ended.failure == TaskFailure("The command ended with exit code 1.", "ExitCode", 1)

    asyncio.run(scenario())


def test_launch_sent_twice_ends_once(make: Make, spec: TaskSpec) -> None:
    async def scenario() -> None:
        executor = make()
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(_endless(spec))
            await executor.launch(_endless(spec))
            await updates.started(spec.key)
            await executor.launch(_endless(spec))
            await executor.cancel(spec.key, spec.directory)
            await updates.ended(spec.key)
        assert sum(isinstance(update, AttemptEnded) for update in updates.seen) == 1
        assert sum(isinstance(update, AttemptStarted) for update in updates.seen) == 1

    asyncio.run(scenario())


def test_cancel_ends_a_running_attempt(make: Make, spec: TaskSpec) -> None:
    async def scenario() -> None:
        executor = make()
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(_endless(spec))
            await updates.started(spec.key)
            await executor.cancel(spec.key, spec.directory)
            ended = await updates.ended(spec.key)
            assert ended.outcome is AttemptOutcome.CANCELED
            assert ended.failure is not None

    asyncio.run(scenario())


def test_cancel_of_an_attempt_never_launched_is_answered_and_final(make: Make, spec: TaskSpec, tmp_path: Path) -> None:
    async def scenario() -> None:
        executor = make()
        async with ExecutorUpdates(executor) as updates:
            await executor.cancel(spec.key, spec.directory)
            assert (await updates.ended(spec.key)).outcome is AttemptOutcome.CANCELED
            await executor.launch(spec)
            assert (await updates.ended(spec.key, times=2)).outcome is AttemptOutcome.CANCELED
            assert not (tmp_path / "made").exists()

    asyncio.run(scenario())


def test_cancel_after_the_end_tells_the_real_end(make: Make, spec: TaskSpec) -> None:
    async def scenario() -> None:
        executor = make()
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(spec)
            await updates.ended(spec.key)
            await executor.cancel(spec.key, spec.directory)
            assert (await updates.ended(spec.key, times=2)).outcome is AttemptOutcome.SUCCEEDED

    asyncio.run(scenario())


def test_a_new_server_learns_what_ended(make: Make, spec: TaskSpec, tmp_path: Path) -> None:
    async def scenario() -> None:
        executor = make()
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(spec)
            first = await updates.ended(spec.key)
        (tmp_path / "made").unlink()
        successor = make()
        async with ExecutorUpdates(successor) as updates:
            await successor.launch(spec)
            assert (await updates.ended(spec.key)).outcome is first.outcome
        assert not (tmp_path / "made").exists()

    asyncio.run(scenario())


@pytest.mark.parametrize("relaunch", [True, False], ids=["launched again", "only canceled"])
def test_a_new_server_adopts_and_can_cancel(make: Make, spec: TaskSpec, relaunch: bool) -> None:
    async def scenario() -> None:
        predecessor = make()
        async with ExecutorUpdates(predecessor) as before:
            await predecessor.launch(_endless(spec))
            await before.started(spec.key)
            successor = make()
            async with ExecutorUpdates(successor) as updates:
                if relaunch:
                    await successor.launch(_endless(spec))
                    await updates.started(spec.key)
                await successor.cancel(spec.key, spec.directory)
                assert (await updates.ended(spec.key)).outcome is AttemptOutcome.CANCELED

    asyncio.run(scenario())


def test_close_interrupts_and_ends_the_updates(make: Make, spec: TaskSpec) -> None:
    async def scenario() -> None:
        executor = make()
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(_endless(spec))
            await updates.started(spec.key)
        last = updates.seen[-1]
        assert isinstance(last, AttemptEnded)
        assert last.outcome is AttemptOutcome.INTERRUPTED
        with pytest.raises(Unavailable):
            await executor.launch(spec)

    asyncio.run(scenario())
