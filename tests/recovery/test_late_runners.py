"""A runner that a killed server had asked for may come late: never beside another attempt of its task."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import AttemptKey, ResourceAmounts, TaskSpec
from pinnace.executors.process.executor import ProcessExecutor
from pinnace.launcher import processes, records
from pinnace.testing.executor_updates import ExecutorUpdates
from pinnace.testing.fixed_environments import FixedEnvironments


def spec_of(place: Path, number: int, cpus: float | None = None) -> TaskSpec:
    key = AttemptKey(RunId("run"), NodeId("task"), number)
    return TaskSpec(
        key, "task", "", ("sleep", "600"), str(place / str(number)), resources=ResourceAmounts(cpu_request=cpus)
    )


def comes_too_late(directory: str) -> bool:
    return not records.claim(directory, processes.identify(os.getpid())._asdict())


@pytest.mark.parametrize("outcome", [AttemptOutcome.INTERRUPTED, AttemptOutcome.FAILED, AttemptOutcome.CANCELED])
def test_a_late_runner_finds_that_its_attempt_is_over(tmp_path: Path, outcome: AttemptOutcome) -> None:
    async def scene() -> AttemptOutcome:
        executor = ProcessExecutor(FixedEnvironments(), parallelism=1)
        async with ExecutorUpdates(executor) as updates:
            first = spec_of(tmp_path, 1)
            second = spec_of(tmp_path, 2, 1e6 if outcome is AttemptOutcome.FAILED else None)
            await executor.launch(first)
            await updates.started(first.key)
            # What a server has left that was killed between its request and the begin of the runner.
            Path(second.directory).mkdir()
            shutil.copy(Path(first.directory, records.TASK), second.directory)
            await executor.launch(second)
            if outcome is not AttemptOutcome.FAILED:
                await updates.waiting(second.key)
            if outcome is AttemptOutcome.CANCELED:
                await executor.cancel(second.key, second.directory)
            if outcome is not AttemptOutcome.INTERRUPTED:
                await updates.ended(second.key)
        return (await updates.ended(second.key)).outcome

    assert asyncio.run(scene()) is outcome
    assert comes_too_late(str(tmp_path / "2"))
