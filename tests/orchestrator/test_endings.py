"""What becomes of letters, launches and files when a run, or the whole server, ends under them."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from pinnace.domain.ids import RunId
from pinnace.domain.states import NodePhase, RunState
from pinnace.engine.commands import LaunchTask
from pinnace.engine.signals import Terminate
from pinnace.errors import NotFound, Unavailable
from pinnace.orchestrator.loading import LoadedRun
from pinnace.orchestrator.task_specs import TaskSpecs
from pinnace.ports.store import LogAppend
from pinnace.testing.documents import Step, pipeline
from pinnace.testing.manual_executor import Ending

HOLD = pipeline({"long": Step(["hold"])})
PATIENCE = 10.0


def _runs(_: Any, tasks: Any) -> bool:
    return "long" in tasks and tasks["long"].phase is NodePhase.RUNNING


def _begun(_: Any, tasks: Any) -> bool:
    return "long" in tasks and tasks["long"].phase is NodePhase.LAUNCHED


class Gate:
    """Holds calls of ``TaskSpecs.build`` in their threads until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached = threading.Event()
        self.open = threading.Event()
        real = TaskSpecs.build

        def build(specs: TaskSpecs, loaded: LoadedRun, command: LaunchTask) -> Any:
            self.reached.set()
            assert self.open.wait(PATIENCE)
            return real(specs, loaded, command)

        monkeypatch.setattr(TaskSpecs, "build", build)


def test_a_launch_that_was_being_prepared_when_the_server_stopped_is_made_by_the_next(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    bench.act = lambda spec: Ending()

    async def scene() -> None:
        async with bench.server() as supervisor:
            run = bench.submit(HOLD)
            supervisor.ensure(run)
            assert await asyncio.to_thread(gate.reached.wait, PATIENCE)
            closes = bench.executor.close

            async def close() -> None:
                await closes()
                gate.open.set()

            bench.executor.close = close
        assert bench.tasks(run)["long"].phase is NodePhase.LAUNCHED
        async with bench.server():
            found = await bench.until(run, lambda found, _: found.state.is_terminal)
        assert found.state is RunState.SUCCEEDED
        assert [attempt.number for attempt in bench.tasks(run)["long"].attempts] == [1]

    asyncio.run(scene())


def test_a_server_stops_although_its_database_takes_nothing_any_more(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failure is played here; a disk that is really full is in tests/contract."""
    monkeypatch.setattr("pinnace.orchestrator.supervisor._WRITING_SECONDS", 0.05)
    real = bench.store.append

    def append(_: Sequence[LogAppend]) -> Sequence[Exception | None]:
        raise Unavailable("The disk is full.")

    async def scene() -> None:
        async with asyncio.timeout(PATIENCE):
            async with bench.server() as supervisor:
                run = bench.submit(HOLD)
                supervisor.ensure(run)
                await bench.until(run, _runs)
                bench.store.append = append
        bench.store.append = real
        bench.act = lambda spec: Ending()
        async with bench.server():
            found = await bench.until(run, lambda found, _: found.state.is_terminal)
        assert found.state is RunState.SUCCEEDED

    asyncio.run(scene())


def test_a_stopped_supervisor_takes_no_signals(bench: Any) -> None:
    async def scene() -> None:
        async with bench.server() as supervisor:
            run = bench.submit(HOLD)
        with pytest.raises(Unavailable):
            await supervisor.deliver(run, Terminate("ana"))

    asyncio.run(scene())


def test_who_waits_for_a_run_that_is_gone_is_told_and_nothing_of_it_runs_on(bench: Any) -> None:
    async def scene() -> None:
        async with bench.server() as supervisor:
            run = bench.submit(HOLD)
            supervisor.ensure(run)
            await bench.until(run, _runs)
            with bench.store.write() as uow:
                uow.runs.delete(run)
            async with asyncio.timeout(PATIENCE):
                with pytest.raises(NotFound):
                    await supervisor.deliver(run, Terminate("ana"))
                while bench.disk.running:
                    await asyncio.sleep(0.005)

    asyncio.run(scene())


def test_who_waits_for_a_run_loop_that_breaks_is_told(bench: Any) -> None:
    def append(_: Sequence[LogAppend]) -> Sequence[Exception | None]:
        raise ValueError("a bug")

    async def scene() -> None:
        async with bench.server() as supervisor:
            run = bench.submit(HOLD)
            supervisor.ensure(run)
            await bench.until(run, _runs)
            real, bench.store.append = bench.store.append, append
            async with asyncio.timeout(PATIENCE):
                with pytest.raises(Unavailable, match="log of the server"):
                    await supervisor.deliver(run, Terminate("ana"))
            bench.store.append = real
            assert await supervisor.deliver(run, Terminate("ana"))
            assert (await bench.ended(run)).state is RunState.CANCELED

    asyncio.run(scene())


def test_a_deleted_run_leaves_no_attempt_log_or_workspace(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)

    async def scene() -> None:
        async with bench.server() as supervisor:
            run = bench.submit(HOLD)
            supervisor.ensure(run)
            await bench.until(run, _begun)
            assert await asyncio.to_thread(gate.reached.wait, PATIENCE)
            files = [bench.directory / "runs" / run / "long" / "1" / "log", bench.directory / "workspaces" / run / "f"]
            for file in files:
                file.parent.mkdir(parents=True)
                file.write_text("x")
            await bench.delete(run)
            gate.open.set()
            async with asyncio.timeout(PATIENCE):
                while any(file.exists() for file in files):
                    await asyncio.sleep(0.005)
            assert not (bench.directory / "runs" / run).exists()
            assert bench.disk.running == set()

    asyncio.run(scene())


def test_copies_that_take_long_hold_up_no_other_run(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)

    async def scene() -> None:
        async with bench.server() as supervisor:
            many = bench.submit(pipeline({f"t{number}": Step(["nothing"]) for number in range(50)}))
            supervisor.ensure(many)
            assert await asyncio.to_thread(gate.reached.wait, PATIENCE)
            async with asyncio.timeout(PATIENCE / 2):
                assert await supervisor.deliver(bench.submit(HOLD), Terminate("ana"))
            gate.open.set()

    asyncio.run(scene())


def test_a_signal_for_a_run_that_nobody_knows_is_refused(bench: Any) -> None:
    async def scene() -> None:
        async with bench.server() as supervisor:
            with pytest.raises(NotFound):
                await supervisor.deliver(RunId("nobody"), Terminate("ana"))

    asyncio.run(scene())


def test_a_commit_that_went_through_although_the_database_said_otherwise_is_not_decided_again(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that breaks behind a COMMIT; decided again, one request to stop would be two."""
    monkeypatch.setattr("pinnace.orchestrator.committer._RETRY_SECONDS", 0.01)
    real = bench.store.append

    def append(entries: Sequence[LogAppend]) -> Sequence[Exception | None]:
        bench.store.append = real
        real(entries)
        raise Unavailable("The connection is gone.")

    async def scene() -> None:
        async with bench.server() as supervisor:
            run = bench.submit(HOLD)
            supervisor.ensure(run)
            await bench.until(run, _runs)
            bench.store.append = append
            assert await supervisor.deliver(run, Terminate("ana"))
            assert (await bench.ended(run)).state is RunState.CANCELED
            assert bench.history(run).count("StopRequested") == 1

    asyncio.run(scene())
