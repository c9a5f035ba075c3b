"""Contract of the feed of changes: everything that lists show is in it, once, in the order of commits."""

import inspect
import random
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, get_type_hints

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy import inspect as inspect_database

from pinnace.domain.changes import Change
from pinnace.domain.changes import ChangeAction as Action
from pinnace.domain.ids import ExperimentId, PipelineId, PipelineVersionId, RecurringRunId, RunId
from pinnace.domain.states import RunState, StorageState
from pinnace.domain.values import Instant
from pinnace.ports.changes import News
from pinnace.ports.store import LogAppend, RunProgress, Store, UnitOfWork
from pinnace.store import changes as feed
from pinnace.store import open_store, schema
from pinnace.store.large_values import LargeValues
from pinnace.store.rows import run_values, task_values
from pinnace.testing.records import (
    a_pipeline,
    a_recurring_run,
    a_run,
    a_task,
    a_version,
    an_experiment,
    some_events,
)

ONE, TWO = RunId("one"), RunId("two")
NOW: Final = Instant(1_000_000)
RECURRING: Final = a_recurring_run("r", experiment="e", next_at=5)
STARTED: Final = RunProgress(RunState.RUNNING, entered=((NOW, RunState.RUNNING),))

Step = tuple[str, Callable[[UnitOfWork], object], list[tuple[str, Action, str]]]

WRITES: Final[list[Step]] = [
    ("experiments.add", lambda unit: unit.experiments.add(an_experiment("e")), [("experiment", Action.CREATED, "e")]),
    ("runs.add", lambda unit: unit.runs.add(a_run(ONE, experiment="e")), [("run", Action.CREATED, ONE)]),
    ("runs.add", lambda unit: unit.runs.add(a_run(TWO, experiment="e")), [("run", Action.CREATED, TWO)]),
    ("log.append", lambda unit: unit.log.append(LogAppend(ONE, 0, some_events(1, 2))), []),
    (
        "log.append",
        lambda unit: unit.log.append(LogAppend(ONE, 2, some_events(3, 1), STARTED)),
        [("run", Action.STATE_CHANGED, ONE)],
    ),
    (
        "runs.set_storage_state",
        lambda unit: unit.runs.set_storage_state(ONE, StorageState.ARCHIVED, NOW),
        [("run", Action.ARCHIVED, ONE)],
    ),
    ("runs.archive_all", lambda unit: unit.runs.archive_all(ExperimentId("e"), NOW), [("run", Action.ARCHIVED, TWO)]),
    (
        "runs.set_storage_state",
        lambda unit: unit.runs.set_storage_state(ONE, StorageState.AVAILABLE, NOW),
        [("run", Action.UNARCHIVED, ONE)],
    ),
    ("runs.delete", lambda unit: unit.runs.delete(ONE), [("run", Action.DELETED, ONE)]),
    ("schedules.add", lambda unit: unit.schedules.add(RECURRING), [("recurring_run", Action.CREATED, "r")]),
    ("schedules.update", lambda unit: unit.schedules.update(RECURRING), [("recurring_run", Action.UPDATED, "r")]),
    (
        "schedules.disable_all",
        lambda unit: unit.schedules.disable_all(ExperimentId("e"), NOW),
        [("recurring_run", Action.UPDATED, "r")],
    ),
    (
        "schedules.delete",
        lambda unit: unit.schedules.delete(RecurringRunId("r")),
        [("recurring_run", Action.DELETED, "r")],
    ),
    (
        "experiments.set_storage_state",
        lambda unit: unit.experiments.set_storage_state(ExperimentId("e"), StorageState.ARCHIVED),
        [("experiment", Action.ARCHIVED, "e")],
    ),
    (
        "experiments.set_storage_state",
        lambda unit: unit.experiments.set_storage_state(ExperimentId("e"), StorageState.AVAILABLE),
        [("experiment", Action.UNARCHIVED, "e")],
    ),
    (
        "experiments.delete",
        lambda unit: unit.experiments.delete(ExperimentId("e")),
        [("experiment", Action.DELETED, "e")],
    ),
    ("pipelines.add", lambda unit: unit.pipelines.add(a_pipeline("p")), [("pipeline", Action.CREATED, "p")]),
    (
        "pipelines.update",
        lambda unit: unit.pipelines.update(replace(a_pipeline("p"), display_name="P")),
        [("pipeline", Action.UPDATED, "p")],
    ),
    (
        "versions.add",
        lambda unit: unit.versions.add(a_version("p", "v1")),
        [("pipeline_version", Action.CREATED, "p/v1")],
    ),
    (
        "versions.add",
        lambda unit: unit.versions.add(a_version("p", "v2")),
        [("pipeline_version", Action.CREATED, "p/v2")],
    ),
    (
        "versions.update",
        lambda unit: unit.versions.update(a_version("p", "v1")),
        [("pipeline_version", Action.UPDATED, "p/v1")],
    ),
    (
        "versions.delete",
        lambda unit: unit.versions.delete(PipelineVersionId("p/v1")),
        [("pipeline_version", Action.DELETED, "p/v1")],
    ),
    (
        "pipelines.delete",
        lambda unit: unit.pipelines.delete(PipelineId("p")),
        [("pipeline_version", Action.DELETED, "p/v2"), ("pipeline", Action.DELETED, "p")],
    ),
]

