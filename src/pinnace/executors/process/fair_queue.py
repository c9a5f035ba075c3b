"""In which order attempts that wait get their turn: fair between runs, first come first served within a run.

The run with the fewest running attempts comes first; among equals the one that waits longest since its last attempt
began or ended. A choice looks at every run that waits and at every kind of claim in it, never at every attempt.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from pinnace.domain.ids import RunId
from pinnace.domain.tasks import AttemptKey

OVERTAKINGS: Final = 8
"""How many others may start before an attempt whose turn it is and that waits for cpu, memory or accelerators."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What an attempt takes besides its slot.

    Attributes:
        cpus: Cores.
        memory: Bytes.
        accelerators: How many of the machine's.
        vendor: Whose; "" for any.
        devices: Which they are, once they are assigned.
        note: What its log is to say about the claim; "" for nothing.
    """

    cpus: float = 0.0
    memory: int = 0
    accelerators: int = 0
    vendor: str = ""
    devices: tuple[str, ...] = ()
    note: str = ""


@dataclass(slots=True)
class Waiter:
    """An attempt that waits. ``overtaken`` counts those that started although it was this one's turn."""

    key: AttemptKey
    claim: Claim
    admitted: asyncio.Future[Claim]
    arrival: int = 0
    overtaken: int = 0


@dataclass(slots=True)
class _Share:
    """A run: how many of its attempts run, when it was last served, and who of it waits, by claim."""

    turn: int
    running: int = 0
    lines: dict[Claim, OrderedDict[AttemptKey, Waiter]] = field(default_factory=dict)

    def heads(self) -> list[Waiter]:
        """The first of each claim, in the order in which they came. Those behind it fit only where it does."""
        return sorted((next(iter(line.values())) for line in self.lines.values()), key=lambda waiter: waiter.arrival)


class FairQueue:
    """Attempts that wait, and how many run of each run."""

    def __init__(self) -> None:
        self._shares: dict[RunId, _Share] = {}
        self._waiters: dict[AttemptKey, Waiter] = {}
        self._now = 0
        self.kept_for: Waiter | None = None
        """Whom the last choice kept everything free for, because it was overtaken often enough."""

    def __len__(self) -> int:
        return len(self._waiters)

    def waiter(self, key: AttemptKey) -> Waiter | None:
        """Who waits under *key*."""
        return self._waiters.get(key)

    def add(self, waiter: Waiter) -> None:
        """Put an attempt in, behind those of its run."""
        waiter.arrival = self._tick()
        self._waiters[waiter.key] = waiter
        self._share(waiter.key.run).lines.setdefault(waiter.claim, OrderedDict())[waiter.key] = waiter

    def remove(self, key: AttemptKey) -> None:
        """Take out one that waits, if it does."""
        waiter = self._waiters.pop(key, None)
        if waiter is None:
            return
        if self.kept_for is waiter:
            self.kept_for = None
        share = self._shares[key.run]
        line = share.lines[waiter.claim]
        del line[key]
        if not line:
            del share.lines[waiter.claim]
        self._forget_idle(key.run, share)

    def began(self, run: RunId) -> None:
        """Count an attempt of *run* as running."""
        share = self._share(run)
        share.running += 1
        share.turn = self._tick()

    def ended(self, run: RunId) -> None:
        """Count one less."""
        share = self._shares[run]
        share.running -= 1
        share.turn = self._tick()
        self._forget_idle(run, share)

    def choose(self, fits: Callable[[Claim], bool]) -> Waiter | None:
        """Take out who is to start now and count it as running; None where nobody can or may."""
        passed: list[Waiter] = []
        self.kept_for = None
        for waiter in self._in_order():
            if fits(waiter.claim):
                for other in passed:
                    other.overtaken += 1
                self.began(waiter.key.run)
                self.remove(waiter.key)
                return waiter
            if waiter.overtaken >= OVERTAKINGS:
                self.kept_for = waiter
                return None
            passed.append(waiter)
        return None

    def _in_order(self) -> Iterator[Waiter]:
        waiting = [share for share in self._shares.values() if share.lines]
        for share in sorted(waiting, key=lambda share: (share.running, share.turn)):
            yield from share.heads()

    def _share(self, run: RunId) -> _Share:
        if run not in self._shares:
            self._shares[run] = _Share(self._tick())
        return self._shares[run]

    def _forget_idle(self, run: RunId, share: _Share) -> None:
        if not share.running and not share.lines:
            del self._shares[run]

    def _tick(self) -> int:
        self._now += 1
        return self._now
