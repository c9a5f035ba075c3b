"""Signals on their way to a run, and who waits for what becomes of them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from pinnace.domain.values import Instant
from pinnace.engine.signals import AttemptBegan, AttemptWaits, Signal

_BATCH: Final = 250
"""Signals that one commit takes in at most."""

_PATIENT: Final = AttemptBegan | AttemptWaits
_PATIENCE_SECONDS: Final = 0.1
"""What nothing follows from waits so long for others to share a commit with: most tasks end soon after they begin."""


@dataclass(slots=True)
class Letter:
    """A signal to a run, and when it came. ``done`` gets whether it changed anything, once that is committed."""

    signal: Signal
    at: Instant
    done: asyncio.Future[bool] | None = None


@dataclass(slots=True)
class Mailbox:
    """Letters to one run, in the order in which they came, until each is answered. For the event loop's thread."""

    _letters: list[Letter] = field(default_factory=list)
    _in_hand: Sequence[Letter] = ()
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _reminder: asyncio.TimerHandle | None = None

    def post(self, letter: Letter) -> None:
        """Put a letter in."""
        self._letters.append(letter)
        if not isinstance(letter.signal, _PATIENT):
            self._arrived.set()
        elif self._reminder is None:
            self._reminder = asyncio.get_running_loop().call_later(_PATIENCE_SECONDS, self._arrived.set)

    async def collect(self) -> Sequence[Letter]:
        """All letters that are there, at least one, a batch at most. Answer them before the next call."""
        await self._arrived.wait()
        if self._reminder is not None:
            self._reminder.cancel()
            self._reminder = None
        self._in_hand, self._letters = self._letters[:_BATCH], self._letters[_BATCH:]
        if not self._letters:
            self._arrived.clear()
        return self._in_hand

    @property
    def is_empty(self) -> bool:
        """Whether no letter waits to be collected."""
        return not self._letters

    def answer(self, effective: Sequence[bool]) -> None:
        """Say of each letter that was collected last whether it changed anything."""
        for letter, changed in zip(self._in_hand, effective, strict=True):
            if letter.done is not None and not letter.done.done():
                letter.done.set_result(changed)
        self._in_hand = ()

    def refuse(self, error: Exception) -> None:
        """Answer the letters that were collected last with *error*, because nobody can act on them."""
        for letter in self._in_hand:
            if letter.done is not None and not letter.done.done():
                letter.done.set_exception(error)
        self._in_hand = ()

    def refuse_all(self, error: Exception) -> None:
        """Answer every letter that has no answer yet with *error*, because nobody will act on it."""
        self._in_hand, self._letters = (*self._in_hand, *self._letters), []
        self.refuse(error)
