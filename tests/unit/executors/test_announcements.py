"""When those who wait say for what."""

import asyncio
from collections.abc import Callable

from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.tasks import AttemptKey
from pinnace.executors.process.announcements import AT_A_TIME, Announcements

PATIENCE = 3600.0


class Waiters:
    """Attempts that wait for the same, and what they have said."""

    def __init__(self) -> None:
        self.announcements = Announcements(PATIENCE)
        self.begin = asyncio.get_running_loop().time()
        self.reason = ("slot", "4 of 4")
        self.said: list[tuple[int, str]] = []

    def come(self, *numbers: int) -> None:
        for number in numbers:
            self.announcements.expect(_key(number), lambda: self.reason, self._say(number))

    def go(self, *numbers: int) -> None:
        for number in numbers:
            self.announcements.forget(_key(number))

    def after(self, patiences: float) -> None:
        """Let so many times the patience have passed."""
        self.announcements.tick(self.begin + patiences * PATIENCE + 60)

    def _say(self, number: int) -> Callable[[str], None]:
        return lambda reason: self.said.append((number, reason))


def _key(number: int) -> AttemptKey:
    return AttemptKey(RunId("run"), NodeId(str(number)), 0)


def _play(part: Callable[[Waiters], None]) -> None:
    async def play() -> None:
        part(Waiters())

    asyncio.run(play())


def test_a_short_wait_is_not_told() -> None:
    def part(waiters: Waiters) -> None:
        waiters.come(1, 2)
        waiters.after(0.5)
        waiters.go(1)
        waiters.after(1)
        assert waiters.said == [(2, "4 of 4")]

    _play(part)


def test_figures_alone_are_not_told_again_but_another_reason_is() -> None:
    def part(waiters: Waiters) -> None:
        waiters.come(1)
        waiters.after(1)
        waiters.reason = ("slot", "3 of 3")
        waiters.after(5)
        assert waiters.said == [(1, "4 of 4")]
        waiters.reason = ("cpu", "2 of 4 cpu")
        waiters.after(20)
        assert waiters.said == [(1, "4 of 4")]  # Looked at again only after longer and longer times.
        waiters.after(22)
        assert waiters.said == [(1, "4 of 4"), (1, "2 of 4 cpu")]

    _play(part)


def test_a_thousand_that_wait_do_not_speak_at_once() -> None:
    def part(waiters: Waiters) -> None:
        waiters.come(*range(1000))
        for tick in range(1, 1000 // AT_A_TIME + 1):
            waiters.after(1)
            assert [number for number, _ in waiters.said] == list(range(tick * AT_A_TIME))
        waiters.after(1)
        assert len(waiters.said) == 1000

    _play(part)


def test_the_clock_of_the_loop_drives_it() -> None:
    async def play() -> None:
        said: asyncio.Queue[str] = asyncio.Queue()
        announcements = Announcements(0.01)
        announcements.expect(_key(1), lambda: ("slot", "4 of 4"), said.put_nowait)
        assert await asyncio.wait_for(said.get(), 60) == "4 of 4"
        announcements.forget(_key(1))
        announcements.expect(_key(2), lambda: ("cpu", "2 of 4"), said.put_nowait)
        assert await asyncio.wait_for(said.get(), 60) == "2 of 4"

    asyncio.run(play())
