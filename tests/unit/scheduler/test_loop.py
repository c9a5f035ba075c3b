"""The loop that looks at the clock: it survives a database that is down, and wakes when a schedule changes."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from pinnace.domain.values import SECOND, Instant
from pinnace.errors import Unavailable
from pinnace.scheduler import loop as loop_module
from pinnace.scheduler.loop import Alarm, ticking
from pinnace.services.firing import Fired
from pinnace.testing.clock import EPOCH_OF_TESTS, FrozenClock

NOTHING = Fired(0, 0, None)


class Script:
    """Answers of ``fire_due``, in order; the last one for ever. An exception is raised."""

    def __init__(self, *answers: Fired | Exception, realigned: list[Exception] | None = None) -> None:
        self.answers = list(answers)
        self.realigned = realigned or []
        self.asked = 0
        self.aligned = 0
        self.ended = False
        self.threads: set[int] = set()

    def realign(self) -> None:
        self.aligned += 1
        if self.realigned:
            raise self.realigned.pop(0)

    def end(self) -> None:
        self.ended = True

    def fire_due(self) -> Fired:
        self.asked += 1
        self.threads.add(threading.get_ident())
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


async def reached(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


def play(script: Script, scene: Callable[[Alarm], object]) -> None:
    """Run the loop over *script* while the coroutine function *scene* looks on."""

    async def whole() -> None:
        alarm = Alarm()
        async with ticking(script, FrozenClock(), alarm):  # type: ignore[arg-type]
            await scene(alarm)  # type: ignore[misc]

    asyncio.run(whole())


def test_what_has_acted_is_asked_again_at_once() -> None:
    script = Script(Fired(3, 0, None), Fired(1, 0, None), NOTHING)

    async def scene(_alarm: Alarm) -> None:
        await reached(lambda: script.asked >= 3)

    play(script, scene)
    assert (script.asked, script.aligned, script.ended) == (3, 1, True)
    assert threading.get_ident() not in script.threads


def test_the_alarm_wakes_it_from_any_thread() -> None:
    script = Script(NOTHING)

    async def scene(alarm: Alarm) -> None:
        await reached(lambda: script.asked == 1)
        ringer = threading.Thread(target=alarm.ring)
        ringer.start()
        ringer.join()
        await reached(lambda: script.asked == 2)

    play(script, scene)


def test_ringing_before_and_after_its_life_is_no_error() -> None:
    alarm = Alarm()
    alarm.ring()
    kept: list[Alarm] = []

    async def scene(inside: Alarm) -> None:
        kept.append(inside)

    play(Script(NOTHING), scene)
    kept[0].ring()


def test_a_database_that_is_down_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loop_module, "_RETRY_SECONDS", 0.0)
    down = Unavailable("The database cannot be reached.")
    script = Script(down, RuntimeError("anything"), NOTHING, realigned=[down])

    async def scene(_alarm: Alarm) -> None:
        await reached(lambda: script.asked >= 3)

    play(script, scene)
    assert script.aligned == 2
    assert "The database cannot be reached" in caplog.text
    assert "anything" in caplog.text


@pytest.mark.parametrize(
    ("fired", "seconds"),
    [
        (NOTHING, 30.0),
        (Fired(1, 0, None), 0.0),
        (Fired(1, 5, Instant(EPOCH_OF_TESTS + SECOND)), 0.0),
        (Fired(0, 1, None), 1.0),
        (Fired(0, 1, Instant(EPOCH_OF_TESTS + SECOND // 2)), 0.5),
        (Fired(0, 0, Instant(EPOCH_OF_TESTS + 7 * SECOND)), 7.0),
        (Fired(0, 0, Instant(EPOCH_OF_TESTS + 700 * SECOND)), 30.0),
        (Fired(0, 0, Instant(EPOCH_OF_TESTS - SECOND)), 0.0),
    ],
)
def test_how_long_it_sleeps(fired: Fired, seconds: float) -> None:
    assert loop_module._pause(fired, FrozenClock()) == seconds
