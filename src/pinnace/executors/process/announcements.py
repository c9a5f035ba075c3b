"""When those who wait are told for what: not at once, not all in one go, and again only when the reason changes."""

import asyncio
import heapq
from collections.abc import Callable
from typing import Final

from pinnace.domain.tasks import AttemptKey

AT_A_TIME: Final = 50
"""Announcements a tick at most: each becomes an event in the history of a run."""

_TICK_SECONDS: Final = 1.0
_LONGER: Final = 4.0

Reason = Callable[[], tuple[str, str]]
"""For what an attempt waits now: the kind of it, by which a change is told, and the sentence with figures."""


class Announcements:
    """Tells what attempts wait for. Belongs to one event loop.

    Args:
        patience: Seconds of waiting after which it is told. Most waits are shorter, and each that is told costs an
            event in the history of a run. Then the reason is looked at again after four times as long, and so on:
            a wait of an hour costs six events at most, and nearly always one.
    """

    def __init__(self, patience: float = 1.0) -> None:
        self._patience = patience
        self._due: list[tuple[float, int, AttemptKey]] = []
        self._waiting: dict[AttemptKey, _Subject] = {}
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None

    def expect(self, key: AttemptKey, reason: Reason, announce: Callable[[str], None]) -> None:
        """Begin to watch an attempt that waits."""
        subject = self._waiting[key] = _Subject(reason, announce, self._patience)
        self._put(key, asyncio.get_running_loop().time() + subject.pause)

    def forget(self, key: AttemptKey) -> None:
        """It waits no more."""
        self._waiting.pop(key, None)
        if not self._waiting:
            self._due.clear()
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def tick(self, now: float) -> None:
        """Tell those whose time has come, the longest waiting first."""
        told = 0
        while self._due and self._due[0][0] <= now and told < AT_A_TIME:
            _, _, key = heapq.heappop(self._due)
            subject = self._waiting.get(key)
            if subject is not None:
                told += subject.look()
                subject.pause = max(subject.pause, _TICK_SECONDS) * _LONGER
                self._put(key, now + subject.pause)

    def _put(self, key: AttemptKey, at: float) -> None:
        self._count += 1
        heapq.heappush(self._due, (at, self._count, key))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(min(self._patience, _TICK_SECONDS), self._fire)

    def _fire(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(_TICK_SECONDS, self._fire)
        self.tick(loop.time())


class _Subject:
    """An attempt that waits, and what was said of it."""

    def __init__(self, reason: Reason, announce: Callable[[str], None], pause: float) -> None:
        self.pause = pause
        self._reason = reason
        self._announce = announce
        self._told = ""

    def look(self) -> bool:
        """Announce the reason unless its kind is known; whether that was done."""
        kind, sentence = self._reason()
        if kind == self._told:
            return False
        self._told = kind
        self._announce(sentence)
        return True