SHOWN_BY_NO_LIST: Final = {
    "cache.expire",
    "experiments.touch",  # the new run, which the feed has, tells the same
    "lineage.add_artifact",
    "pipelines.add_document",
    "storage.drop_unused_documents",
}
_READS: Final = {
    "cache": {"find", "entry_of", "looked_up", "others"},
    "experiments": {"get", "by_name", "list"},
    "log": {"events", "last_sequence", "change_number"},
    "pipelines": {"get", "by_name", "list", "document", "documents"},
    "runs": {
        "get",
        "last_success",
        "list",
        "unfinished",
        "count_by_state",
        "tasks",
        "task",
        "artifacts",
        "artifacts_at",
    },
    "schedules": {"get", "list", "enabled", "due", "next_at", "unfinished"},
    "storage": {"named", "existing", "ended", "identity", "unused_documents", "size"},
    "versions": {"get", "latest", "list"},
}
READS_ONLY: Final = {"changes", "lineage", "overview"}


def _told(store: Store, after: int) -> list[Change]:
    with store.read() as unit:
        page = unit.changes.page(after, 100_000, None, ())
    assert page is not None
    assert not page.has_more
    return list(page.changes)


def _number(store: Store) -> int:
    with store.read() as unit:
        return unit.log.change_number()


def test_every_write_is_told(store: Store) -> None:
    for name, write, expected in WRITES:
        before = _number(store)
        with store.write() as unit:
            write(unit)
        told = _told(store, before)
        assert [(each.kind, each.action, each.id) for each in told] == expected, name
        assert all(each.namespace == "default" and each.summary["display_name"] for each in told), name


def test_no_write_of_any_repository_is_left_out_of_the_test_above() -> None:
    """Whoever adds a method to a repository says here whether lists show what it changes."""
    told = {name for name, _, _ in WRITES}
    for repository, method in _methods():
        name = f"{repository}.{method}"
        read = method in _READS.get(repository, ()) or (repository in READS_ONLY and name not in SHOWN_BY_NO_LIST)
        assert [read, name in told, name in SHOWN_BY_NO_LIST].count(True) == 1, name


def _methods() -> Iterator[tuple[str, str]]:
    for repository, getter in vars(UnitOfWork).items():
        if isinstance(getter, property):
            assert getter.fget is not None
            protocol = get_type_hints(getter.fget)["return"]
            names = [name for name, _ in inspect.getmembers(protocol, inspect.isfunction)]
            yield from ((repository, name) for name in names if not name.startswith("_"))


def test_what_is_told_of_a_run_is_enough_for_a_list(store: Store) -> None:
    with store.write() as unit:
        unit.runs.add(a_run(ONE, experiment="e", namespace="team"))
        unit.log.append(LogAppend(ONE, 0, some_events(1, 1), STARTED))
    created, changed = _told(store, 0)
    whole = {"display_name": "one", "experiment_id": "e", "state": "PENDING", "storage_state": "AVAILABLE"}
    assert created == Change(1, "team", "run", "one", Action.CREATED, whole)
    assert changed == Change(3, "team", "run", "one", Action.STATE_CHANGED, {**whole, "state": "RUNNING"})


