"""Process executor: whatever a task leaves behind is gone when its end is reported."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import AttemptKey, TaskSpec
from pinnace.executors.process.executor import ProcessExecutor
from pinnace.ports.executor import AttemptEnded
from pinnace.testing.executor_updates import ExecutorUpdates
from pinnace.testing.fixed_environments import FixedEnvironments
from pinnace.testing.stray_processes import processes_with, wait_for_processes

# A daemon as they are made: two forks, a session of its own, and an emptied environment.
DAEMON = """
import os, sys, time
sleeper = "import sys, time, signal; signal.signal(15, signal.SIG_IGN); open(sys.argv[1], 'w').close(); time.sleep(600)"
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execve(sys.executable, [sys.executable, "-S", "-c", sleeper, sys.argv[1]], {})
    os._exit(0)
os.wait()
while not os.path.exists(sys.argv[1]):
    time.sleep(0.01)
if sys.argv[2] == "stay":
    open(sys.argv[1] + "-staying", "w").close()
    time.sleep(600)
"""

STUBBORN = (
    "import signal, sys, time; signal.signal(15, signal.SIG_IGN); open(sys.argv[1], 'w').close(); time.sleep(600)"
)

SERVER = """
import asyncio, sys
from pinnace.domain.tasks import AttemptKey, TaskSpec
from pinnace.executors.process.executor import ProcessExecutor
from pinnace.testing.fixed_environments import FixedEnvironments
async def main():
    executor = ProcessExecutor(FixedEnvironments())
    executor.open()
    await executor.launch(TaskSpec(AttemptKey("run", "task", 0), "task", "", tuple(sys.argv[2:]), sys.argv[1]))
    await asyncio.sleep(600)
