"""Kept counts are what counting would find, whoever writes, in whatever order and with whatever means."""

import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, func, insert, select, text, update
from sqlalchemy.engine import make_url

from pinnace.domain.ids import ExperimentId, RunId
from pinnace.domain.listing import ListQuery, Operation, Predicate
from pinnace.domain.runs import Run
from pinnace.domain.states import RunState, StorageState
from pinnace.domain.values import Instant
from pinnace.errors import NotFound
from pinnace.ports.store import LogAppend, RunProgress, Store, UnitOfWork
from pinnace.store import counts, open_store, schema
from pinnace.store.dialects import Database, PostgresDatabase, SqliteDatabase
from pinnace.store.tables import run_counts, runs
from pinnace.testing.records import a_run, a_task, an_artifact, some_events

EXPERIMENTS = ("e0", "e1", "e2")
NAMESPACES = ("n0", "n1")
NEXT = {RunState.PENDING: RunState.RUNNING, RunState.RUNNING: RunState.FAILED, RunState.FAILED: RunState.RUNNING}


@pytest.fixture
def database(address: str) -> Database:
    return PostgresDatabase(make_url(address)) if "://" in address else SqliteDatabase(Path(address))


@pytest.fixture
def engine(database: Database, store: Store) -> Iterator[Engine]:
    """A way past the store to its tables."""
    del store
    opened = database.migrator()
    yield opened
    opened.dispose()


def _check(connection: Connection) -> int:
    """Compare every kept count with the rows themselves; returns how many combinations there are."""
    seen = 0
    for kept in counts.ALL:
        columns = [kept.of.c[name] for name in kept.keys]
        real = connection.execute(select(*columns, func.count()).group_by(*columns).order_by(*columns)).all()
        order = [kept.table.c[name] for name in kept.keys]
        assert connection.execute(select(*order, kept.table.c["count"]).order_by(*order)).all() == real
        seen += len(real)
    return seen


class _Writer:
    """Does something to the runs of a store again and again; what it does follows from its seed."""

    def __init__(self, store: Store, seed: int) -> None:
        self._store = store
        self._chance = random.Random(seed)
        self._name = f"w{seed}"
        self._made: list[RunId] = []
        self._sequences: dict[RunId, tuple[int, RunState]] = {}

    def work(self, times: int) -> None:
        """Transactions of a few steps; every fifth is rolled back."""
        for turn in range(times):
            before = list(self._made), dict(self._sequences)
            try:
                with self._store.write() as unit:
                    for step in range(self._chance.randint(1, 4)):
                        self._step(unit, f"{self._name}-{turn}-{step}")
                    if turn % 5 == 4:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                self._made, self._sequences = before

    def _step(self, unit: UnitOfWork, name: str) -> None:
        actions: Sequence[Callable[[UnitOfWork, str], None]] = (
            self._add,
            self._add,
            self._advance,
            self._advance,
            self._store_away,
            self._delete,
        )
        (self._chance.choice(actions) if self._made else self._add)(unit, name)

    def _add(self, unit: UnitOfWork, name: str) -> None:
        experiment, namespace = self._chance.choice(EXPERIMENTS), self._chance.choice(NAMESPACES)
        unit.runs.add(a_run(name, experiment=experiment, namespace=namespace))
        self._made.append(RunId(name))
        self._sequences[RunId(name)] = (0, RunState.PENDING)

    def _advance(self, unit: UnitOfWork, name: str) -> None:
        run = self._chance.choice(self._made)
        sequence, state = self._sequences[run]
        becomes = NEXT[state]
        # The second task is there already when this happens to the run again, as is the artifact.
        tasks = [a_task(run, name), a_task(run, "again", outputs={"out": (f"{run}-made",)})]
        progress = RunProgress(becomes, entered=((Instant(1), becomes),))
        made = [an_artifact(f"{run}-made")]
        unit.log.append(LogAppend(run, sequence, some_events(sequence + 1, 1), progress, tasks, made))
        self._sequences[run] = (sequence + 1, becomes)

    def _store_away(self, unit: UnitOfWork, _name: str) -> None:
        if self._chance.random() < 0.2:
            unit.runs.archive_all(ExperimentId(self._chance.choice(EXPERIMENTS)), Instant(5))
        else:
            unit.runs.set_storage_state(self._one(), self._chance.choice(tuple(StorageState)), Instant(5))

    def _delete(self, unit: UnitOfWork, _name: str) -> None:
        run = self._one()
        unit.runs.delete(run)
        self._made.remove(run)

    def _one(self) -> RunId:
        return self._chance.choice(self._made)