def test_pages_filters_and_places(store: Store) -> None:
    with store.write() as unit:
        for number in range(5):
            unit.runs.add(a_run(f"r{number}", namespace="a" if number % 2 else "b"))
            unit.pipelines.add(a_pipeline(f"p{number}"))
    with store.read() as unit:
        first = unit.changes.page(0, 3, None, {"run"})
        assert first is not None
        assert ([each.id for each in first.changes], first.upto, first.has_more) == (["r0", "r1", "r2"], 5, True)
        second = unit.changes.page(first.upto, 3, None, {"run"})
        assert second is not None
        assert ([each.id for each in second.changes], second.upto, second.has_more) == (["r3", "r4"], 10, False)
        filtered = unit.changes.page(0, 10, "a", {"run", "pipeline"})
        assert filtered is not None
        assert [each.id for each in filtered.changes] == ["r1", "r3"]
        nothing = unit.changes.page(0, 10, None, {"unheard of"})
        assert nothing is not None
        assert (nothing.changes, nothing.upto) == ([], 10)
        assert unit.changes.page(11, 10, None, ()) is None


def test_old_changes_are_dropped_and_who_missed_them_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "KEPT", 10)
    monkeypatch.setattr(feed, "_TRIMMED_EVERY", 5)
    with store.write() as unit:
        for number in range(34):
            unit.runs.add(a_run(f"r{number}"))
    with store.read() as unit:
        reached = [after for after in range(35) if unit.changes.page(after, 100, None, ()) is not None]
        assert reached[-1] == 34
        oldest = reached[0]
        assert 34 - 10 - 5 <= oldest <= 34 - 10
        assert reached == list(range(oldest, 35))
        page = unit.changes.page(oldest, 100, None, ())
        assert page is not None
        assert [each.number for each in page.changes] == list(range(oldest + 1, 35))


def test_listeners_hear_of_commits_and_of_nothing_else(store: Store) -> None:
    heard: list[tuple[News, int]] = []
    store.listen(lambda news: heard.append((news, _number(store))))
    with store.write() as unit:
        unit.runs.add(a_run(ONE))
    store.append([LogAppend(ONE, 0, some_events(1, 2)), LogAppend(TWO, 0, some_events(1, 1))])
    with pytest.raises(ZeroDivisionError):
        _delete_in_vain(store, ONE)
    with store.write() as unit:
        unit.pipelines.add_document(b"document")
    with store.write() as unit:
        unit.experiments.add(an_experiment("e"))
    # What a listener reads is what was committed.
    assert heard == [
        (News(frozenset({ONE}), is_listed=True), 1),
        (News(frozenset({ONE}), is_listed=False), 3),
        (News(frozenset(), is_listed=True), 4),
    ]


def test_nothing_is_missed_or_doubled_under_concurrent_writers(store: Store, address: str) -> None:
    """Six writers on two stores, as two servers would be, and readers who lose what they were sent at random."""
    other = open_store(address)
    stores = [store, other]
    done = threading.Event()
    with ThreadPoolExecutor(16) as pool:
        writers = [pool.submit(_write, stores[number % 2], number) for number in range(6)]
        readers = [pool.submit(_follow, stores[number % 2], number, done) for number in range(5)]
        for writer in writers:
            writer.result(240)
        done.set()
        seen = [reader.result(240) for reader in readers]
    everything = _told(store, 0)
    with store.read() as unit:
        last = unit.log.change_number()
    other.close()
    assert len(everything) == 6 * (4 + 3 * 6)
    assert seen[0] == seen[1] == everything
    assert seen[2] == [each for each in everything if each.kind == "pipeline"]
    assert seen[3] == [each for each in everything if each.namespace == "team-3"]
    assert seen[4] == everything
    assert everything[-1].number <= last


