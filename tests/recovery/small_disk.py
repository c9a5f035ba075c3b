"""Runs on a disk that fills and empties again; it is mounted at ``data`` below the directory of the first argument."""

import asyncio
import contextlib
import importlib
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

_ROOT = str(Path(__file__).resolve().parents[2])
if _ROOT not in sys.path:
    sys.path.insert(0, _ROOT)

ROUNDS = 3


def fill(ballast: Path, seconds: float) -> None:
    """Take every byte that is left, and again what is freed, for a while."""
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        if time.monotonic() > end:
            return
        time.sleep(0.05)


def storm_with_a_full_disk(place: Path) -> list[str]:
    """Faults of runs that met a full disk several times."""
    storms: Any = importlib.import_module("tests.recovery.storm")
    storm = storms.Storm(place, 1)
    ballast = storm.keeper.data / "ballast"
    try:
        storm.keeper.ready()
        for number in range(ROUNDS):
            storm.work(0.5 + 0.5 * number)
            fill(ballast, 3)
            assert shutil.disk_usage(storm.keeper.data).free == 0
            assert storm.keeper.unfinished() is not None, "the server does not answer"
            storm.work(1)
            ballast.unlink()
        storm.work(0)
        assert storm.keeper.starts == 1, "the server has ended"
        storm.calm()
        return list(storm.faults(disk_was_full=True))
    finally:
        storm.end()


def task_that_waits_for_room(place: Path) -> list[str]:
    """What an executor reports of a task that is launched on a full disk, which then empties."""
    from pinnace.domain.ids import NodeId, RunId
    from pinnace.domain.tasks import AttemptKey, TaskSpec
    from pinnace.executors.process.executor import ProcessExecutor
    from pinnace.ports.executor import AttemptEnded, AttemptWaiting
    from pinnace.testing.fixed_environments import FixedEnvironments

    ballast = place / "data/ballast"
    fill(ballast, 0)
    directory = str(place / "data/attempt")
    spec = TaskSpec(AttemptKey(RunId("run"), NodeId("task"), 1), "task", "", ("true",), directory)

    async def scene() -> list[str]:
        executor, seen = ProcessExecutor(FixedEnvironments()), []
        executor.open()
        await executor.launch(spec)
        async for update in executor.updates():
            if isinstance(update, AttemptWaiting):
                seen.append(update.reason)
                ballast.unlink()
            if isinstance(update, AttemptEnded):
                seen.append(str(update.outcome))
                await executor.close()
        return seen

    seen = asyncio.run(scene())
    expected = [f"Waits for room on the disk of {directory}: less than 4 MiB are free.", "SUCCEEDED"]
    return [] if seen == expected else [f"it was reported: {seen}"]


if __name__ == "__main__":
    assert os.path.ismount(Path(sys.argv[1], "data"))
    faults = {"runs": storm_with_a_full_disk, "task": task_that_waits_for_room}[sys.argv[2]](Path(sys.argv[1]))
    sys.stdout.write("\n".join(faults))
    sys.exit(1 if faults else 0)
