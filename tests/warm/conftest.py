"""Executors and tasks of these tests."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests.warm.bench import Bench, Probe, inherited, task_spec
from tests.warm.living import note_down

from pinnace.domain.environments import WarmStart
from pinnace.domain.tasks import TaskSpec
from pinnace.ports.environments import Environments


@pytest.fixture
def bench(tmp_path: Path) -> Callable[..., Bench]:
    def make(
        parallelism: int = 4,
        warm: WarmStart = WarmStart.SDK,
        environments: Environments | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Bench:
        made = Bench(warm, tmp_path, variables or inherited(), parallelism)
        if environments is not None:
            made.executor._environments = environments
        return made

    return make


@pytest.fixture
def spec(tmp_path: Path) -> Callable[..., TaskSpec]:
    return lambda name, function=note_down, **environment: task_spec(
        Probe(function, (), environment), tmp_path / f"{name}-1"
    )
