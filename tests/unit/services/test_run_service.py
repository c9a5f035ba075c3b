import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from pinnace.domain.ids import RunId
from pinnace.domain.values import Instant
from pinnace.errors import AlreadyExists, NotFound
from pinnace.ports.store import Store
from pinnace.services.experiments import ExperimentService
from pinnace.services.run_making import RunRequest
from pinnace.services.runs import RunService
from pinnace.store import open_store
from pinnace.testing.clock import FrozenClock
from pinnace.testing.control import RecordingControl

DOCUMENT = json.dumps(
    {
        "pipelineInfo": {"name": "one-task"},
        "schemaVersion": "2.1.0",
        "root": {"dag": {"tasks": {"a": {"componentRef": {"name": "c"}, "taskInfo": {"name": "a"}}}}},
        "components": {"c": {"executorLabel": "e"}},
        "deploymentSpec": {"executors": {"e": {"container": {"image": "x", "command": ["true"]}}}},
    },
    indent=3,
).encode()


class LookingControl(RecordingControl):
    """Notes at every call which events of the run are there for everybody to see."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self.seen: list[int] = []

    def wake(self, run: RunId) -> None:
        super().wake(run)
        self._look(run)

    def forget(self, run: RunId) -> None:
        super().forget(run)
        self._look(run)

    def _look(self, run: RunId) -> None:
        with self._store.read() as uow:
            self.seen.append(uow.log.last_sequence(run))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path / "pinnace.db")
    try:
        yield store
    finally:
        store.close()


@pytest.fixture
def control(store: Store) -> LookingControl:
    return LookingControl(store)


@pytest.fixture
def runs(store: Store, control: LookingControl) -> RunService:
    numbers = count(1)

    def new_id() -> str:
        return f"00000000-0000-4000-8000-{next(numbers):012}"

    clock = FrozenClock()
    return RunService(store, control, clock, new_id, ExperimentService(store, clock, new_id))


def test_a_run_is_woken_when_its_first_event_can_be_seen(runs: RunService, control: LookingControl) -> None:
    run = runs.create(RunRequest("first", DOCUMENT))
    assert control.calls == [("wake", run.id)]
    assert control.seen == [1]


def test_a_run_is_forgotten_before_its_history_goes(runs: RunService, control: LookingControl) -> None:
    run = runs.create(RunRequest("first", DOCUMENT))
    runs.delete(run.id)
    assert control.calls[-2:] == [("forget", run.id), ("clear", run.id)]
    assert control.seen == [1, 1]
    with pytest.raises(NotFound):
        runs.get(run.id)


def test_the_document_is_kept_byte_for_byte(runs: RunService) -> None:
    run = runs.create(RunRequest("first", DOCUMENT))
    assert runs.document(run.document) == DOCUMENT
    assert run.pipeline_name == "one-task"


def test_a_missing_default_experiment_is_made_again(runs: RunService, store: Store) -> None:
    first = runs.create(RunRequest("first", DOCUMENT))
    with store.write() as uow:
        uow.experiments.delete(first.experiment)
    second = runs.create(RunRequest("second", DOCUMENT))
    assert second.experiment != first.experiment
    with store.read() as uow:
        assert uow.experiments.get(second.experiment).display_name == "Default"


def test_a_taken_id_leaves_the_first_run_alone_and_wakes_nobody(runs: RunService, control: LookingControl) -> None:
    wanted = "6f1b6a0e-3c57-4f0e-9d0c-70696e6e6163"
    first = runs.create(RunRequest("first", DOCUMENT, id=wanted.upper()))
    assert first.id == wanted
    with pytest.raises(AlreadyExists):
        runs.create(RunRequest("second", DOCUMENT, id=wanted))
    assert runs.get(first.id).display_name == "first"
    assert len(control.calls) == 1


def test_a_schedule_time_is_kept(runs: RunService) -> None:
    run = runs.create(RunRequest("first", DOCUMENT, scheduled_at=Instant(5)))
    assert runs.get(run.id).scheduled_at == 5
