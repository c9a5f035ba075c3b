"""Who needs which place, what goes with a run, and what is old enough to go."""

import contextlib
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from pinnace.domain.ids import ArtifactId, RunId
from pinnace.domain.states import RunState, StorageState
from pinnace.domain.values import Instant
from pinnace.errors import ResultGone
from pinnace.ports.storage import Amount
from pinnace.ports.store import LogAppend, RunProgress, Store
from pinnace.store import open_store, schema
from pinnace.store.dialects import PostgresDatabase, SqliteDatabase
from pinnace.testing.records import a_recurring_run, a_run, a_task, an_artifact, some_events

ENDED = RunState.SUCCEEDED
ROOT = "/data/artifacts/default/p/"


def _run(store: Store, name: str, *, made: Sequence[str] = (), used: Sequence[str] = (), root: str = "") -> None:
    """A run that made artifacts at some URIs, and took in others that have been made."""
    artifacts = [an_artifact(uri, uri=uri) for uri in made]
    task = a_task(name, "t", inputs={"in": tuple(used)}, outputs={"out": tuple(made)})
    progress = RunProgress(RunState.RUNNING, artifact_root=root or ROOT + name)
    with store.write() as unit:
        unit.runs.add(a_run(name))
        unit.log.append(LogAppend(RunId(name), 0, some_events(1, 1), progress, tasks=[task], artifacts=artifacts))


def _delete(store: Store, name: str) -> set[str]:
    with store.write() as unit:
        return set(unit.runs.delete(RunId(name)))


def _needed(store: Store, place: str) -> dict[str, set[str]]:
    with store.read() as unit:
        return {naming.place: set(naming.runs) for naming in unit.storage.named(place)}


def test_an_artifact_goes_with_the_last_run_that_uses_it(store: Store) -> None:
    mine, shared = f"{ROOT}a/t/1/mine", f"{ROOT}a/t/1/shared"
    _run(store, "a", made=[mine, shared])
    _run(store, "b", used=[shared])
    _run(store, "c", used=[shared])
    assert _needed(store, f"{ROOT}a") == {mine: {"a"}, shared: {"a", "b", "c"}}
    assert _delete(store, "a") == {f"{ROOT}a", mine}
    assert _needed(store, f"{ROOT}a") == {shared: {"b", "c"}}
    assert _delete(store, "b") == {f"{ROOT}b"}
    assert _delete(store, "c") == {f"{ROOT}c", shared}
    assert _needed(store, f"{ROOT}a") == {}


@pytest.mark.parametrize(
    "uri",
    [f"{ROOT}a", f"{ROOT}a/", f"{ROOT}a/t/1/out", f"file://{ROOT}a/t", f"/data/{'x/../' * 3}artifacts", "/", ROOT],
)
def test_what_lies_at_a_place_in_it_or_around_it_is_needed_there(store: Store, uri: str) -> None:
    _run(store, "b", made=[uri])
    assert set(_needed(store, f"{ROOT}a")) == set(_needed(store, "/")) - {f"{ROOT}b"}
    assert len(_needed(store, f"{ROOT}a")) == 1


@pytest.mark.parametrize(
    "uri", [f"{ROOT}ab", f"{ROOT}a.0/t", f"{ROOT}a/../ab/t", "/data/artifacts/default/q", f"s3:/{ROOT}a", f"{ROOT}A/t"]
)
def test_what_only_looks_alike_is_not(store: Store, uri: str) -> None:
    _run(store, "b", made=[uri])
    assert _needed(store, f"{ROOT}a") == {}


def test_a_uri_of_any_length_and_any_characters_is_a_place(store: Store) -> None:
    _run(store, "b", made=[f"{ROOT}a/{'é%_' * 3000}/x", "not a place", "s3a://bucket/ключ/"])
    assert set(_needed(store, f"{ROOT}a")) == {f"{ROOT}a"}
    assert set(_needed(store, "s3://bucket/ключ")) == {"s3://bucket/ключ"}


def test_the_root_of_a_run_is_needed_in_another_place(store: Store) -> None:
    _run(store, "b", root=f"{ROOT}a/default/p/b")
    assert _needed(store, f"{ROOT}a") == {f"{ROOT}a/default/p/b": {"b"}}
    assert _needed(store, f"{ROOT}a/default/p/b") == {}


