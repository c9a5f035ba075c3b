"""Contract of the store for recurring runs."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final

import pytest

from pinnace.domain.ids import ExperimentId, PipelineId, PipelineVersionId, RecurringRunId, RunId
from pinnace.domain.listing import ListQuery, Operation, Predicate
from pinnace.domain.runs import PipelineReference
from pinnace.domain.schedules import CronTrigger, IntervalTrigger, RecurringRun
from pinnace.domain.states import RunState
from pinnace.domain.values import Instant
from pinnace.errors import AlreadyExists, NotFound
from pinnace.ports.store import Store
from pinnace.services.experiments import ExperimentService
from pinnace.services.firing import Firing
from pinnace.services.schedules import RecurringRunRequest, ScheduleService
from pinnace.store import open_store
from pinnace.testing.clock import FrozenClock
from pinnace.testing.control import RecordingControl
from pinnace.testing.records import a_recurring_run, a_run

DOCUMENT: Final[dict[str, Any]] = {
    "pipelineInfo": {"name": "one-task"},
    "schemaVersion": "2.1.0",
    "root": {"dag": {"tasks": {"a": {"componentRef": {"name": "c"}, "taskInfo": {"name": "a"}}}}},
    "components": {"c": {"executorLabel": "e"}},
    "deploymentSpec": {"executors": {"e": {"container": {"image": "x", "command": ["true"]}}}},
}

WHOLE = RecurringRun(
    id=RecurringRunId("whole"),
    display_name="nächtlich",
    experiment=ExperimentId("e"),
    created_at=Instant(1),
    updated_at=Instant(2),
    trigger=CronTrigger("0 0 9 ? * MON", Instant(3), Instant(4_000_000_000_000_000)),
    document="digest",
    reference=PipelineReference(PipelineId("p"), PipelineVersionId("v")),
    parameters={"text": "[[Index]]", "list": [1, {"$value": "x" * 40_000}], "none": None},
    pipeline_root="/root",
    service_account="robot",
    description="d",
    namespace="n",
    creator="c",
    enabled=True,
    no_catchup=True,
    max_concurrency=10,
    last_at=Instant(5),
    last_index=6,
    resumed_at=Instant(7),
    next_at=Instant(8),
    error="why",
)


def with_all(store: Store, *recurring: RecurringRun) -> None:
    with store.write() as unit:
        for each in recurring:
            unit.schedules.add(each)


@pytest.mark.parametrize(
    "recurring",
    [
        WHOLE,
        replace(WHOLE, reference=PipelineReference(PipelineId("p")), document=""),
        replace(WHOLE, trigger=IntervalTrigger(2**62, None, Instant(9)), reference=None),
        replace(WHOLE, trigger=None),
        a_recurring_run("small"),
    ],
)
def test_a_recurring_run_round_trips(store: Store, recurring: RecurringRun) -> None:
    with_all(store, recurring)
    with store.read() as unit:
        assert unit.schedules.get(recurring.id) == recurring


def test_its_id_is_taken_once(store: Store) -> None:
    with_all(store, WHOLE)
    with store.write() as unit, pytest.raises(AlreadyExists):
        unit.schedules.add(WHOLE)


def test_what_is_not_there_is_not_found(store: Store) -> None:
    with store.write() as unit:
        for attempt in (
            lambda: unit.schedules.get(WHOLE.id),
            lambda: unit.schedules.update(WHOLE),
            lambda: unit.schedules.delete(WHOLE.id),
        ):
            with pytest.raises(NotFound):
                attempt()


def test_an_update_replaces_what_changes_and_nothing_else(store: Store) -> None:
    with_all(store, WHOLE, a_recurring_run("other"))
    progress = {
        "enabled": False,
        "updated_at": Instant(20),
        "last_at": Instant(21),
        "last_index": 22,
        "resumed_at": None,
        "next_at": None,
        "error": "",
    }
    with store.write() as unit:
        unit.schedules.update(replace(WHOLE, display_name="ignored", parameters={}, trigger=None, **progress))  # type: ignore[arg-type]
    with store.read() as unit:
        assert unit.schedules.get(WHOLE.id) == replace(WHOLE, **progress)  # type: ignore[arg-type]
        assert unit.schedules.get(RecurringRunId("other")) == a_recurring_run("other")


def test_what_is_due_and_what_comes_next(store: Store) -> None:
    with_all(
        store,
        a_recurring_run("late", next_at=5),
        a_recurring_run("b", next_at=10),
        a_recurring_run("a", next_at=10),
        a_recurring_run("soon", next_at=11),
        a_recurring_run("later", next_at=50),
        a_recurring_run("off"),
    )
    with store.read() as unit:
        assert [each.id for each in unit.schedules.due(Instant(10))] == ["late", "a", "b"]
        assert unit.schedules.due(Instant(4)) == []
        assert unit.schedules.next_at(Instant(10)) == 11
        assert unit.schedules.next_at(Instant(11)) == 50
        assert unit.schedules.next_at(Instant(50)) is None
        assert {each.id for each in unit.schedules.enabled()} == {"late", "a", "b", "soon", "later"}


def test_unfinished_runs_are_counted_for_each(store: Store) -> None:
    with store.write() as unit:
        for number, state in enumerate(RunState):
            unit.runs.add(a_run(f"of a {number}", state=state, recurring_run="a"))
            unit.runs.add(a_run(f"alone {number}", state=state))
        unit.runs.add(a_run("of b", recurring_run="b"))
        unit.runs.add(a_run("of c", recurring_run="c", state=RunState.SUCCEEDED))
    going_on = sum(not state.is_terminal for state in RunState)
    with store.read() as unit:
        ids = [RecurringRunId(each) for each in "abc"]
        found = unit.schedules.unfinished(ids)
        assert {each: found.get(each, 0) for each in ids} == {"a": going_on, "b": 1, "c": 0}
        assert unit.schedules.unfinished([]) == {}
        assert unit.schedules.unfinished([RecurringRunId(str(each)) for each in range(2000)]) == {}


def test_runs_know_their_recurring_run_and_can_be_found_by_it(store: Store) -> None:
    with store.write() as unit:
        unit.runs.add(a_run("1", recurring_run="a"))
        unit.runs.add(a_run("2", recurring_run="b"))
        unit.runs.add(a_run("3"))

    def found(operation: Operation, value: str) -> list[str]:
        query = ListQuery(predicates=(Predicate("recurring_run_id", operation, value),), sort_by="recurring_run_id")
        with store.read() as unit:
            return [run.id for run in unit.runs.list(query).items]

    assert found(Operation.EQUALS, "a") == ["1"]
    assert found(Operation.NOT_EQUALS, "a") == ["3", "2"]
    assert found(Operation.EQUALS, "") == ["3"]
    with store.read() as unit:
        assert unit.runs.get(RunId("1")) == a_run("1", recurring_run="a")
        assert unit.runs.get(RunId("3")).recurring_run is None


def test_all_of_an_experiment_are_disabled(store: Store) -> None:
    with_all(
        store,
        a_recurring_run("on", experiment="e", next_at=5),
        a_recurring_run("off", experiment="e"),
        a_recurring_run("elsewhere", experiment="f", next_at=5),
    )
    with store.write() as unit:
        unit.schedules.disable_all(ExperimentId("e"), Instant(9))
    with store.read() as unit:
        disabled = a_recurring_run("on", experiment="e")
        assert unit.schedules.get(RecurringRunId("on")) == replace(disabled, updated_at=Instant(9))
        assert unit.schedules.get(RecurringRunId("off")) == a_recurring_run("off", experiment="e")
        assert [each.id for each in unit.schedules.enabled()] == ["elsewhere"]


def test_lists_are_sorted_filtered_and_paged(store: Store) -> None:
    with_all(store, *(a_recurring_run(f"r{number}", at=number, experiment=f"e{number % 2}") for number in range(6)))
    with store.read() as unit:
        page = unit.schedules.list(ListQuery(size=4, descending=True))
        assert [each.id for each in page.items] == ["r5", "r4", "r3", "r2"]
        assert page.total == 6
        rest = unit.schedules.list(ListQuery(size=4, descending=True, token=page.next_token))
        assert [each.id for each in rest.items] == ["r1", "r0"]
        assert rest.next_token == ""
        of_one = unit.schedules.list(ListQuery(parent="e1", sort_by="name"))
        assert [each.id for each in of_one.items] == ["r1", "r3", "r5"]
        named = Predicate("name", Operation.IN, ("r2", "r3"))
        late = Predicate("updated_at", Operation.GREATER_THAN, 2)
        assert [each.id for each in unit.schedules.list(ListQuery(predicates=(named, late))).items] == ["r3"]
        assert unit.schedules.list(ListQuery(namespace="elsewhere")).total == 0


def test_a_document_lives_as_long_as_a_recurring_run_needs_it(store: Store) -> None:
    with store.write() as unit:
        digest = unit.pipelines.add_document(b"pipeline")
        unit.schedules.add(a_recurring_run("a", document=digest))
        unit.schedules.add(a_recurring_run("b", document=digest))
        unit.schedules.add(a_recurring_run("latest", document=""))
        unit.runs.add(a_run("r", document=digest, recurring_run="a"))
    with store.write() as unit:
        unit.runs.delete(RunId("r"))
        unit.schedules.delete(RecurringRunId("a"))
        unit.schedules.delete(RecurringRunId("latest"))
    with store.read() as unit:
        assert unit.pipelines.document(digest) == b"pipeline"
    with store.write() as unit:
        unit.schedules.delete(RecurringRunId("b"))
    with store.read() as unit, pytest.raises(NotFound):
        unit.pipelines.document(digest)


def test_several_servers_on_one_database_make_each_run_once(address: str) -> None:
    stores = [open_store(address) for _ in range(3)]
    clock = FrozenClock()
    experiments = ExperimentService(stores[0], clock, lambda: str(uuid.uuid4()))
    schedules = ScheduleService(stores[0], clock, lambda: str(uuid.uuid4()), experiments)
    for name in "abc":
        schedules.create(
            RecurringRunRequest(
                name, json.dumps(DOCUMENT).encode(), IntervalTrigger(60), enabled=True, max_concurrency=10
            )
        )
    clock.advance(6 * 60)

    def serve(store: Store) -> None:
        firing = Firing(store, RecordingControl(), clock, lambda: str(uuid.uuid4()))
        while firing.fire_due().acted:
            pass

    with ThreadPoolExecutor(len(stores)) as servers:
        list(servers.map(serve, stores))
    with stores[0].read() as unit:
        runs = unit.runs.list(ListQuery(size=100)).items
    for store in stores:
        store.close()
    assert sorted(run.display_name for run in runs) == sorted(
        f"{name}-{each}" for name in "abc" for each in range(1, 7)
    )
    assert len({(run.recurring_run, run.scheduled_at) for run in runs}) == 18
