"""Requests that stop a run while the database takes nothing: they must not hold the threads of the API."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from pinnace.domain.ids import RunId
from pinnace.domain.states import NodePhase, RunState
from pinnace.errors import Unavailable
from pinnace.orchestrator import control as module
from pinnace.orchestrator.control import LoopControl
from pinnace.orchestrator.supervisor import Supervisor
from pinnace.ports.store import LogAppend
from pinnace.testing.documents import Step, pipeline

PATIENCE = 60.0
FOR_EVER = 3600.0


def _long_runs(_: Any, tasks: Any) -> bool:
    return "long" in tasks and tasks["long"].phase is NodePhase.RUNNING


async def _running(bench: Any, supervisor: Supervisor) -> RunId:
    run: RunId = bench.submit(pipeline({"long": Step(["hold"])}))
    supervisor.ensure(run)
    await bench.until(run, _long_runs)
    return run


@pytest.fixture(autouse=True)
def _short_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for longer than a moment waits for longer than the test."""
    monkeypatch.setattr(module, "_SOON_SECONDS", 0.05)
    monkeypatch.setattr(module, "_ANSWER_SECONDS", FOR_EVER)


def test_a_stop_is_answered_soon_while_nothing_can_be_written_and_carried_out_later(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pinnace.orchestrator.committer._RETRY_SECONDS", 0.01)
    full = threading.Event()
    real = bench.store.append

    def append(entries: Sequence[LogAppend]) -> Sequence[Exception | None]:
        if full.is_set():
            raise Unavailable("The disk is full.")
        result: Sequence[Exception | None] = real(entries)
        return result

    bench.store.append = append

    async def scene() -> None:
        async with bench.server() as supervisor, asyncio.timeout(PATIENCE):
            control = LoopControl(supervisor, asyncio.get_running_loop())
            run = await _running(bench, supervisor)
            full.set()
            with pytest.raises(Unavailable, match="cannot be written"):
                await asyncio.to_thread(control.terminate, run, "ana")
            full.clear()
            assert (await bench.ended(run)).state is RunState.CANCELED

    asyncio.run(scene())


def test_only_some_wait_long_for_a_database_that_hangs(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENT", 1)
    gate = threading.Event()
    gate.set()
    real = bench.store.append

    def append(entries: Sequence[LogAppend]) -> Sequence[Exception | None]:
        assert gate.wait(PATIENCE)
        result: Sequence[Exception | None] = real(entries)
        return result

    bench.store.append = append

    async def scene() -> None:
        async with bench.server() as supervisor, asyncio.timeout(PATIENCE):
            control = LoopControl(supervisor, asyncio.get_running_loop())
            run = await _running(bench, supervisor)
            gate.clear()
            stops = {asyncio.create_task(asyncio.to_thread(control.terminate, run, "ana")) for _ in range(2)}
            refused, waiting = await asyncio.wait(stops, return_when=asyncio.FIRST_COMPLETED)
            gate.set()
            assert len(refused) == len(waiting) == 1
            assert isinstance(refused.pop().exception(), Unavailable)
            await waiting.pop()
            assert (await bench.ended(run)).state is RunState.CANCELED

    asyncio.run(scene())
