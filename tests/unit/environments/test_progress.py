"""What those who wait for a build are told, and how often."""

import asyncio
import contextlib
from collections.abc import Callable

import pytest

from pinnace.environments import progress as module
from pinnace.environments.progress import Progress


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not reached():
            await asyncio.sleep(0.001)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("Would install 3 packages", "Installing x: 3 packages with all that they need."),
        ("Downloading numpy (16.1MiB)", "Installing x: downloading numpy (16.1MiB)."),
        ("   Building numpy==1.0", "Installing x: building numpy==1.0 from its source."),
        ("Prepared 1 package in 2ms", "Installing x: 1 package downloaded."),
        ("Installed 4 packages in 9ms", "Installing x: 4 packages installed, compiling."),
        (" + numpy==1.0", "Installing x."),
    ],
)
def test_lines_of_the_report(line: str, sentence: str) -> None:
    async def scenario() -> None:
        progress = Progress("Installing x")
        progress.hear(line)
        told: list[str] = []
        with progress.listening(told.append):
            assert told == [sentence]
        progress.end()

    asyncio.run(scenario())


def test_the_newest_is_told_after_a_while_and_what_came_between_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SECONDS_BETWEEN", 0.05)

    async def scenario() -> None:
        progress = Progress("Installing x")
        told: list[str] = []
        also: list[str] = []
        with progress.listening(told.append):
            for number in range(100):
                progress.say(str(number))
            with progress.listening(also.append):
                await until(lambda: len(told) > 1)
                assert told == ["Installing x.", "Installing x: 99."]
                assert also == ["Installing x: 99.", "Installing x: 99."]
                progress.say("more")
                await until(lambda: len(also) > 2)
            assert progress.listeners == 1
        assert told[-1] == also[-1] == "Installing x: more."

    asyncio.run(scenario())


def test_where_many_listen_they_hear_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SECONDS_BETWEEN", 1.0)

    async def pause(listeners: int) -> float:
        """Seconds until the next sentence is told."""
        loop = asyncio.get_running_loop()
        progress = Progress("Installing x")
        with contextlib.ExitStack() as stack:
            for _ in range(listeners):
                stack.enter_context(progress.listening(lambda _: None))
            progress.say("more")
            assert progress._timer is not None
            due = progress._timer.when() - loop.time()
            progress.end()
            return due

    assert asyncio.run(pause(1)) <= 1.0
    assert asyncio.run(pause(20)) <= 1.0
    assert asyncio.run(pause(2000)) > 50.0


def test_what_has_ended_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SECONDS_BETWEEN", 0.0)

    async def scenario() -> None:
        progress = Progress("Installing x")
        told: list[str] = []
        with progress.listening(told.append):
            progress.say("almost done")
            progress.end()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        assert told == ["Installing x."]

    asyncio.run(scenario())