def _write(store: Store, number: int) -> None:
    """Runs made, moved on (some together with others, some in vain), archived and deleted; pipelines made."""
    team = f"team-{number}"
    with store.write() as unit:
        unit.experiments.add(an_experiment(f"e{number}", namespace=team))
    for turn in range(6):
        run = RunId(f"r{number}-{turn}")
        with store.write() as unit:
            unit.runs.add(a_run(run, namespace=team))
            unit.log.append(LogAppend(run, 0, some_events(1, 1)))
        in_vain = LogAppend(run, 0, some_events(1, 1), STARTED)
        good = LogAppend(run, 1, some_events(2, 2), STARTED, tasks=[a_task(run, "a")])
        assert [error is None for error in store.append([in_vain, good, in_vain])] == [False, True, False]
        store.append([LogAppend(run, 3, some_events(4, 3))])
        with pytest.raises(ZeroDivisionError):
            _delete_in_vain(store, run)
        if turn % 2:
            with store.write() as unit:
                unit.runs.delete(run)
        else:
            with store.write() as unit:
                unit.pipelines.add(a_pipeline(f"p{number}-{turn}", namespace=team))
    with store.write() as unit:
        unit.experiments.set_storage_state(ExperimentId(f"e{number}"), StorageState.ARCHIVED)
    with store.write() as unit:
        unit.experiments.set_storage_state(ExperimentId(f"e{number}"), StorageState.AVAILABLE)
    with store.write() as unit:
        unit.experiments.delete(ExperimentId(f"e{number}"))


def _delete_in_vain(store: Store, run: RunId) -> None:
    with store.write() as unit:
        unit.runs.delete(run)
        raise ZeroDivisionError


def _follow(store: Store, number: int, done: threading.Event) -> list[Change]:
    """All that a client sees that forgets a page now and then, as a connection that breaks does, and resumes."""
    chance = random.Random(number)
    namespace = "team-3" if number == 3 else None
    kinds = {"pipeline"} if number == 2 else set[str]()
    place, seen, finished = 0, list[Change](), False
    while True:
        with store.read() as unit:
            page = unit.changes.page(place, chance.choice([1, 7, 500]), namespace, kinds)
        assert page is not None
        if finished and not page.has_more and not page.changes:
            return seen
        finished = done.wait(0.0 if page.changes else 0.01)
        taken = list(page.changes)[: chance.randint(0, len(page.changes))]
        seen += taken
        if len(taken) == len(page.changes):
            place = page.upto
        elif taken:
            place = taken[-1].number


def test_the_feed_of_a_migrated_database_begins_where_it_was(address: str, tmp_path: Path) -> None:
    chain = tmp_path / "before"
    shutil.copytree(schema.MIGRATIONS, chain)
    for script in (chain / "versions").glob("*.py"):
        if script.name[:4] > "0003":
            script.unlink()
    url = address.replace("postgresql:", "postgresql+psycopg:") if "://" in address else f"sqlite:///{address}"
    engine = create_engine(url)
    schema.migrate(engine, chain)
    large = LargeValues()
    place = {"first_sequence": 1, "first_index": 0}
    rows: dict[str, dict[str, Any]] = {
        "runs": {**run_values(a_run(ONE), large), "last_sequence": 4},
        "tasks": {**task_values(a_task(ONE, "a"), large), **place},
    }
    with engine.begin() as connection:
        columns = {name: {each["name"] for each in inspect_database(connection).get_columns(name)} for name in rows}
        for name, row in rows.items():
            known = {column: value for column, value in row.items() if column in columns[name]}
            values = ", ".join(f":{column}" for column in known)
            connection.execute(text(f"INSERT INTO {name} ({', '.join(known)}) VALUES ({values})"), known)
        connection.execute(text("UPDATE counters SET value = 4"))
    engine.dispose()
    migrated = open_store(address)
    with migrated.read() as unit:
        assert unit.changes.page(3, 10, None, ()) is None, "nobody knows what happened before"
        page = unit.changes.page(4, 10, None, ())
        assert page is not None
        assert (page.changes, page.upto) == ([], 4)
        (task,) = unit.changes.tasks_changed(ONE, (0, 0, 0), 10)
        assert (task.task.node, task.changed) == ("a", 4)
    with migrated.write() as unit:
        unit.runs.delete(ONE)
    assert [(each.number, each.action) for each in _told(migrated, 4)] == [(5, Action.DELETED)]
    migrated.close()