def test_counts_hold_after_whatever_several_writers_did(store: Store, engine: Engine, address: str) -> None:
    stores = [store, open_store(address), open_store(address)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda pair: _Writer(pair[1], pair[0]).work(40), enumerate(stores)))
    with engine.begin() as connection:
        assert _check(connection) > 12, "too little happened"
    for other in stores[1:]:
        other.close()


def test_a_list_knows_its_total_from_the_counts_and_from_the_rows_alike(store: Store) -> None:
    _Writer(store, 7).work(60)
    with store.read() as unit:
        everything = unit.runs.list(ListQuery(size=1000)).items
        for query, matches in _queries():
            expected = sum(matches(run) for run in everything)
            assert unit.runs.list(query).total == expected
            # A condition on what is not counted by: the rows are counted.
            named = Predicate("name", Operation.IS_SUBSTRING, "W")
            by_rows = ListQuery(query.namespace, query.parent, (*query.predicates, named), size=1)
            assert unit.runs.list(by_rows).total == expected
    assert len(everything) > 10


def _queries() -> Iterator[tuple[ListQuery, Callable[[Run], bool]]]:
    """Lists of one a page, so that a page never shows all that there is."""
    running = Predicate("state", Operation.EQUALS, RunState.RUNNING)
    either = (RunState.PENDING, RunState.FAILED)
    ended = Predicate("state", Operation.IN, either)
    away = Predicate("storage_state", Operation.NOT_EQUALS, StorageState.AVAILABLE)
    elsewhere = Predicate("experiment_id", Operation.GREATER_THAN, "e1")
    yield ListQuery(size=1), lambda _: True
    yield ListQuery(namespace="n1", size=1), lambda run: run.namespace == "n1"
    yield ListQuery(parent="e2", size=1), lambda run: run.experiment == "e2"
    yield (
        ListQuery(parent="e2", predicates=(running,), size=1),
        lambda run: (run.experiment, run.state) == ("e2", running.value),
    )
    yield (
        ListQuery(namespace="n0", predicates=(ended,), size=1),
        lambda run: run.namespace == "n0" and run.state in either,
    )
    yield (
        ListQuery(predicates=(away, running), size=1),
        lambda run: run.storage_state == "ARCHIVED" and run.state == "RUNNING",
    )
    yield ListQuery(predicates=(elsewhere,), size=1), lambda run: run.experiment > "e1"
    yield ListQuery(namespace="nowhere", size=1), lambda _: False


def test_counts_hold_for_statements_past_the_store(store: Store, engine: Engine) -> None:
    _Writer(store, 3).work(20)
    with engine.begin() as connection:
        connection.execute(update(runs).values(experiment_id="e9", state="FAILED"))
        connection.execute(update(runs).where(runs.c.namespace == "n1").values(namespace="n9"))
        connection.execute(update(runs).values(description="nothing that is counted"))
        _check(connection)
        copied = select(*[column if column is not runs.c.id else runs.c.id + "-copy" for column in runs.c])
        connection.execute(insert(runs).from_select(list(runs.c), copied))
        _check(connection)
        connection.execute(text("DELETE FROM tasks WHERE node = 'again'"))
        _check(connection)
        connection.execute(text("DELETE FROM runs WHERE namespace = 'n9'"))
        _check(connection)
    with engine.connect() as connection:
        connection.execute(text("DELETE FROM runs"))
        assert connection.execute(select(run_counts)).all() == []
        connection.rollback()
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM runs"))
        connection.execute(text("DELETE FROM artifacts"))
        assert _check(connection) == 0 or connection.dialect.name == "sqlite"  # whose cascades are off here


def test_migrations_lay_the_triggers_down_anew_and_count_what_is_there(store: Store, engine: Engine) -> None:
    _Writer(store, 5).work(20)
    with engine.begin() as connection:
        counts.remove(connection)
        connection.execute(text("DELETE FROM run_counts"))
        connection.execute(text("DELETE FROM artifacts"))
    schema.migrate(engine)
    with engine.begin() as connection:
        assert _check(connection) > 0
    _Writer(store, 6).work(20)
    with engine.begin() as connection:
        assert _check(connection) > 0


def test_a_run_that_is_not_there_counts_for_nothing(store: Store, engine: Engine) -> None:
    def put_away() -> None:
        with store.write() as unit:
            unit.runs.set_storage_state(RunId("none"), StorageState.ARCHIVED, Instant(1))

    with pytest.raises(NotFound):
        put_away()
    with engine.begin() as connection:
        assert _check(connection) == 0