def test_a_result_is_taken_only_while_its_artifacts_are_there(store: Store) -> None:
    uri = f"{ROOT}a/t/1/out"
    _run(store, "a", made=[uri])
    _run(store, "b")
    _run(store, "c")
    used = a_task("b", "t", outputs={"out": (uri,)})
    entry = LogAppend(RunId("b"), 1, some_events(2, 1), tasks=[used], taken=[ArtifactId(uri)])
    assert store.append([entry]) == [None]
    _delete(store, "a")
    again = a_task("c", "t", outputs={"out": (uri,)})
    assert store.append([LogAppend(RunId("c"), 1, some_events(2, 1), tasks=[again], taken=[ArtifactId(uri)])]) == [None]
    _delete(store, "b")
    _delete(store, "c")
    _run(store, "d")
    _run(store, "e")
    late = LogAppend(RunId("d"), 1, some_events(2, 1), taken=[ArtifactId(uri)])
    other = LogAppend(RunId("e"), 1, some_events(2, 1))
    refused, done = store.append([late, other])
    assert isinstance(refused, ResultGone)
    assert done is None
    with store.read() as unit:
        assert unit.log.last_sequence(RunId("d")) == 1


def test_runs_are_old_by_their_end_and_archived_ones_by_their_archiving_too(store: Store) -> None:
    with store.write() as unit:
        for name, end, state in [("a", 10, ENDED), ("b", 20, RunState.CANCELED), ("c", 30, RunState.FAILED)]:
            unit.runs.add(a_run(name, state=state, finished_at=end))
        unit.runs.add(a_run("running", state=RunState.RUNNING))
        unit.runs.add(a_run("before", state=ENDED, finished_at=5, storage_state=StorageState.ARCHIVED))
        unit.runs.set_storage_state(RunId("b"), StorageState.ARCHIVED, Instant(40))
        unit.runs.set_storage_state(RunId("b"), StorageState.ARCHIVED, Instant(90))
        unit.runs.set_storage_state(RunId("running"), StorageState.ARCHIVED, Instant(1))

    def ended(before: int, state: StorageState | None, limit: int = 9) -> list[str]:
        with store.read() as unit:
            return list(unit.storage.ended(Instant(before), limit, state))

    assert ended(30, StorageState.AVAILABLE) == ["a"]
    assert ended(31, StorageState.AVAILABLE) == ["a", "c"]
    assert ended(40, StorageState.ARCHIVED) == ["before"]
    assert ended(41, StorageState.ARCHIVED) == ["before", "b"]
    assert ended(25, None) == ["before", "a", "b"]
    assert ended(25, None, limit=2) == ["before", "a"]
    with store.write() as unit:
        unit.runs.set_storage_state(RunId("b"), StorageState.AVAILABLE, Instant(50))
        unit.runs.set_storage_state(RunId("b"), StorageState.ARCHIVED, Instant(60))
    assert ended(60, StorageState.ARCHIVED) == ["before"]


def test_documents_that_nothing_needs_are_counted_and_dropped(store: Store) -> None:
    with store.write() as unit:
        used, scheduled, *_ = [unit.pipelines.add_document(bytes(10 + number)) for number in range(5)]
        unit.runs.add(a_run("a", document=used))
        unit.schedules.add(a_recurring_run("s", document=scheduled))
        assert unit.storage.unused_documents() == Amount(3, 12 + 13 + 14)
        assert unit.storage.drop_unused_documents(2) == 2
        assert unit.storage.drop_unused_documents(2) == 1
        assert unit.storage.drop_unused_documents(2) == 0
        assert unit.pipelines.document(scheduled) == bytes(11)
        assert unit.storage.existing([RunId("a"), RunId("b")]) == {"a"}
        assert unit.storage.size() > 10_000


def test_artifacts_of_an_older_database_get_their_places(address: str, tmp_path: Path) -> None:
    chain = tmp_path / "first"
    shutil.copytree(schema.MIGRATIONS, chain)
    for later in set((chain / "versions").glob("*.py")) - {chain / "versions" / "0001_first.py"}:
        later.unlink()
    database = PostgresDatabase(make_url(address)) if "://" in address else SqliteDatabase(Path(address))
    engine = database.migrator()
    schema.migrate(engine, chain)
    texts = ("schema_title", "schema_version", "instance_schema", "metadata", "custom_path", "digest", "creator")
    rest = {"namespace": "default", "run_id": "a", "created_at": 1, "size": -1, **dict.fromkeys(texts, "")}
    with engine.begin() as connection:
        for uri in (f"{ROOT}a/x", f"file://{ROOT}b/../a/y", "s3a://bucket/key/"):
            row = {"id": uri, "name": uri, "uri": uri, **rest}
            names = ", ".join(row)
            values = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO artifacts ({names}) VALUES ({values})"), row)
    engine.dispose()
    migrated = open_store(address)
    assert _needed(migrated, f"{ROOT}a") == {f"{ROOT}a/x": {"a"}, f"{ROOT}a/y": {"a"}}
    assert _needed(migrated, "s3://bucket") == {"s3://bucket/key": {"a"}}
    migrated.close()


def test_a_database_is_told_from_every_other(address: str, tmp_path: Path) -> None:
    found = []
    for place in (address, address, tmp_path / "other.db"):
        with contextlib.closing(open_store(place)) as store, store.read() as uow:
            found.append(uow.storage.identity())
    assert found[0] == found[1] != found[2]
