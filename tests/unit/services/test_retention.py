"""Runs go by their age: archived, then deleted, a few at a time; running ones never."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from pinnace.domain.ids import ExperimentId, RunId
from pinnace.domain.states import RunState, StorageState
from pinnace.domain.values import Instant, after
from pinnace.errors import Unavailable
from pinnace.ports.store import Store
from pinnace.scheduler.retention_loop import retaining
from pinnace.services.experiments import ExperimentService
from pinnace.services.retention import Periods, RetentionService, Swept
from pinnace.services.runs import RunService
from pinnace.store import open_store
from pinnace.testing.clock import FrozenClock
from pinnace.testing.control import RecordingControl
from pinnace.testing.records import a_run

DAY = 86_400.0
AVAILABLE, ARCHIVED = StorageState.AVAILABLE, StorageState.ARCHIVED


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path / "pinnace.db")
    yield store
    store.close()


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def runs(store: Store, clock: FrozenClock) -> RunService:
    return RunService(store, RecordingControl(), clock, str, ExperimentService(store, clock, str))


def _add(store: Store, clock: FrozenClock, name: str, days: float | None, state: StorageState = AVAILABLE) -> RunId:
    """A run that ended so many days ago; one that goes on for None."""
    end = None if days is None else after(clock.now(), -days * DAY)
    with store.write() as uow:
        run = a_run(name, state=RunState.RUNNING if end is None else RunState.FAILED, finished_at=end)
        uow.runs.add(run)
        if state is ARCHIVED:
            uow.runs.set_storage_state(run.id, ARCHIVED, end or clock.now())
    return run.id


def _left(store: Store) -> dict[str, StorageState]:
    with store.read() as uow:
        ids = uow.storage.existing([RunId(f"{name}") for name in ("a", "b", "c", "d", "going", "put-away")])
        return {run: uow.runs.get(run).storage_state for run in ids}


def test_runs_are_archived_and_later_deleted(store: Store, clock: FrozenClock, runs: RunService) -> None:
    retention = RetentionService(store, clock, runs.delete, Periods(30 * DAY, 90 * DAY))
    _add(store, clock, "a", 29)
    _add(store, clock, "b", 31)
    _add(store, clock, "c", 400)
    _add(store, clock, "going", None)
    _add(store, clock, "put-away", None, ARCHIVED)
    assert retention.sweep() == Swept(archived=2)
    expected = {"a": AVAILABLE, "b": ARCHIVED, "c": ARCHIVED, "going": AVAILABLE, "put-away": ARCHIVED}
    assert _left(store) == expected
    clock.advance(89 * DAY)
    assert retention.sweep() == Swept(archived=1)
    clock.advance(2 * DAY)
    assert retention.sweep() == Swept(deleted=2)
    assert _left(store) == {"a": ARCHIVED, "going": AVAILABLE, "put-away": ARCHIVED}
    clock.advance(1000 * DAY)
    assert retention.sweep() == Swept(deleted=1)
    assert set(_left(store)) == {"going", "put-away"}


def test_what_is_not_switched_on_does_not_happen(store: Store, clock: FrozenClock, runs: RunService) -> None:
    _add(store, clock, "a", 1000)
    _add(store, clock, "b", 1000, ARCHIVED)
    off = RetentionService(store, clock, runs.delete, Periods())
    assert not off.is_on
    assert off.sweep() == Swept()
    assert RetentionService(store, clock, runs.delete, Periods(available=DAY)).sweep() == Swept(archived=1)
    assert _left(store) == {"a": ARCHIVED, "b": ARCHIVED}
    assert RetentionService(store, clock, runs.delete, Periods(archived=DAY)).sweep() == Swept(deleted=1)
    assert _left(store) == {"a": ARCHIVED}


def test_many_runs_go_in_slices(store: Store, clock: FrozenClock, runs: RunService) -> None:
    for number in range(250):
        _add(store, clock, f"old-{number}", 40 + number)
    _add(store, clock, "a", 10)
    retention = RetentionService(store, clock, runs.delete, Periods(30 * DAY, 30 * DAY))
    assert retention.sweep() == Swept(archived=250)
    clock.advance(31 * DAY)
    assert retention.sweep() == Swept(archived=1, deleted=250)
    assert _left(store) == {"a": ARCHIVED}


def test_a_run_that_was_brought_back_or_retried_meanwhile_stays(
    store: Store, clock: FrozenClock, runs: RunService
) -> None:
    names = [_add(store, clock, name, 40, ARCHIVED) for name in ("a", "b", "c")]

    def delete(run: RunId) -> None:
        if run == "a":
            with store.write() as uow:
                uow.runs.set_storage_state(RunId("b"), AVAILABLE, clock.now())
        runs.delete(run)

    retention = RetentionService(store, clock, delete, Periods(archived=30 * DAY))
    assert retention.to_delete(9) == names
    assert retention.sweep() == Swept(deleted=2)
    assert _left(store) == {"b": AVAILABLE}


def test_a_run_that_somebody_else_deletes_is_no_error(store: Store, clock: FrozenClock, runs: RunService) -> None:
    _add(store, clock, "a", 40, ARCHIVED)
    _add(store, clock, "b", 40, ARCHIVED)

    def delete(run: RunId) -> None:
        for each in ("a", "b") if run == "a" else (run,):
            runs.delete(RunId(each))

    assert RetentionService(store, clock, delete, Periods(archived=DAY)).sweep() == Swept(deleted=1)
    assert _left(store) == {}


def test_archiving_an_experiment_counts_for_its_runs(store: Store, clock: FrozenClock, runs: RunService) -> None:
    _add(store, clock, "a", 400)
    with store.write() as uow:
        uow.runs.archive_all(ExperimentId("experiment"), clock.now())
    retention = RetentionService(store, clock, runs.delete, Periods(archived=30 * DAY))
    assert retention.sweep() == Swept()
    clock.advance(31 * DAY)
    assert retention.sweep() == Swept(deleted=1)


def test_the_loop_sweeps_again_after_an_error_and_says_what_it_did(
    store: Store, clock: FrozenClock, runs: RunService, caplog: pytest.LogCaptureFixture
) -> None:
    _add(store, clock, "a", 40, ARCHIVED)
    tries: list[Instant] = []

    def delete(run: RunId) -> None:
        tries.append(clock.now())
        if len(tries) < 3:
            raise Unavailable("The disk is full.")
        runs.delete(run)

    async def scene() -> None:
        retention = RetentionService(store, clock, delete, Periods(archived=DAY))
        async with asyncio.timeout(60), retaining(retention, 0.01):
            while _left(store):
                await asyncio.sleep(0.01)
        assert retention.sweep() == Swept()

    with caplog.at_level(logging.INFO):
        asyncio.run(scene())
    assert len(tries) == 3
    assert "Retention goes on in 0 seconds: The disk is full." in caplog.text
    assert "Retention: 0 archived, 1 deleted." in caplog.text
