"""Tasks and artifacts are read from an index, however many there are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from pinnace.domain.ids import ArtifactId, NodeId, RunId, task_uuid
from pinnace.domain.lineage import LinkQuery, LinkRole
from pinnace.domain.listing import ListQuery, Operation, Predicate
from pinnace.domain.tasks import NodeBinding
from pinnace.domain.values import Instant
from pinnace.ports.store import CacheEntry, Store
from pinnace.store import open_store

ONE = RunId("one")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path / "pinnace.db")
    yield store
    store.close()


def _plans(store: Store, read: Any) -> list[str]:
    """How SQLite carries out what *read* asks."""
    reader: Engine = store._reader  # type: ignore[attr-defined]
    plans: list[str] = []

    @event.listens_for(reader, "before_cursor_execute")
    def explain(connection: Connection, cursor: Any, statement: str, values: Any, *_: object) -> None:
        if statement.startswith("SELECT"):
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            plans.extend(row[3] for row in cursor.fetchall())

    with store.read() as unit:
        read(unit)
    event.remove(reader, "before_cursor_execute", explain)
    return plans


def test_tasks_and_artifacts_are_read_from_an_index(opened: Store) -> None:
    task = task_uuid(ONE, NodeId("n"))
    model = Predicate("kind", Operation.EQUALS, "Model")
    iris = Predicate("name", Operation.IS_SUBSTRING, "iris")
    reads = [
        lambda unit: unit.lineage.task(task) if unit.lineage.briefs([task]) else None,
        lambda unit: unit.lineage.tasks(ListQuery("default", descending=True)),
        lambda unit: unit.lineage.tasks(ListQuery("default", ONE)),
        lambda unit: unit.lineage.subtasks(ListQuery("default", task)),
        lambda unit: unit.lineage.children(task, 5),
        lambda unit: unit.lineage.artifacts(ListQuery("default", descending=True)),
        lambda unit: unit.lineage.artifacts(ListQuery("default", predicates=(model,), descending=True)),
        lambda unit: unit.lineage.artifacts(ListQuery("default", predicates=(iris,), descending=True)),
        lambda unit: unit.lineage.artifacts(ListQuery("default", predicates=(iris, model), descending=True)),
        lambda unit: unit.lineage.producers([ArtifactId("a")]),
        lambda unit: unit.lineage.links_of_artifacts([ArtifactId("a")], [LinkRole.USED], 9),
        lambda unit: unit.lineage.links_of_tasks([task], [LinkRole.USED], 9),
        lambda unit: unit.lineage.links(LinkQuery(artifacts=(ArtifactId("a"),))),
        lambda unit: unit.lineage.links(LinkQuery(tasks=(task,))),
        lambda unit: unit.lineage.links(LinkQuery()),
        lambda unit: unit.cache.others(CacheEntry("f", "p", "default", ONE, NodeId("n"), Instant(1), NodeBinding()), 9),
    ]
    for number, read in enumerate(reads):
        plans = _plans(opened, read)
        assert plans, number
        for plan in plans:
            # What a subquery gave, at most a page, may be walked and sorted; tables may not.
            if plan.startswith(("SEARCH", "SCAN")) and "(subquery" not in plan and "ANON" not in plan:
                assert "INDEX" in plan, (number, plan)
    for name, value in (("few_phases", ("RUNNING", "OPEN")), ("phase", ("FAILED",)), ("run_id", ("one",))):
        predicate = Predicate(name, Operation.IN, value)
        asked = ListQuery("default", predicates=(predicate,), descending=True)
        plans = _plans(opened, lambda unit, query=asked: unit.lineage.tasks(query))
        assert not any("ix_tasks_namespace_created_at" in plan for plan in plans), (name, plans)
    place = ListQuery("default", predicates=(Predicate("place", Operation.EQUALS, "/x"),), descending=True)
    assert any("ix_artifacts_place (" in plan for plan in _plans(opened, lambda unit: unit.lineage.artifacts(place)))
    page = _plans(opened, reads[1])
    assert sum("USE TEMP B-TREE" in plan for plan in page) <= 1, page
    assert any("COVERING INDEX ix_artifacts_namespace_created_at_id_name" in plan for plan in _plans(opened, reads[7]))
    assert any("COVERING INDEX ix_artifacts_namespace_kind_" in plan for plan in _plans(opened, reads[8]))
