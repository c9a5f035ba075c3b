"""All services on one database, with a clock that the test moves."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from pinnace.domain.history import RecordedEvent
from pinnace.domain.ids import RecurringRunId
from pinnace.domain.listing import ListQuery
from pinnace.domain.runs import Run
from pinnace.domain.schedules import Trigger
from pinnace.domain.states import RunState
from pinnace.domain.values import SECOND
from pinnace.ports.store import LogAppend, RunProgress, Store
from pinnace.services.experiments import ExperimentService
from pinnace.services.firing import Firing
from pinnace.services.pipelines import PipelineService
from pinnace.services.runs import RunService
from pinnace.services.schedules import RecurringRunRequest, ScheduleService
from pinnace.store import open_store
from pinnace.testing.clock import EPOCH_OF_TESTS, FrozenClock
from pinnace.testing.control import RecordingControl


def document(name: str = "one-task", *parameters: str) -> bytes:
    task = {"a": {"componentRef": {"name": "c"}, "taskInfo": {"name": "a"}}}
    inputs = {each: {"parameterType": "STRING"} for each in parameters}
    whole = {
        "pipelineInfo": {"name": name},
        "schemaVersion": "2.1.0",
        "root": {"dag": {"tasks": task}, "inputDefinitions": {"parameters": inputs}},
        "components": {"c": {"executorLabel": "e"}},
        "deploymentSpec": {"executors": {"e": {"container": {"image": "x", "command": ["true"]}}}},
    }
    return json.dumps(whole).encode()


class Bench:
    """All services on one store. Times are seconds after the clock's first one."""

    def __init__(self, store: Store) -> None:
        numbers = count(1)

        def new_id() -> str:
            return f"00000000-0000-4000-8000-{next(numbers):012}"

        self.store = store
        self.clock = FrozenClock()
        self.control = RecordingControl()
        self.changes = 0
        self.experiments = ExperimentService(store, self.clock, new_id)
        self.pipelines = PipelineService(store, self.clock, new_id)
        self.runs = RunService(store, self.control, self.clock, new_id, self.experiments)
        self.schedules = ScheduleService(store, self.clock, new_id, self.experiments, changed=self._change)
        self.firing = Firing(store, self.control, self.clock, new_id)

    def _change(self) -> None:
        self.changes += 1

    def schedule(self, trigger: Trigger, **options: Any) -> RecurringRunId:
        request = RecurringRunRequest("nightly", document(), trigger, enabled=True, max_concurrency=10)
        return self.schedules.create(replace(request, **options)).id

    def jump(self, seconds: float) -> list[float]:
        """Move the clock, let everything act that is due; the times for which it has."""
        self.clock.advance(seconds)
        return self.act()

    def act(self) -> list[float]:
        before = {run.id for run in self.made()}
        while self.firing.fire_due().acted:
            pass
        return [(run.scheduled_at - EPOCH_OF_TESTS) / SECOND for run in self.made() if run.id not in before]

    def made(self) -> list[Run]:
        with self.store.read() as uow:
            runs = uow.runs.list(ListQuery(sort_by="scheduled_at", size=200)).items
        return [run for run in runs if run.recurring_run is not None]

    def end(self, run: Run) -> None:
        now = self.clock.now()
        with self.store.write() as uow:
            ended = RecordedEvent(2, now, "Ended", {})
            entered = ((now, RunState.RUNNING), (now, RunState.SUCCEEDED))
            uow.log.append(LogAppend(run.id, 1, [ended], RunProgress(RunState.SUCCEEDED, now, None, entered)))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    store = open_store(tmp_path / "pinnace.db")
    yield Bench(store)
    store.close()
