"""A runner is killed while its command begins: what of it lives then is found and ended before it is called lost."""

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import AttemptKey, TaskSpec
from pinnace.executors.process.executor import ProcessExecutor
from pinnace.launcher import records
from pinnace.testing.executor_updates import ExecutorUpdates
from pinnace.testing.fixed_environments import FixedEnvironments

ATTEMPTS = 60
LONGEST_PAUSE = 0.008
WITHOUT_A_MARK = "env -i sleep 600 & env -i sleep 600 & exec env -i sleep 600"


def living(place: Path) -> list[str]:
    """Processes that work below *place*."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cwd().startswith(str(place)):
                found.append(f"{process.pid} {process.cmdline()}")
    return found


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    for line in living(tmp_path):
        os.kill(int(line.split()[0]), signal.SIGKILL)


async def kill_at_begin(directory: Path, pause: float) -> None:
    """Kill the runner *pause* after it has claimed the attempt."""
    async with asyncio.timeout(60):
        while (started := records.read(str(directory), records.STARTED)) is None:
            await asyncio.sleep(0)
    await asyncio.sleep(pause)
    with contextlib.suppress(ProcessLookupError):
        os.kill(started["pid"], signal.SIGKILL)


def test_nothing_is_left_of_a_command_whose_runner_was_killed_as_it_began(place: Path) -> None:
    rng = random.Random(1)

    async def scene() -> None:
        executor = ProcessExecutor(FixedEnvironments())
        async with ExecutorUpdates(executor) as updates:
            for number in range(ATTEMPTS):
                directory = place / str(number)
                key = AttemptKey(RunId("run"), NodeId("task"), number)
                await executor.launch(TaskSpec(key, "task", "", ("sh", "-c", WITHOUT_A_MARK), str(directory)))
                await kill_at_begin(directory, rng.uniform(0, LONGEST_PAUSE))
                assert (await updates.ended(key)).outcome is AttemptOutcome.LOST
                assert living(place) == []

    asyncio.run(scene())
    assert living(place) == []
