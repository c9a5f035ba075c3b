"""What a server that ends, well or badly, leaves for the next one."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pinnace.domain.ids import RunId
from pinnace.domain.states import AttemptOutcome, NodePhase, RunState
from pinnace.domain.tasks import AttemptKey
from pinnace.engine.signals import Terminate
from pinnace.errors import Unavailable
from pinnace.orchestrator.task_specs import TaskSpecs
from pinnace.ports.store import LogAppend
from pinnace.testing.documents import Step, pipeline
from pinnace.testing.manual_executor import Ending

HOLD = pipeline({"long": Step(["hold"]), "next": Step(["nothing"], after=["long"])})


def _runs(_: Any, tasks: Any) -> bool:
    return "long" in tasks and tasks["long"].phase is NodePhase.RUNNING


def test_a_stopped_server_interrupts_and_the_next_runs_it_again(bench: Any) -> None:
    async def scene() -> None:
        async with bench.server() as supervisor:
            run = bench.submit(HOLD)
            supervisor.ensure(run)
            await bench.until(run, _runs)
        assert [attempt.outcome for attempt in bench.tasks(run)["long"].attempts] == [AttemptOutcome.INTERRUPTED, None]
        bench.act = lambda spec: Ending()
        async with bench.server():
            found = await bench.until(run, lambda found, _: found.state.is_terminal)
        assert found.state is RunState.SUCCEEDED
        assert [spec.key.attempt for spec in bench.executor.launched if spec.key.node == "long"] == [2]

    asyncio.run(scene())


def test_a_killed_server_leaves_attempts_that_the_next_adopts(bench: Any) -> None:
    async def scene() -> None:
        async with bench.doomed_server() as supervisor:
            run = bench.submit(HOLD)
            supervisor.ensure(run)
            await bench.until(run, _runs)
        async with bench.server():
            await bench.until(run, _runs)
            assert bench.executor.launched == []
            while not bench.executor._live:
                await asyncio.sleep(0.005)
            bench.executor.finish(AttemptKey(run, bench.tasks(run)["long"].node, 1))
            found = await bench.until(run, lambda found, _: found.state.is_terminal)
        assert found.state is RunState.SUCCEEDED
        assert [attempt.number for attempt in bench.tasks(run)["long"].attempts] == [1]

    asyncio.run(scene())


def test_a_result_that_came_while_no_server_lived_counts(bench: Any) -> None:
    async def scene() -> None:
        async with bench.doomed_server() as supervisor:
            run = bench.submit(HOLD)
            supervisor.ensure(run)
            await bench.until(run, _runs)
            directory = bench.executor.launched[0].directory
        bench.disk.running.discard(directory)
        bench.disk.endings[directory] = Ending()
        async with bench.server():
            found = await bench.until(run, lambda found, _: found.state.is_terminal)
        assert found.state is RunState.SUCCEEDED

    asyncio.run(scene())


def test_a_database_that_cannot_be_written_holds_the_run_until_it_can(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failure is played here; a disk that is really full is in tests/contract."""
    monkeypatch.setattr("pinnace.orchestrator.committer._RETRY_SECONDS", 0.01)
    real = bench.store.append
    refusals = iter([True, True, False])

    def append(entries: Sequence[LogAppend]) -> Sequence[Exception | None]:
        if next(refusals, False):
            raise Unavailable("The disk is full.")
        result: Sequence[Exception | None] = real(entries)
        return result

    bench.store.append = append

    async def scene() -> None:
        async with bench.server():
            run = await bench.ended(bench.submit(pipeline({"t": Step(["nothing"])})))
            assert run.state is RunState.SUCCEEDED

    asyncio.run(scene())


def test_a_history_that_grew_elsewhere_is_read_again(bench: Any) -> None:
    real = bench.store.append
    once = iter([True])

    def append(entries: Sequence[LogAppend]) -> Sequence[Exception | None]:
        if next(once, False):
            real(entries)
        result: Sequence[Exception | None] = real(entries)
        return result

    bench.store.append = append

    async def scene() -> None:
        async with bench.server():
            run = await bench.ended(bench.submit(pipeline({"t": Step(["nothing"])})))
            assert run.state is RunState.SUCCEEDED
            assert len(bench.executor.launched) == 1

    asyncio.run(scene())


def test_a_run_that_is_deleted_stops_and_the_others_go_on(bench: Any) -> None:
    async def scene() -> None:
        async with bench.server() as supervisor:
            doomed, other = bench.submit(HOLD), bench.submit(HOLD)
            for run in (doomed, other):
                supervisor.ensure(run)
                await bench.until(run, _runs)
            await bench.delete(doomed)
            bench.executor.finish(AttemptKey(other, bench.tasks(other)["long"].node, 1))
            found = await bench.until(other, lambda found, _: found.state.is_terminal)
            assert found.state is RunState.SUCCEEDED
            assert bench.history(RunId(doomed)) == []

    asyncio.run(scene())


