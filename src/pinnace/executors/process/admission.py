"""Who may run now: a number of tasks at once, and no more cpu and memory than the machine has.

First come, first served. Where the first cannot start for want of cpu or memory, smaller ones behind it may, but only
a limited number of times; then the machine is kept free for it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from pinnace.domain.tasks import AttemptKey, ResourceAmounts
from pinnace.executors.process.machine import Machine

OVERTAKINGS: Final = 8
"""How many later attempts may start before one that waits for cpu or memory."""

_LOOK_AHEAD: Final = 100
_LITTLE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Claim:
    """What an attempt takes besides its slot."""

    cpus: float = 0.0
    memory: int = 0


@dataclass(slots=True)
class _Waiting:
    claim: Claim
    admitted: asyncio.Future[None]
    announce: Callable[[str], None]
    overtaken: int = 0
    lacks: str = ""


@dataclass(slots=True)
class Admission:
    """Hands out slots, cpu and memory. Belongs to one event loop."""

    machine: Machine
    parallelism: int
    _holders: dict[AttemptKey, Claim] = field(default_factory=dict)
    _queue: dict[AttemptKey, _Waiting] = field(default_factory=dict)

    def claim(self, resources: ResourceAmounts) -> Claim:
        """What a task takes. A limit without a request counts as the request, but never more than the machine has."""
        cpus, memory = resources.cpu_request, resources.memory_request
        if cpus is None:
            cpus = min(resources.cpu_limit or 0.0, self.machine.cpus)
        if memory is None:
            memory = min(resources.memory_limit or 0, self.machine.memory)
        return Claim(cpus, memory)

    def refusal(self, claim: Claim) -> str | None:
        """Why it can never run here, or None."""
        if claim.cpus > self.machine.cpus + _LITTLE:
            return f"The task asks for {claim.cpus:g} cpu and this machine has {self.machine.cpus:g}."
        if claim.memory > self.machine.memory:
            asked, there = _gibibytes(claim.memory), _gibibytes(self.machine.memory)
            return f"The task asks for {asked} of memory and this machine has {there}."
        return None

    async def admit(self, key: AttemptKey, claim: Claim, announce: Callable[[str], None]) -> None:
        """Return when the attempt may start; *announce* is told what it waits for."""
        waiting = _Waiting(claim, asyncio.get_running_loop().create_future(), announce)
        self._queue[key] = waiting
        self._advance()
        if key in self._queue and not waiting.lacks:
            self._tell(waiting, self._lack(claim) or "its turn, behind tasks that came earlier")
        try:
            await waiting.admitted
        except asyncio.CancelledError:
            self.release(key)
            raise

    def occupy(self, key: AttemptKey, claim: Claim) -> None:
        """Count an attempt that runs already."""
        self._holders[key] = claim

    def release(self, key: AttemptKey) -> None:
        """Take an attempt out, whether it runs or waits, and start who can start now."""
        self._holders.pop(key, None)
        self._queue.pop(key, None)
        self._advance()

    def _advance(self) -> None:
        passed: list[_Waiting] = []
        for key, waiting in list(self._queue.items()) if self._has_slot() else ():
            lack = self._lack(waiting.claim)
            if lack is None:
                self._start(key, waiting)
                for other in passed:
                    other.overtaken += 1
            else:
                self._tell(waiting, lack)
                passed.append(waiting)
            if not self._has_slot() or len(passed) > _LOOK_AHEAD or any(w.overtaken >= OVERTAKINGS for w in passed):
                return

    def _start(self, key: AttemptKey, waiting: _Waiting) -> None:
        del self._queue[key]
        self._holders[key] = waiting.claim
        if not waiting.admitted.done():
            waiting.admitted.set_result(None)

    def _has_slot(self) -> bool:
        return len(self._holders) < self.parallelism

    def _lack(self, claim: Claim) -> str | None:
        if not self._has_slot():
            return f"a free slot: {len(self._holders)} of {self.parallelism} tasks run"
        cpus = sum(holder.cpus for holder in self._holders.values())
        if claim.cpus and cpus + claim.cpus > self.machine.cpus + _LITTLE:
            return f"{claim.cpus:g} cpu: {cpus:g} of {self.machine.cpus:g} are taken"
        memory = sum(holder.memory for holder in self._holders.values())
        if claim.memory and memory + claim.memory > self.machine.memory:
            taken, there = _gibibytes(memory), _gibibytes(self.machine.memory)
            return f"{_gibibytes(claim.memory)} of memory: {taken} of {there} are taken"
        return None

    def _tell(self, waiting: _Waiting, lack: str) -> None:
        """Announce a lack, once for each kind of it."""
        kind = lack.partition(":")[0]
        if kind != waiting.lacks:
            waiting.lacks = kind
            waiting.announce(f"Waits for {lack}.")


def _gibibytes(count: int) -> str:
    return f"{count / (1 << 30):.1f} GiB" if count >= 1 << 29 else f"{count / (1 << 20):.1f} MiB"