asyncio.run(main())
"""


@pytest.fixture
def word() -> str:
    return uuid.uuid4().hex


@pytest.fixture
def ready(tmp_path: Path, word: str) -> Path:
    """A file that a task makes when it is far enough; its name is on the command line of what must not survive."""
    return tmp_path / word


def _spec(tmp_path: Path, *command: str, node: str = "task") -> TaskSpec:
    key = AttemptKey(RunId("run"), NodeId(node), 0)
    return TaskSpec(key, node, "", command, str(tmp_path / f"attempt-{node}"))


def _exists(path: Path) -> bool:
    return path.exists()


def _touch(path: Path) -> None:
    path.touch()


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _log(spec: TaskSpec) -> str:
    return _text(Path(spec.directory, "log"))


def _executor() -> ProcessExecutor:
    return ProcessExecutor(FixedEnvironments(), grace_seconds=0.3)


async def _appears(path: Path) -> None:
    for _ in range(3000):
        if _exists(path):
            return
        await asyncio.sleep(0.01)
    raise TimeoutError(path)


def test_a_daemon_is_gone_after_success(tmp_path: Path, ready: Path, word: str) -> None:
    async def scenario() -> None:
        spec = _spec(tmp_path, sys.executable, "-c", DAEMON, str(ready), "go")
        executor = _executor()
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(spec)
            assert (await updates.ended(spec.key)).outcome is AttemptOutcome.SUCCEEDED
            assert _exists(ready)
            assert processes_with(word) == []

    asyncio.run(scenario())


def test_a_daemon_is_gone_after_cancel(tmp_path: Path, ready: Path, word: str) -> None:
    async def scenario() -> None:
        spec = _spec(tmp_path, sys.executable, "-c", DAEMON, str(ready), "stay")
        executor = _executor()
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(spec)
            await _appears(Path(f"{ready}-staying"))
            assert len(processes_with(word)) == 2
            await executor.cancel(spec.key, spec.directory)
            assert (await updates.ended(spec.key)).outcome is AttemptOutcome.CANCELED
            assert processes_with(word) == []

    asyncio.run(scenario())


def test_a_daemon_is_gone_after_the_deadline(tmp_path: Path, ready: Path, word: str) -> None:
    async def scenario() -> None:
        spec = replace(_spec(tmp_path, sys.executable, "-c", DAEMON, str(ready), "stay"), deadline_seconds=1.0)
        executor = _executor()
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(spec)
            ended = await updates.ended(spec.key)
            assert ended.outcome is AttemptOutcome.FAILED
            assert ended.failure is not None
            assert ended.failure.code == "DeadlineExceeded"
            assert ended.failure.message == "The task did not end within its deadline of 1 s and was stopped."
            assert processes_with(word) == []

    asyncio.run(scenario())


def test_a_task_that_ignores_sigterm_is_killed(tmp_path: Path, ready: Path, word: str) -> None:
    async def scenario() -> None:
        spec = _spec(tmp_path, sys.executable, "-c", STUBBORN, str(ready))
        executor = _executor()
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(spec)
            await _appears(ready)
            await executor.cancel(spec.key, spec.directory)
            assert (await updates.ended(spec.key)).outcome is AttemptOutcome.CANCELED
            assert processes_with(word) == []

    asyncio.run(scenario())


def test_a_task_that_obeys_sigterm_can_say_goodbye(tmp_path: Path, ready: Path) -> None:
    async def scenario() -> None:
        script = 'trap "echo goodbye; exit 0" TERM; touch "$0"; while true; do sleep 0.05; done'
        spec = _spec(tmp_path, "sh", "-c", script, str(ready))
        executor = ProcessExecutor(FixedEnvironments(), grace_seconds=60)
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(spec)
            await _appears(ready)
            await executor.cancel(spec.key, spec.directory)
            assert (await updates.ended(spec.key)).outcome is AttemptOutcome.CANCELED
            assert "goodbye" in _log(spec)

    asyncio.run(scenario())


def test_children_that_hold_the_log_do_not_delay_the_end(tmp_path: Path, word: str) -> None:
    async def scenario() -> None:
        child = f"{sys.executable} -S -c 'import time; time.sleep(600)' {word}"
        spec = _spec(tmp_path, "sh", "-c", f"{child} & {child} & exit 0")
        executor = _executor()
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(spec)
            assert (await updates.ended(spec.key)).outcome is AttemptOutcome.SUCCEEDED
            assert processes_with(word) == []

    asyncio.run(scenario())


def test_a_task_that_kills_its_runner_is_lost_and_gone(tmp_path: Path, word: str) -> None:
    async def scenario() -> None:
        child = f"setsid {sys.executable} -S -c 'import time; time.sleep(600)' {word}"
        spec = _spec(tmp_path, "sh", "-c", f"{child} & kill -9 $PPID; sleep 600; : {word}")
        executor = _executor()
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(spec)
            ended = await updates.ended(spec.key)
            assert ended.outcome is AttemptOutcome.LOST
            assert ended.failure is not None
            assert "its runner was killed" in ended.failure.message
            assert processes_with(word) == []

    asyncio.run(scenario())


def test_close_ends_everything_within_seconds(tmp_path: Path, ready: Path, word: str) -> None:
    async def scenario() -> float:
        stubborn = _spec(tmp_path, sys.executable, "-c", STUBBORN, str(ready))
        queued = _spec(tmp_path, "true", node="queued")
        executor = ProcessExecutor(FixedEnvironments(), parallelism=1, grace_seconds=600)
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(stubborn)
            await executor.launch(queued)
            await _appears(ready)
            begun = time.monotonic()
        ends = {update.key: update.outcome for update in updates.seen if isinstance(update, AttemptEnded)}
        assert ends == {stubborn.key: AttemptOutcome.INTERRUPTED, queued.key: AttemptOutcome.INTERRUPTED}
        return time.monotonic() - begun

    seconds = asyncio.run(scenario())
    assert processes_with(word) == []
    assert seconds < 30  # Far above what is promised, for a loaded machine, and far below the grace of ten minutes.


@pytest.mark.parametrize("watches", [True, False], ids=["pidfd", "polling"])
def test_after_kill_9_of_the_server_the_next_one_adopts(
    tmp_path: Path, ready: Path, word: str, watches: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not watches:
        monkeypatch.delattr(os, "pidfd_open", raising=False)  # As on macOS.
    script = 'echo began >> "$0-begun"; while [ ! -e "$0" ]; do sleep 0.02; done; exit 7'
    spec = _spec(tmp_path, "sh", "-c", script, str(ready))
    server = subprocess.Popen([sys.executable, "-c", SERVER, spec.directory, *spec.command])
    begun = Path(f"{ready}-begun")
    try:
        wait_for_processes(str(ready), 2)  # The server itself, and the task.
        asyncio.run(_appears(begun))
    finally:
        server.send_signal(signal.SIGKILL)
        server.wait()

    async def scenario() -> None:
        executor = _executor()
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(spec)
            await updates.started(spec.key)
            _touch(ready)
            ended = await updates.ended(spec.key)
            assert ended.failure is not None
            assert ended.failure.exit_code == 7

    asyncio.run(scenario())
    assert begun.read_text() == "began\n"
    assert processes_with(word) == []


def test_what_an_earlier_server_has_begun_is_counted_before_anything_begins(tmp_path: Path, ready: Path) -> None:
    old = _spec(tmp_path, "sh", "-c", 'while [ ! -e "$0" ]; do sleep 0.02; done', str(ready), node="old")
    new = _spec(tmp_path, "true", node="new")
    server = subprocess.Popen([sys.executable, "-c", SERVER, old.directory, *old.command])
    try:
        asyncio.run(_appears(Path(old.directory, "running")))
    finally:
        server.kill()
        server.wait()

    async def scenario() -> None:
        executor = ProcessExecutor(FixedEnvironments(), parallelism=1)
        await executor.launch(new)
        await asyncio.sleep(0)
        await executor.launch(replace(old, key=AttemptKey(RunId("run"), NodeId("task"), 0)))
        async with ExecutorUpdates(executor) as updates:
            await updates.waiting(new.key)
            assert not Path(new.directory, "started").exists()
            _touch(ready)
            await updates.ended(new.key)
        ends = [update.key for update in updates.seen if isinstance(update, AttemptEnded)]
        assert ends == [AttemptKey(RunId("run"), NodeId("task"), 0), new.key]

    asyncio.run(scenario())


def test_two_servers_that_launch_at_the_same_moment_run_it_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        for number in range(5):
            begun = tmp_path / f"begun-{number}"
            spec = _spec(tmp_path, "sh", "-c", 'echo began >> "$0"; sleep 0.1; exit 7', str(begun), node=f"n{number}")
            first, second = _executor(), _executor()
            async with ExecutorUpdates(first) as of_first, ExecutorUpdates(second) as of_second:
                await asyncio.gather(first.launch(spec), second.launch(spec))
                for updates in (of_first, of_second):
                    failure = (await updates.ended(spec.key)).failure
                    assert failure is not None
                    assert failure.exit_code == 7
            assert _text(begun) == "began\n"

    asyncio.run(scenario())


def test_a_runner_killed_while_the_server_is_down_is_lost_and_its_task_gone(tmp_path: Path, word: str) -> None:
    spec = _spec(tmp_path, sys.executable, "-S", "-c", "import time; time.sleep(600)", word)
    server = subprocess.Popen([sys.executable, "-c", SERVER, spec.directory, *spec.command])
    try:
        asyncio.run(_appears(Path(spec.directory, "running")))
        task = next(pid for pid in processes_with(word) if pid != server.pid)
        runner = psutil.Process(task).ppid()
    finally:
        server.kill()
        server.wait()
    os.kill(runner, signal.SIGKILL)

    async def scenario() -> None:
        executor = _executor()
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(spec)
            assert (await updates.ended(spec.key)).outcome is AttemptOutcome.LOST
            assert processes_with(word) == []

    asyncio.run(scenario())


@pytest.mark.parametrize("name", ["started", ""])
def test_a_task_whose_attempt_is_deleted_ends_and_counts_no_more(
    tmp_path: Path, word: str, ready: Path, name: str
) -> None:
    """The directory may be deleted, for instance by hand while no server runs: then the next attempt begins there."""
    spec = _spec(tmp_path, sys.executable, "-c", DAEMON, str(ready), "stay")

    async def scenario() -> None:
        executor = _executor()
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(spec)
            await _appears(Path(f"{ready}-staying"))
            await asyncio.to_thread(_delete, Path(spec.directory, name))
            assert (await updates.ended(spec.key)).outcome is AttemptOutcome.LOST
            assert processes_with(word) == []

    asyncio.run(scenario())


def test_fifty_tasks_at_once_need_no_threads(tmp_path: Path, ready: Path) -> None:
    async def scenario() -> None:
        wait = 'while [ ! -e "$0" ]; do sleep 0.2; done'
        specs = [_spec(tmp_path, "sh", "-c", wait, str(ready), node=f"task-{number}") for number in range(50)]
        executor = ProcessExecutor(FixedEnvironments(), parallelism=50)
        threads = threading.active_count()
        async with ExecutorUpdates(executor) as updates:
            for spec in specs:
                await executor.launch(spec)
            for spec in specs:
                await updates.started(spec.key)
            assert threading.active_count() == threads
            _touch(ready)
            outcomes = {(await updates.ended(spec.key)).outcome for spec in specs}
            assert outcomes == {AttemptOutcome.SUCCEEDED}

    asyncio.run(scenario())
