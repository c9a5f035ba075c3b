"""Fills the disk that the directory of the first argument is, and goes on when there is room again."""

import sys
from pathlib import Path

from pinnace.domain.ids import RunId
from pinnace.errors import Unavailable
from pinnace.ports.store import LogAppend, Store
from pinnace.store import open_store
from pinnace.testing.records import a_run, some_events


def fill(store: Store) -> int:
    for number in range(1000):
        try:
            with store.write() as unit:
                unit.runs.add(a_run(f"run-{number}", at=number, parameters={"x": "y" * 20_000}))
                unit.log.append(LogAppend(RunId(f"run-{number}"), 0, some_events(1, 1)))
        except Unavailable as error:
            return number if "is full" in str(error) else -1
    raise AssertionError("the disk never filled")


def main() -> None:
    directory = Path(sys.argv[1])
    ballast = directory / "ballast"
    ballast.write_bytes(b"x" * 400_000)
    store = open_store(directory / "pinnace.db")
    stored = fill(store)
    assert stored > 0
    for _ in range(2):
        with store.read() as unit:
            assert len(unit.runs.unfinished()) == stored
            assert unit.log.change_number() == 2 * stored, "a new run, and its event"
        assert fill_again(store, stored) == stored
    ballast.unlink()
    with store.write() as unit:
        unit.runs.add(a_run("last", at=5000, parameters={"x": "y" * 20_000}))
    store.close()
    store = open_store(directory / "pinnace.db")
    with store.read() as unit:
        assert unit.runs.unfinished()[-1] == "last"
        assert len(unit.runs.unfinished()) == stored + 1
    sys.stdout.write(f"refused after {stored} runs\n")


def fill_again(store: Store, number: int) -> int:
    """Once more what was refused; it is refused again, and nothing of it is there."""
    try:
        with store.write() as unit:
            unit.runs.add(a_run(f"run-{number}", at=number, parameters={"x": "y" * 300_000}))
    except Unavailable:
        return number
    return number + 1


main()
