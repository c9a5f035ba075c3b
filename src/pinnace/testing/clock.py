"""A clock that stands still until it is told to move."""

from typing import Final

from pinnace.domain.values import Instant, after

EPOCH_OF_TESTS: Final = Instant(1_700_000_000_000_000)


class FrozenClock:
    """Implements ``ports.clock.Clock``. Every reading may move it on by ``step`` seconds, so that times differ."""

    def __init__(self, start: Instant = EPOCH_OF_TESTS, step: float = 0.0) -> None:
        self._now = start
        self._step = step

    def now(self) -> Instant:
        """The time; then moves on by one step."""
        now = self._now
        self._now = after(now, self._step)
        return now

    def advance(self, seconds: float) -> None:
        """Move the clock on."""
        self._now = after(self._now, seconds)
