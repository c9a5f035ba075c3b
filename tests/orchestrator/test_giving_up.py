"""Runs that the engine cannot decide about any more: a fault of ours that must leave no run which nobody can stop."""

import asyncio
from collections.abc import Generator
from typing import Any

import pytest

from pinnace.domain.states import NodePhase, RunState
from pinnace.domain.values import Instant
from pinnace.engine.decide import Decision, unfold
from pinnace.engine.nodes import RunSnapshot
from pinnace.engine.plan import Plan
from pinnace.engine.signals import AttemptFinished, RetryRun, Signal, Terminate
from pinnace.errors import NotFound, Unavailable
from pinnace.orchestrator import run_loop
from pinnace.testing.documents import Step, pipeline
from pinnace.testing.manual_executor import Ending

STEPS = pipeline({"first": Step(["write"]), "long": Step(["hold"]), "last": Step(["write"], after=["first"])})
PATIENCE = 60.0


class Fault:
    """Makes the engine fail at signals of one type, after it has changed the state, *times* times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, signal: type, times: int = 1_000_000) -> None:
        self.signal = signal
        self.left = times
        monkeypatch.setattr(run_loop, "unfold", self._unfold)

    def _unfold(self, plan: Plan, state: RunSnapshot, signal: Signal, now: Instant) -> Generator[None, None, Decision]:
        decision = yield from unfold(plan, state, signal, now)
        if isinstance(signal, self.signal) and self.left:
            self.left -= 1
            raise KeyError("a bug")
        return decision


def _long_runs(_: Any, tasks: Any) -> bool:
    return "long" in tasks and tasks["long"].phase is NodePhase.RUNNING


async def _nothing_runs(bench: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        while bench.disk.running:
            await asyncio.sleep(0.005)


def test_a_fault_that_comes_again_ends_the_run_with_the_reason(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        async with bench.server() as supervisor:
            fault = Fault(monkeypatch, AttemptFinished)
            run = await bench.ended(bench.submit(STEPS))
            assert run.state is RunState.FAILED
            assert run.failure.code == "InternalError"
            assert run.failure.message.startswith("The server cannot go on with this run: KeyError: 'a bug'.")
            phases = {str(node): task.phase for node, task in bench.tasks(run.id).items()}
            assert phases == {
                ".": NodePhase.FAILED,
                "first": NodePhase.CANCELED,
                "long": NodePhase.CANCELED,
                "last": NodePhase.CANCELED,
            }
            await _nothing_runs(bench)
            fault.left = 0
            bench.act = lambda _: Ending()
            assert await supervisor.deliver(run.id, RetryRun("ana"))
            assert (await bench.ended(run.id)).state is RunState.SUCCEEDED

    asyncio.run(scene())


def test_a_fault_at_the_stop_stops_the_run_all_the_same(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        async with bench.server() as supervisor:
            run = bench.submit(STEPS)
            supervisor.ensure(run)
            await bench.until(run, _long_runs)
            Fault(monkeypatch, Terminate)
            assert await supervisor.deliver(run, Terminate("ana"))
            assert (await bench.ended(run)).state is RunState.FAILED
            await _nothing_runs(bench)

    asyncio.run(scene())


def test_a_fault_that_does_not_come_again_costs_nothing(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.act = lambda _: Ending()

    async def scene() -> None:
        async with bench.server():
            fault = Fault(monkeypatch, AttemptFinished, times=1)
            assert (await bench.ended(bench.submit(STEPS))).state is RunState.SUCCEEDED
            assert fault.left == 0

    asyncio.run(scene())


def test_a_fault_at_the_retry_of_a_run_that_ended_is_told(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        async with bench.server() as supervisor:
            run = await bench.ended(bench.submit(pipeline({"task": Step(["fail"])})))
            Fault(monkeypatch, RetryRun)
            with pytest.raises(Unavailable, match="log of the server"):
                await supervisor.deliver(run.id, RetryRun("ana"))
            assert (await bench.ended(run.id)).state is RunState.FAILED

    asyncio.run(scene())


def test_a_run_that_was_given_up_can_be_deleted(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        async with bench.server() as supervisor:
            Fault(monkeypatch, AttemptFinished)
            run = await bench.ended(bench.submit(STEPS))
            await bench.delete(run.id)
            await _nothing_runs(bench)
            with pytest.raises(NotFound):
                await supervisor.deliver(run.id, Terminate("ana"))

    asyncio.run(scene())
