"""What only a SQLite file has: settings that survive power loss, a disk that is full, files that others cannot read."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Connection, Engine, event, text

from pinnace.domain.ids import RunId
from pinnace.domain.listing import ListQuery, Operation, Predicate
from pinnace.errors import Unavailable
from pinnace.ports.store import LogAppend, Store
from pinnace.store import open_store
from pinnace.store.dialects import SqliteDatabase
from pinnace.testing.records import a_run, some_events

ONE = RunId("one")
_ON_A_SMALL_DISK: Final = Path(__file__).with_name("store_on_a_small_disk.py")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pinnace.db"


@pytest.fixture
def opened(file: Path) -> Iterator[Store]:
    store = open_store(file)
    yield store
    store.close()


def _pragma(engine: Engine, name: str) -> object:
    with engine.connect() as connection:
        return connection.execute(text(f"PRAGMA {name}")).scalar()


def test_settings_survive_power_loss_and_keep_references(file: Path, opened: Store) -> None:
    engine = SqliteDatabase(file).writer()
    expected = {
        "journal_mode": "wal",
        "synchronous": 2,
        "fullfsync": 1,
        "checkpoint_fullfsync": 1,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
        "query_only": 0,
    }
    assert {name: _pragma(engine, name) for name in expected} == expected
    engine.dispose()


def test_readers_cannot_write(file: Path, opened: Store) -> None:
    engine = SqliteDatabase(file).reader()
    assert _pragma(engine, "query_only") == 1
    engine.dispose()


def test_only_the_owner_can_read_the_files(file: Path, opened: Store) -> None:
    with opened.write() as unit:
        unit.runs.add(a_run(ONE))
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in file.parent.iterdir()}
    assert modes == {"pinnace.db": "0o600", "pinnace.db-shm": "0o600", "pinnace.db-wal": "0o600"}


def test_a_full_database_refuses_stores_nothing_and_goes_on_when_there_is_room(opened: Store) -> None:
    with opened.write() as unit:
        unit.runs.add(a_run(ONE))
    writer: Engine = opened._writer  # type: ignore[attr-defined]
    with writer.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages + 20}"))
    large = some_events(1, 3, {"x": "y" * 30_000})
    for number in range(2):
        with pytest.raises(Unavailable, match=r"disk .* is full"), opened.write() as unit:
            unit.runs.add(a_run(f"more-{number}", parameters={"x": "z" * 200_000}))
    with pytest.raises(Unavailable, match=r"disk .* is full"):
        opened.append([LogAppend(RunId("unknown"), 0, some_events(1, 1)), LogAppend(ONE, 0, large)])
    with opened.read() as unit:
        assert unit.log.last_sequence(ONE) == 0
        assert unit.log.change_number() == 1
    with writer.connect() as connection:
        connection.execute(text("PRAGMA max_page_count = 100000"))
    assert opened.append([LogAppend(ONE, 0, large)]) == [None]
    with opened.read() as unit:
        assert unit.log.events(ONE) == large


_STATE = Predicate("state", Operation.EQUALS, "FAILED")
_STORED = Predicate("storage_state", Operation.EQUALS, "AVAILABLE")


@pytest.mark.parametrize("predicates", [(), (_STATE,), (_STORED,), (_STATE, _STORED)])
@pytest.mark.parametrize("scope", [{"namespace": "default"}, {"parent": "e"}, {"namespace": "default", "parent": "e"}])
def test_the_usual_lists_of_runs_are_read_from_an_index(
    opened: Store, scope: dict[str, str], predicates: tuple[Predicate, ...]
) -> None:
    reader: Engine = opened._reader  # type: ignore[attr-defined]
    plans: list[str] = []

    @event.listens_for(reader, "before_cursor_execute")
    def explain(connection: Connection, cursor: Any, statement: str, values: Any, *_: object) -> None:
        if statement.startswith("SELECT"):
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            plans.extend(row[3] for row in cursor.fetchall())

    with opened.read() as unit:
        unit.runs.list(ListQuery(scope.get("namespace"), scope.get("parent"), predicates, descending=True))
    event.remove(reader, "before_cursor_execute", explain)
    page = plans[plans.index("LIST SUBQUERY 1") + 1]
    assert "INDEX ix_runs_" in page
    assert page.count("=?") == len(predicates) + (1 if scope else 0)
    assert plans.count("USE TEMP B-TREE FOR ORDER BY") == 1  # Of the rows that are shown.


def _small_disk(directory: Path) -> list[str] | None:
    """A command in front of another one that runs it with a disk of one megabyte mounted there; None if none may be."""
    enter = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
    mount = f'mount -t tmpfs -o size=1m none {directory} && exec "$@"'
    command = [*enter, "sh", "-c", mount, "sh"]
    try:
        subprocess.run([*command, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return command


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    command = _small_disk(tmp_path)
    if command is None:
        pytest.skip("this system lets no test mount a disk; the limit of pages above stands for it")
    ended = subprocess.run(
        [*command, sys.executable, _ON_A_SMALL_DISK, tmp_path], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("refused after ")
