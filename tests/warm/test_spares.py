"""Zygotes and the processes that wait in them: what happens when they are killed or stopped."""

import asyncio
import contextlib
import json
import os
import random
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.warm.bench import Bench
from tests.warm.living import PATIENCE, after_one, lives, ran, until

from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import TaskSpec
from pinnace.executors.process import runners
from pinnace.testing.executor_updates import ExecutorUpdates


def _suspend(*some: psutil.Process) -> None:
    for process in some:
        process.suspend()


def _resume(*some: psutil.Process) -> None:
    for process in some:
        process.resume()


def test_an_attempt_whose_zygote_and_spare_are_killed_is_asked_for_again_and_runs_once(
    bench: Callable[..., Bench], spec: Callable[..., TaskSpec]
) -> None:
    async def scenario() -> None:
        made = bench()
        async with ExecutorUpdates(made.executor) as updates:
            zygote, spare = await after_one(made, updates, spec("first"))
            _suspend(zygote, spare)
            await made.executor.launch(spec("second"))
            await until(lambda: spec("second").directory in made.asked)
            zygote.kill()
            spare.kill()
            ended = await updates.ended(spec("second").key)
            assert ended.outcome is AttemptOutcome.SUCCEEDED
        assert ran(spec("second")) == "once\n"
        assert len(made.asked[spec("second").directory]) == 2
        assert made.is_warm("second")

    asyncio.run(scenario())


def test_a_spare_runner_and_its_task_end_with_the_zygote(
    bench: Callable[..., Bench], spec: Callable[..., TaskSpec]
) -> None:
    async def scenario() -> None:
        made = bench()
        async with ExecutorUpdates(made.executor) as updates:
            zygote, spare = await after_one(made, updates, spec("first"))
            waiting = [spare, *spare.children()]
            zygote.kill()
            await until(lambda: not any(map(lives, waiting)))
            zygote, spare = await after_one(made, updates, spec("second"))
            waiting = [spare, *spare.children()]
        await until(lambda: not any(map(lives, [zygote, *waiting])))

    asyncio.run(scenario())


@pytest.mark.parametrize("of_the_task", [False, True], ids=["runner", "task"])
def test_a_spare_that_is_killed_is_missed_by_nobody(
    bench: Callable[..., Bench], spec: Callable[..., TaskSpec], of_the_task: bool
) -> None:
    async def scenario() -> None:
        made = bench()
        async with ExecutorUpdates(made.executor) as updates:
            zygote, spare = await after_one(made, updates, spec("first"))
            victim = spare.children()[0] if of_the_task else spare
            victim.kill()
            await until(lambda: not lives(victim))
            await made.executor.launch(spec("second"))
            assert (await updates.ended(spec("second").key)).outcome is AttemptOutcome.SUCCEEDED
            assert list(made.zygotes.pids().values()) == [zygote.pid]
        assert ran(spec("second")) == "once\n"
        assert len(made.asked[spec("second").directory]) == 1

    asyncio.run(scenario())


def test_a_stopped_zygote_holds_up_only_what_waits_for_it(
    bench: Callable[..., Bench], spec: Callable[..., TaskSpec]
) -> None:
    async def scenario() -> None:
        made = bench()
        async with ExecutorUpdates(made.executor) as updates:
            stopped = await after_one(made, updates, spec("first"))
            _suspend(*stopped)
            await made.executor.launch(spec("second"))
            await made.executor.launch(spec("canceled"))
            plain = replace(spec("third"), command=("true",), program=None)
            await made.executor.launch(plain)
            assert (await updates.ended(plain.key)).outcome is AttemptOutcome.SUCCEEDED
            await made.executor.cancel(spec("canceled").key, spec("canceled").directory)
            assert not Path(spec("second").directory, "started").exists()
            _resume(*stopped)
            assert (await updates.ended(spec("second").key)).outcome is AttemptOutcome.SUCCEEDED
            assert (await updates.ended(spec("canceled").key)).outcome is AttemptOutcome.CANCELED
        assert ran(spec("second")) == "once\n"
        assert not Path(spec("canceled").directory, "work", "ran").exists()

    asyncio.run(scenario())


def test_a_zygote_that_stays_stopped_is_given_up_and_its_spare_with_it(
    bench: Callable[..., Bench], spec: Callable[..., TaskSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        made = bench()
        async with ExecutorUpdates(made.executor) as updates:
            zygote, spare = await after_one(made, updates, spec("first"))
            _suspend(zygote, spare)
            monkeypatch.setattr(runners, "_ANSWER_SECONDS", 1.0)
            await made.executor.launch(spec("canceled"))
            await until(lambda: spec("canceled").directory in made.asked)
            await made.executor.cancel(spec("canceled").key, spec("canceled").directory)
            assert (await updates.ended(spec("canceled").key)).outcome is AttemptOutcome.CANCELED
            await until(lambda: not lives(zygote) and not lives(spare))
            monkeypatch.setattr(runners, "_ANSWER_SECONDS", PATIENCE)
            await made.executor.launch(spec("second"))
            assert (await updates.ended(spec("second").key)).outcome is AttemptOutcome.SUCCEEDED
        assert ran(spec("second")) == "once\n"
        assert not Path(spec("canceled").directory, "work", "ran").exists()

    asyncio.run(scenario())


def leave_a_child() -> dict[str, Any]:
    import os
    import time

    if os.fork() == 0:
        os.setsid()
    time.sleep(600)
    return {}


def _working_below(place: Path) -> list[int]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cwd().startswith(str(place)):
                found.append(process.pid)
    return found


def test_nothing_is_left_of_a_warm_task_whose_runner_is_killed_as_it_begins(
    bench: Callable[..., Bench], spec: Callable[..., TaskSpec], tmp_path: Path
) -> None:
    rng = random.Random(1)

    async def scenario() -> None:
        waiting = 0
        made = bench()
        async with ExecutorUpdates(made.executor) as updates:
            for number in range(30):
                task = spec(f"task{number}", function=leave_a_child)
                await made.executor.launch(task)
                await until(Path(task.directory, "started").exists)
                started = json.loads(Path(task.directory, "started").read_text())
                await asyncio.sleep(rng.uniform(0, 0.02))
                os.kill(started["pid"], signal.SIGKILL)
                assert (await updates.ended(task.key)).outcome is AttemptOutcome.LOST
                assert _working_below(tmp_path) == []
                waiting += "spare" in started
        assert waiting > 15

    asyncio.run(scenario())
