"""Appends to the runs r0, r1 and r2 of a store for ever, in groups; a test kills it."""

import sys

from pinnace.domain.ids import RunId
from pinnace.ports.store import LogAppend
from pinnace.store import open_store
from pinnace.testing.records import a_task, some_events


def main() -> None:
    store = open_store(sys.argv[1])
    sequence = 0
    while True:
        sequence += 2
        entries = [
            LogAppend(
                RunId(run),
                sequence - 2,
                some_events(sequence - 1, 2),
                tasks=[a_task(run, "a", parameters={"x": "x" * (40_000 + sequence)})],
            )
            for run in ("r0", "r1", "r2")
        ]
        assert store.append(entries) == [None] * 3


main()
