"""Contract of transactions: isolation, order, rollback, what a killed process leaves."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from pinnace.domain.ids import RunId
from pinnace.errors import NotFound, VersionConflict
from pinnace.ports.store import LogAppend, Store
from pinnace.store import open_store
from pinnace.testing.records import a_run, a_task, some_events

ONE = RunId("one")
_WRITER: Final = Path(__file__).with_name("store_writer.py")


@pytest.fixture
def connect(address: str) -> Iterator[Callable[[], Connection]]:
    """Connections past the store."""
    url = address.replace("postgresql:", "postgresql+psycopg:") if "://" in address else f"sqlite:///{address}"
    engine = create_engine(url)
    yield engine.connect
    engine.dispose()


def test_an_error_rolls_everything_back(store: Store) -> None:
    def add_and_fail() -> None:
        with store.write() as unit:
            unit.runs.add(a_run(ONE))
            unit.log.append(LogAppend(ONE, 0, some_events(1, 2)))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        add_and_fail()
    with store.read() as unit:
        assert unit.log.change_number() == 0
        with pytest.raises(NotFound):
            unit.runs.get(ONE)
    with store.write() as unit:
        unit.runs.add(a_run(ONE))


def test_a_reader_sees_one_state_and_waits_for_no_writer(store: Store) -> None:
    with store.write() as writer:
        writer.runs.add(a_run(ONE))
        writer.log.append(LogAppend(ONE, 0, some_events(1, 1)))
        with store.read() as reader:
            assert reader.log.change_number() == 0
            assert reader.runs.unfinished() == []
    with store.read() as reader:
        assert reader.log.change_number() == 2
        store.append([LogAppend(ONE, 1, some_events(2, 1), tasks=[a_task(ONE, "a")])])
        assert reader.log.change_number() == 2
        assert reader.runs.tasks([ONE]) == {ONE: []}
    with store.read() as reader:
        assert reader.log.change_number() == 3


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(DBAPIError), store.read() as unit:
        unit.runs.add(a_run(ONE))
    with store.read() as unit:
        assert unit.runs.unfinished() == []


def test_a_second_writer_in_one_thread_is_an_error_and_no_deadlock(store: Store) -> None:
    with store.write() as unit:
        unit.runs.add(a_run(ONE))
        with pytest.raises(RuntimeError, match="open in this thread"):
            store.append([])
    with store.read() as unit:
        assert unit.runs.unfinished() == [ONE]


def test_change_numbers_are_gapless_and_in_the_order_of_commits(
    store: Store, address: str, connect: Callable[[], Connection]
) -> None:
    """Six writers over two stores (as two processes would have), one run shared by all; a reader follows."""
    other = open_store(address)
    stores = [store, other]
    own = [RunId(f"own-{number}") for number in range(6)]
    shared = RunId("shared")
    with store.write() as unit:
        for run in (*own, shared):
            unit.runs.add(a_run(run))

    def append_to_own(number: int) -> None:
        for turn in range(12):
            entry = LogAppend(own[number], turn * 2, some_events(turn * 2 + 1, 2))
            if turn % 3 == 0:
                with stores[number % 2].write() as unit:
                    unit.log.append(entry)
            else:
                assert stores[number % 2].append([entry, LogAppend(RunId("none"), 0, some_events(1, 1))])[0] is None

    def append_to_shared(number: int) -> None:
        for _ in range(5):
            while True:
                with stores[number % 2].read() as unit:
                    last = unit.log.last_sequence(shared)
                (error,) = stores[number % 2].append([LogAppend(shared, last, some_events(last + 1, 1))])
                if error is None:
                    break
                assert isinstance(error, VersionConflict)

    expected = len((*own, shared)) + 6 * 12 * 2 + 6 * 5
    done = threading.Event()
    with ThreadPoolExecutor(8) as pool:
        following = pool.submit(_follow, connect, expected, done)
        works = [pool.submit(append, number) for number in range(6) for append in (append_to_own, append_to_shared)]
        for work in works:
            work.result(120)
        done.set()
        assert following.result(120) == expected
    with other.read() as unit:
        assert unit.log.change_number() == expected
        assert [unit.log.last_sequence(run) for run in own] == [24] * 6
        assert [event.sequence for event in unit.log.events(shared)] == list(range(1, 31))
    other.close()


def _follow(connect: Callable[[], Connection], expected: int, done: threading.Event) -> int:
    """Poll for what is new; what shows must always be the next numbers. Returns the last."""
    last = 0
    while last < expected:
        finished = done.is_set()
        with connect() as connection:
            found = connection.execute(
                text(
                    "SELECT change_number FROM events WHERE change_number > :last "
                    "UNION ALL SELECT number FROM changes WHERE number > :last ORDER BY 1"
                ),
                {"last": last},
            ).scalars()
            numbers = list(found)
        assert numbers == list(range(last + 1, last + 1 + len(numbers)))
        last += len(numbers)
        if finished:
            break
    return last


@pytest.mark.parametrize("after", [3, 40, 111])
def test_a_killed_writer_leaves_a_consistent_database(
    store: Store, address: str, connect: Callable[[], Connection], after: int
) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with store.write() as unit:
        for run in ("r0", "r1", "r2"):
            unit.runs.add(a_run(run))
    with subprocess.Popen([sys.executable, _WRITER, address], env=environment) as writer:
        while True:
            with store.read() as unit:
                if unit.log.change_number() >= len(("r0", "r1", "r2")) + after:
                    break
            assert writer.poll() is None
        writer.send_signal(signal.SIGKILL)
    with connect() as connection:
        every = text("SELECT change_number FROM events UNION ALL SELECT number FROM changes ORDER BY 1")
        numbers = connection.execute(every).scalars().all()
        if connection.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    with store.read() as unit:
        assert list(numbers) == list(range(1, unit.log.change_number() + 1))
        for run in (RunId("r0"), RunId("r1"), RunId("r2")):
            last = unit.log.last_sequence(run)
            assert [event.sequence for event in unit.log.events(run)] == list(range(1, last + 1))
            # The projection of the last append, and its large value, went with the events.
            assert [len(str(task.inputs.parameters["x"])) for task in unit.runs.tasks([run])[run]] == [40_000 + last]
    assert store.append([LogAppend(RunId("r0"), _last_of(store, "r0"), some_events(_last_of(store, "r0") + 1, 1))]) == [
        None
    ]


def _last_of(store: Store, run: str) -> int:
    with store.read() as unit:
        return unit.log.last_sequence(RunId(run))
