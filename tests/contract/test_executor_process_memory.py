"""Process executor: tasks for which memory runs out."""

import asyncio
import os
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import AttemptKey, TaskFailure, TaskSpec
from pinnace.executors.process.executor import ProcessExecutor
from pinnace.testing.executor_updates import ExecutorUpdates
from pinnace.testing.fixed_environments import FixedEnvironments

GROUP_VARIABLE = "PINNACE_TEST_MEMORY_GROUP"
"""Names a directory of a memory cgroup (version 1 or 2), with a limit of 256 MiB or less, that the tests may enter."""

EAT = """
import sys
if len(sys.argv) > 1:
    with open(sys.argv[1], "w") as processes:
        processes.write("0")
held = []
while True:
    held.append(b"x" * (8 << 20))
"""

LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
bytearray(4 << 30)
"""

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has scores for the choice of whom to kill")


@pytest.fixture
def spec(tmp_path: Path) -> TaskSpec:
    return TaskSpec(AttemptKey(RunId("run"), NodeId("task"), 0), "task", "", ("true",), str(tmp_path / "attempt"))


def _failure(spec: TaskSpec) -> TaskFailure:
    async def scenario() -> TaskFailure:
        executor = ProcessExecutor(FixedEnvironments(), grace_seconds=1.0)
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(spec)
            ended = await updates.ended(spec.key)
            assert ended.outcome is AttemptOutcome.FAILED
            assert ended.failure is not None
            return ended.failure

    return asyncio.run(scenario())


def _log(spec: TaskSpec) -> str:
    return Path(spec.directory, "log").read_text(encoding="utf-8")


@linux
def test_a_task_is_killed_before_the_server(spec: TaskSpec) -> None:
    _failure(replace(spec, command=("sh", "-c", "cat /proc/self/oom_score_adj; exit 1")))
    assert int(_log(spec)) > int(Path("/proc/self/oom_score_adj").read_text(encoding="ascii"))


@linux
def test_a_limit_that_the_task_sets_itself_is_an_error_of_its_own(spec: TaskSpec) -> None:
    failure = _failure(replace(spec, command=(sys.executable, "-c", LIMITED)))
    assert failure == TaskFailure("The command ended with exit code 1.", "ExitCode", 1)
    assert "MemoryError" in _log(spec)


@linux
def test_a_kill_that_memory_has_nothing_to_do_with_is_not_taken_for_one(spec: TaskSpec) -> None:
    failure = _failure(replace(spec, command=("sh", "-c", "kill -KILL $$")))
    assert failure == TaskFailure("The command was killed by SIGKILL.", "Signal")


@linux
def test_a_task_that_the_kernel_kills_for_memory_says_so_with_figures(spec: TaskSpec) -> None:
    group = os.environ.get(GROUP_VARIABLE)
    if group is None:
        pytest.skip(
            f"a kernel that kills needs a memory cgroup with a small limit; name its directory in {GROUP_VARIABLE}"
        )
    failure = _failure(replace(spec, command=(sys.executable, "-c", EAT, str(Path(group, "cgroup.procs")))))
    assert failure.code == "OutOfMemory", _log(spec)
    found = re.search(r"killed by SIGKILL, probably .* its largest process held ([0-9.]+) MiB\.", failure.message)
    assert found is not None, failure.message
    assert 0 < float(found[1]) <= 300
