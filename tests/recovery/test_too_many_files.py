"""A server that can open no file for a while takes no task for lost, and loses no wish to stop one."""

import asyncio
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import AttemptKey, TaskSpec
from pinnace.executors.process.executor import ProcessExecutor
from pinnace.launcher import processes, records
from pinnace.testing.executor_updates import ExecutorUpdates
from pinnace.testing.fixed_environments import FixedEnvironments

KEY = AttemptKey(RunId("run"), NodeId("task"), 1)


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    """This process may open nothing more."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_nothing_is_concluded_from_what_cannot_be_opened(tmp_path: Path) -> None:
    records.write(str(tmp_path), records.RESULT, {})
    with no_descriptor_left():
        with pytest.raises(OSError, match="Too many open files"):
            records.read(str(tmp_path), records.RESULT)
        with pytest.raises(OSError, match="Too many open files"):
            processes.start_time(os.getpid())
        with pytest.raises(OSError, match="Too many open files"):
            processes.members("PINNACE_ATTEMPT=none", 0)
    assert records.read(str(tmp_path), records.RESULT) == {}


@pytest.mark.parametrize("canceled", [False, True])
def test_an_attempt_that_ends_meanwhile_is_told_as_it_ended(tmp_path: Path, canceled: bool) -> None:
    directory, go = tmp_path / "attempt", tmp_path / "go"
    script = 'while [ ! -e "$0" ]; do sleep 0.02; done' if not canceled else "exec sleep 600"
    spec = TaskSpec(KEY, "task", "", ("sh", "-c", script, str(go)), str(directory))

    async def scene() -> AttemptOutcome:
        executor = ProcessExecutor(FixedEnvironments())
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(spec)
            await updates.started(KEY)
            if not canceled:
                go.touch()
            with no_descriptor_left():
                if canceled:
                    await executor.cancel(KEY, str(directory))
                await asyncio.sleep(1.5)
                assert not [update for update in updates.of(KEY) if hasattr(update, "outcome")]
            return (await updates.ended(KEY)).outcome

    assert asyncio.run(scene()) is (AttemptOutcome.CANCELED if canceled else AttemptOutcome.SUCCEEDED)
