"""What lives after a task has ended: its zygote, and what that keeps ready."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from tests.warm.bench import Bench

from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import TaskSpec
from pinnace.testing.executor_updates import ExecutorUpdates

PATIENCE = 60.0


def note_down() -> dict[str, Any]:
    with open("ran", "a") as file:  # noqa: PTH123 - a component imports what it needs
        file.write("once\n")
    return {}


async def until(holds: Callable[[], bool]) -> None:
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not holds():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.01)


def ran(spec: TaskSpec) -> str:
    return Path(spec.directory, "work", "ran").read_text()


async def after_one(made: Bench, updates: ExecutorUpdates, spec: TaskSpec) -> tuple[psutil.Process, psutil.Process]:
    """Have a task run; then the one zygote and its spare runner, once both wait for requests."""
    await made.executor.launch(spec)
    assert (await updates.ended(spec.key)).outcome is AttemptOutcome.SUCCEEDED
    (pid,) = made.zygotes.pids().values()
    zygote = psutil.Process(pid)
    await until(lambda: len(zygote.children()) == 1 and len(zygote.children(recursive=True)) == 2)
    return zygote, zygote.children()[0]


def lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
