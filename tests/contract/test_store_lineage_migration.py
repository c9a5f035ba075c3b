"""What an older release stored of tasks and artifacts is found in the new ways too."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, insert
from sqlalchemy.engine import make_url

from pinnace.domain.ids import ArtifactId, NodeId, RunId, task_uuid
from pinnace.domain.lineage import LinkQuery
from pinnace.domain.listing import ListQuery, Operation, Predicate
from pinnace.store import open_store, schema
from pinnace.store.dialects import PostgresDatabase, SqliteDatabase
from pinnace.store.tables import metadata

ONE = RunId("one")


@pytest.fixture
def engine(address: str) -> Iterator[Engine]:
    database = PostgresDatabase(make_url(address)) if "://" in address else SqliteDatabase(Path(address))
    opened = database.migrator()
    yield opened
    opened.dispose()


def test_what_an_older_release_stored_is_found_too(engine: Engine, address: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        _store_as_of_0005(connection)
    store = open_store(address)
    with store.read() as unit:
        found = unit.lineage.task(task_uuid(ONE, NodeId("loop[1]/fit")))
        assert (found.run, found.node, found.parent) == (ONE, "loop[1]/fit", "loop[1]")
        inside = unit.lineage.subtasks(ListQuery("default", task_uuid(ONE, NodeId("loop"))))
        assert [task.node for task in inside.items] == ["loop[0]", "loop[1]"]
        assert unit.lineage.task(task_uuid(ONE, NodeId("loop"))).iterations == 2
        links = unit.lineage.links(LinkQuery(artifacts=(ArtifactId("a"),), groups=True)).items
        roles = {(link.node, link.direction.value): link.role.value for link in links}
        assert roles == {
            ("loop", "INPUT"): "PASSED",
            ("loop", "OUTPUT"): "EXPOSED",
            ("loop[0]/fit", "OUTPUT"): "PRODUCED",
            ("loop[1]/fit", "INPUT"): "USED",
            ("loop[1]/fit", "OUTPUT"): "REUSED",
        }
        assert unit.lineage.producers([ArtifactId("a")])[ArtifactId("a")].node == "loop[0]/fit"
        assert unit.lineage.artifact(ArtifactId("a")).artifact.type.kind == "Model"
        models = ListQuery("default", predicates=(Predicate("kind", Operation.EQUALS, "Model"),))
        assert unit.lineage.artifacts(models).total == 1
        assert len(unit.lineage.artifact(ArtifactId("b")).artifact.name) == 500
    store.close()


def _store_as_of_0005(connection: Connection) -> None:
    """A run with a loop of two iterations, the second of which was served by the cache, in the tables of that time."""
    body = '{"inputs": {"parameters": {}, "artifacts": {}}, "outputs": {"parameters": {}, "artifacts": {}}, '
    body += '"failure": null, "detail": "", "attempts": [], "history": []}'
    run = {**_defaults("runs"), "id": ONE, "namespace": "default", "state": "SUCCEEDED", "state_history": "[]"}
    connection.execute(_old("runs", run), run)
    tasks: list[dict[str, Any]] = [
        {"node": ".", "parent": None, "kind": "DAG", "cached": False},
        {"node": "loop", "parent": ".", "kind": "LOOP", "cached": False},
        {"node": "loop[0]", "parent": "loop", "kind": "DAG", "cached": False},
        {"node": "loop[0]/fit", "parent": "loop[0]", "kind": "CONTAINER", "cached": False},
        {"node": "loop[1]", "parent": "loop", "kind": "DAG", "cached": False},
        {"node": "loop[1]/fit", "parent": "loop[1]", "kind": "CONTAINER", "cached": True},
    ]
    rows = [
        {
            **_defaults("tasks"),
            **task,
            "run_id": ONE,
            "phase": "SUCCEEDED",
            "created_at": number,
            "body": body,
            "namespace": "default",
        }
        for number, task in enumerate(tasks)
    ]
    connection.execute(_old("tasks", rows[0]), rows)
    links = [
        {"run_id": ONE, "node": node, "direction": direction, "key": "k", "index": 0, "artifact_id": "a"}
        for node, direction in (
            ("loop", "INPUT"),
            ("loop", "OUTPUT"),
            ("loop[0]/fit", "OUTPUT"),
            ("loop[1]/fit", "INPUT"),
            ("loop[1]/fit", "OUTPUT"),
        )
    ]
    connection.execute(_old("task_artifacts", links[0]), links)
    artifact = {**_defaults("artifacts"), "namespace": "default", "run_id": ONE, "metadata": "{}"}
    artifacts = [
        {**artifact, "id": "a", "schema_title": "system.Model", "name": "a"},
        {**artifact, "id": "b", "schema_title": "my.Own", "name": "n" * 900},
    ]
    connection.execute(_old("artifacts", artifacts[0]), artifacts)


_LATER = {
    "runs": {"artifact_root", "archived_at", "plugins_input", "plugins_output"},
    "tasks": {"id", "parent_id", "iterations"},
    "artifacts": {"kind", "description", "number_value", "place"},
}


def _defaults(table: str) -> dict[str, Any]:
    """Something for each column that must have a value."""
    return {
        column.name: 0 if column.type.python_type is int else "x"
        for column in metadata.tables[table].columns
        if not column.nullable and column.server_default is None and column.name not in _LATER[table]
    }


def _old(table: str, row: dict[str, Any]) -> Any:
    return insert(metadata.tables[table]).values(dict.fromkeys(row)).compile(column_keys=list(row)).statement
