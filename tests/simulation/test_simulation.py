"""2,000 seeds of the simulation, and checks that the simulation itself sees what it should see."""

import pytest
from tests.simulation.batch import Outcomes, how_to_repeat, play, play_parallel
from tests.simulation.generator import generate

from pinnace.engine import groups

_SEEDS = range(2000)
_CHUNKS = [_SEEDS[start : start + 50] for start in range(0, len(_SEEDS), 50)]


@pytest.mark.parametrize("seeds", _CHUNKS, ids=lambda seeds: f"{seeds.start}-{seeds.stop - 1}")
def test_no_seed_breaks_a_rule(seeds: range) -> None:
    failures = play(seeds).failures
    assert not failures, "\n".join(f"seed {s}: {text}\n  {how_to_repeat(s)}" for s, text in failures.items())


def test_loops_that_open_an_iteration_at_a_time_break_no_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "SLICE", 1)
    failures = play(range(99, 199)).failures
    assert not failures, "\n".join(f"seed {s}: {text}" for s, text in failures.items())


def test_every_feature_meets_every_misfortune() -> None:
    coverage = play(_SEEDS).coverage
    empty = coverage.empty_cells()
    assert not empty, f"{coverage.table()}\nnever met: {empty}"
    assert coverage.undisturbed > len(_SEEDS) // 5


def test_a_seed_stands_for_one_scenario() -> None:
    assert [generate(seed) for seed in range(40)] == [generate(seed) for seed in range(40)]


def test_a_seed_plays_the_same_in_another_process() -> None:
    seeds = range(200)
    here = play(seeds).coverage
    elsewhere = Outcomes()
    for outcomes in play_parallel(seeds, 2):
        elsewhere.coverage.merge(outcomes.coverage)
    assert (here.cells, here.events) == (elsewhere.coverage.cells, elsewhere.coverage.events)
