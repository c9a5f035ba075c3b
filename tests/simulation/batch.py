"""Plays many seeds, on several cores, and says which failed and how to repeat it."""

import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tests.simulation.coverage import Coverage
from tests.simulation.simulate import simulate

_CHUNK: Final = 100


@dataclass(slots=True)
class Outcomes:
    """What a range of seeds showed; ``failures`` has the text of each seed that failed."""

    coverage: Coverage = field(default_factory=Coverage)
    failures: dict[int, str] = field(default_factory=dict)


def play(seeds: range) -> Outcomes:
    """Play seeds one after the other, in this process."""
    outcomes = Outcomes()
    for seed in seeds:
        # Whatever the engine raises is a finding about this seed, and the others still count.
        try:
            outcomes.coverage.add(simulate(seed))
        except Exception as error:
            outcomes.failures[seed] = f"{type(error).__name__}: {error}"
    return outcomes


def play_parallel(seeds: range, jobs: int) -> Iterator[Outcomes]:
    """Play seeds on *jobs* cores; answers come a chunk at a time, in order."""
    chunks = [seeds[start : start + _CHUNK] for start in range(0, len(seeds), _CHUNK)]
    if jobs == 1 or len(chunks) == 1:
        yield from map(play, chunks)
        return
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap(play, chunks)


def how_to_repeat(seed: int) -> str:
    """The one command that plays a seed again and shows its history."""
    return f"python tests/simulation/run.py --seeds 1 --first {seed} --show"