def test_what_runs_of_a_run_that_stands_still_ends_when_it_is_deleted(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        async with bench.server() as supervisor:
            run = bench.submit(HOLD)
            supervisor.ensure(run)
            await bench.until(run, _runs)
            directory = bench.executor.launched[0].directory
            with monkeypatch.context() as broken:
                broken.setattr(supervisor._committer, "commit", _fails)
                with pytest.raises(Unavailable, match="cannot go on"):
                    await supervisor.deliver(RunId(run), Terminate("x"))
            assert directory in bench.disk.running
            await bench.delete(run)
            async with asyncio.timeout(60):
                await supervisor._remains.done()
            assert directory not in bench.disk.running

    asyncio.run(scene())


async def _fails(_entry: object) -> None:
    raise RuntimeError("a fault of ours")


def test_a_running_task_that_can_no_longer_be_described_is_ended_before_it_failed(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a restart the spec is made again; what made it may be gone, and the task still runs."""

    async def scene() -> None:
        async with bench.doomed_server() as supervisor:
            run = bench.submit(HOLD)
            supervisor.ensure(run)
            await bench.until(run, _runs)
            directory = bench.executor.launched[0].directory
        assert directory in bench.disk.running

        def build(*_: object) -> None:
            raise OSError("Input/output error")

        monkeypatch.setattr(TaskSpecs, "build", build)
        async with bench.server():
            found = await bench.until(run, lambda found, _: found.state.is_terminal)
            assert directory not in bench.disk.running
        assert found.state is RunState.FAILED
        failure = bench.tasks(run)["long"].failure
        assert failure.message == "The server could not carry the task out: OSError: Input/output error"

    asyncio.run(scene())


def test_a_run_whose_history_cannot_be_read_at_first_is_taken_up_when_it_can(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pinnace.orchestrator.run_loop._RETRY_SECONDS", 0.01)
    real = bench.store.read
    refused: list[bool] = []

    def read() -> Any:
        if len(refused) == 2:
            return real()
        refused.append(True)
        raise Unavailable("The database server cannot be reached.")

    async def scene() -> None:
        async with bench.server():
            run = bench.submit(pipeline({"t": Step(["nothing"])}))
            bench.store.read = read
            bench.supervisor.ensure(run)
            while len(refused) < 2:
                await asyncio.sleep(0.01)
            assert (await bench.until(run, lambda found, _: found.state.is_terminal)).state is RunState.SUCCEEDED

    asyncio.run(scene())


@pytest.mark.parametrize("committed", [True, False])
def test_a_server_killed_while_it_deletes_a_run_leaves_the_rest_to_the_next(bench: Any, committed: bool) -> None:
    """The run's row may be gone already; then only the note says that a task of it runs."""

    async def scene() -> None:
        async with bench.doomed_server() as supervisor:
            run = bench.submit(HOLD)
            supervisor.ensure(run)
            await bench.until(run, _runs)
            directory = bench.executor.launched[0].directory
            Path(directory).mkdir(parents=True)
            bench.executor.cancel = _never
            await supervisor.forget(run)
            if committed:
                with bench.store.write() as uow:
                    supervisor.clear(run, uow.runs.delete(run))
        assert directory in bench.disk.running
        async with bench.server(), asyncio.timeout(60):
            if committed:
                while Path(directory).exists() or list((bench.directory / "deletions").iterdir()):
                    await asyncio.sleep(0.005)
                assert directory not in bench.disk.running
            else:
                await bench.until(run, _runs)
                while list((bench.directory / "deletions").iterdir()):
                    await asyncio.sleep(0.005)
                assert bench.executor.launched == []

    asyncio.run(scene())


async def _never(*_: object) -> None:
    await asyncio.Event().wait()


def test_a_deletion_that_the_database_refuses_changes_nothing(bench: Any) -> None:
    async def scene() -> None:
        async with bench.server() as supervisor:
            run = bench.submit(HOLD)
            supervisor.ensure(run)
            await bench.until(run, _runs)
            await supervisor.forget(run)
            supervisor.recall(run)
            bench.executor.finish(AttemptKey(run, bench.tasks(run)["long"].node, 1))
            found = await bench.until(run, lambda found, _: found.state.is_terminal)
        assert list((bench.directory / "deletions").iterdir()) == []
        assert found.state is RunState.SUCCEEDED
        assert [attempt.outcome for attempt in bench.tasks(run)["long"].attempts] == [AttemptOutcome.SUCCEEDED]

    asyncio.run(scene())
