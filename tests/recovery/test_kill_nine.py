"""kill -9 of servers, zygotes, runners, tasks, and of all at once: PINNACE_KILLS says how often, PINNACE_SEED when."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.recovery.storm import Storm

KILLS = int(os.environ.get("PINNACE_KILLS", "25"))
SEED = int(os.environ.get("PINNACE_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)


@pytest.fixture
def storm(tmp_path: Path) -> Iterator[Storm]:
    made = Storm(tmp_path, SEED)
    yield made
    made.end()


def test_runs_end_as_they_should_whoever_is_killed(storm: Storm) -> None:
    print(f"PINNACE_SEED={SEED} PINNACE_KILLS={KILLS}")  # noqa: T201 - pytest shows it where the test fails
    storm.rage(KILLS)
    storm.calm()
    assert storm.faults() == []
    assert storm.counts["run SUCCEEDED"] > 0
