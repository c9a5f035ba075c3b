"""What lists ask of the database, whatever their length, and what they carry."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import Engine, event
from starlette.testclient import TestClient
from tests.api.conftest import KFP, SPEC, FileLogs, World

from pinnace.domain.ids import RunId
from pinnace.domain.pipelines import PipelineVersion, StoredPipeline
from pinnace.domain.runs import PipelineReference, Run
from pinnace.domain.states import NodePhase, StorageState
from pinnace.domain.values import JsonValue
from pinnace.ports.store import LogAppend
from pinnace.store import open_store
from pinnace.testing.records import (
    a_pipeline,
    a_recurring_run,
    a_run,
    a_task,
    a_version,
    an_artifact,
    an_experiment,
    some_events,
)

ROWS = 220


@dataclass
class _Statements:
    """What the process asks its databases meanwhile."""

    texts: list[str] = field(default_factory=list)

    @contextmanager
    def noted(self) -> Iterator[None]:
        def note(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
            self.texts.append(text)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            yield
        finally:
            event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Many of everything; every second run, and every recurring run, brings a pipeline of its own along."""
    directory = tmp_path_factory.mktemp("full")
    store = open_store(directory / "pinnace.db")
    world = World(store, FileLogs(directory))
    _fill(world)
    yield world
    store.close()


def _fill(world: World) -> None:
    with world.store.write() as unit:
        for number in range(ROWS):
            document = json.dumps(SPEC | {"pipelineInfo": {"name": f"greet-{number}"}}).encode()
            digest = unit.pipelines.add_document(document)
            unit.experiments.add(an_experiment(f"e{number:03}", at=number))
            unit.pipelines.add(_pipeline(number))
            unit.versions.add(_version(number, digest))
            run = _run(number, digest)
            unit.runs.add(run)
            task = a_task(
                run.id,
                "hello",
                phase=NodePhase.SUCCEEDED,
                parameters={"x": "y" * 33_000},
                outputs={"out": (f"a{number}",)},
            )
            made = [an_artifact(f"a{number}")]
            unit.log.append(LogAppend(run.id, 0, some_events(1, 1), tasks=[task], artifacts=made))
            unit.schedules.add(a_recurring_run(f"r{number:03}", at=number, experiment="e000", document=digest))


def _pipeline(number: int) -> StoredPipeline:
    return a_pipeline(f"p{number:03}", at=number, tags={"team": "red", "number": str(number)})


def _version(number: int, digest: str) -> PipelineVersion:
    return a_version("p000", f"v{number:03}", at=number, document=digest, tags={"stage": "test"})


def _run(number: int, digest: str) -> Run:
    version = _version(number, digest)
    return replace(
        a_run(f"run-{number:03}", at=number, experiment="e000", document=digest, parameters=_large(number)),
        reference=PipelineReference(version.pipeline, version.id) if number % 2 else None,
    )


def _large(number: int) -> dict[str, JsonValue]:
    """Now and then a value that is kept outside the rows."""
    return {"x": f"{number:08}" * 4_200} if number % 20 in (0, 19) else {"x": number}


LISTS = [
    f"{KFP}/runs?",
    f"{KFP}/runs?experiment_id=e000&sort_by=name desc",
    f"{KFP}/runs?view=FULL",
    f"{KFP}/experiments?",
    f"{KFP}/pipelines?",
    f"{KFP}/pipelines/p000/versions?",
    f"{KFP}/recurringruns?",
    f"{KFP}/recurringruns?experiment_id=e000",
    f"{KFP}/artifacts?",
    f"{KFP}/tasks?namespace=default",
]


@pytest.mark.parametrize("path", LISTS)
def test_a_page_of_many_asks_the_database_as_often_as_one_of_few(full: World, path: str) -> None:
    counts = []
    for size in (2, 20, 200):
        asked = _Statements()
        client = full.client()  # a new application, which has read no document yet
        with asked.noted():
            answer = client.get(f"{path}&page_size={size}")
        assert answer.status_code == 200, answer.text
        (items,) = [value for value in answer.json().values() if isinstance(value, list)]
        assert len(items) == (min(size, 20) if "FULL" in path else size)
        assert all("pipeline_spec" in item for item in items if "version" in path or "recurring" in path)
        counts.append(len(asked.texts))
    assert counts[0] == counts[1] == counts[2] < 12, asked.texts


def test_lists_carry_tasks_only_for_who_asks_and_then_few_runs_a_page(full: World) -> None:
    client = full.client()
    for view in ("", "&view=DEFAULT", "&view="):
        runs = client.get(f"{KFP}/runs?page_size=200{view}").json()["runs"]
        assert len(runs) == 200
        assert not any("run_details" in run for run in runs)
    page = client.get(f"{KFP}/runs?view=FULL&page_size=200").json()
    assert [run["run_details"]["task_details"][0]["display_name"] for run in page["runs"]] == ["hello"] * 20
    assert page["total_size"] == ROWS
    following = client.get(f"{KFP}/runs?view=FULL&page_token={page['next_page_token']}").json()["runs"]
    assert following[0]["run_id"] == "run-020"
    whole = client.get(f"{KFP}/runs/run-020").json()
    assert following[0]["run_details"] == whole["run_details"]
    assert client.get(f"{KFP}/runs?view=HALF").status_code == 400


def test_not_archived_is_available(world: World, client: TestClient) -> None:
    with world.store.write() as unit:
        for name in ("a", "b", "c"):
            unit.runs.add(a_run(name))
        unit.runs.set_storage_state(RunId("b"), StorageState.ARCHIVED, world.clock.now())
    for operation, value, total in (
        ("NOT_EQUALS", "ARCHIVED", 2),
        ("EQUALS", "AVAILABLE", 2),
        ("NOT_EQUALS", "AVAILABLE", 1),
        ("NOT_EQUALS", "anything", 3),
    ):
        predicate = {"operation": operation, "key": "storage_state", "string_value": value}
        answer = client.get(f"{KFP}/runs", params={"filter": json.dumps({"predicates": [predicate]}), "page_size": 1})
        assert answer.json()["total_size"] == total


def test_a_document_that_is_gone_costs_its_run_the_spec_and_the_list_nothing(world: World, client: TestClient) -> None:
    with world.store.write() as unit:
        unit.runs.add(a_run("without", at=1))
        unit.runs.add(a_run("with", at=2, document=unit.pipelines.add_document(json.dumps(SPEC).encode())))
    runs = client.get(f"{KFP}/runs").json()["runs"]
    assert [(run["run_id"], "pipeline_spec" in run) for run in runs] == [("without", False), ("with", True)]
