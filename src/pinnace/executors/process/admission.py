"""Who may run now: a number of tasks at once, and no more cpu, memory and accelerators than the machine has.

Whose turn it is, ``fair_queue`` says. Where that one cannot start for want of cpu, memory or accelerators, others may,
but only a limited number of times; then the machine is kept free for it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from pinnace.domain.tasks import AttemptKey, ResourceAmounts
from pinnace.executors.process import accelerators
from pinnace.executors.process.announcements import Announcements
from pinnace.executors.process.fair_queue import OVERTAKINGS, Claim, FairQueue, Waiter
from pinnace.executors.process.machine import Machine, amount

__all__ = ["OVERTAKINGS", "Admission", "Claim"]

_NANO: Final = 1_000_000_000


class Admission:
    """Hands out slots, cpu, memory and accelerators. Belongs to one event loop.

    Args:
        machine: What there is.
        parallelism: How many slots.
        announcements: When attempts that wait say for what.
    """

    def __init__(self, machine: Machine, parallelism: int, announcements: Announcements | None = None) -> None:
        self.machine = machine
        self.parallelism = parallelism
        self._holders: dict[AttemptKey, Claim] = {}
        self.queue = FairQueue()
        self._announcements = announcements or Announcements()
        self._nano_cpus = 0  # Whole numbers, so that adding and taking away for months leaves no remainder.
        self._memory = 0
        self._devices: set[str] = set()

    @property
    def admitted(self) -> int:
        """How many attempts run, or may begin."""
        return len(self._holders)

    def claim(self, resources: ResourceAmounts) -> Claim:
        """What a task takes. A limit without a request counts as the request, but never more than the machine has."""
        cpus, memory = resources.cpu_request, resources.memory_request
        if cpus is None:
            cpus = min(resources.cpu_limit or 0.0, self.machine.cpus)
        if memory is None:
            memory = min(resources.memory_limit or 0, self.machine.memory)
        count = resources.accelerators
        vendor = accelerators.vendor_of(resources.accelerator_type) if count else ""
        if count and not self.machine.accelerators_required and not self._there(vendor):
            kind = resources.accelerator_type or "accelerators"
            note = f"The task asks for {count} {kind}. There is none to assign here: the task runs without."
            return Claim(cpus, memory, note=note)
        return Claim(cpus, memory, count, vendor)

    def refusal(self, claim: Claim) -> str | None:
        """Why it can never run here, or None."""
        if _nano(claim.cpus) > _nano(self.machine.cpus):
            return f"The task asks for {claim.cpus:g} cpu and this machine has {self.machine.cpus:g}."
        if claim.memory > self.machine.memory:
            asked, there = amount(claim.memory), amount(self.machine.memory)
            return f"The task asks for {asked} of memory and this machine has {there}."
        count = len(self._there(claim.vendor))
        if claim.accelerators > count:
            return (
                f"The task asks for {_accelerators(claim)} and this machine has {count or 'none'}. Ask for "
                f"{'fewer' if count else 'none'}, or start the server with `--accelerators none`: then it runs without."
            )
        return None

    async def admit(self, key: AttemptKey, claim: Claim, announce: Callable[[str], None]) -> Claim:
        """Return when the attempt may start, with its devices; *announce* is told what it waits for."""
        waiter = Waiter(key, claim, asyncio.get_running_loop().create_future())
        self.queue.add(waiter)
        self._advance()
        if not waiter.admitted.done():
            self._announcements.expect(key, lambda: self._lack(waiter), announce)
        try:
            return await waiter.admitted
        except asyncio.CancelledError:
            self.release(key)
            raise

    def occupy(self, key: AttemptKey, claim: Claim) -> None:
        """Count an attempt that runs already, with the devices that it was given."""
        self.queue.began(key.run)
        self._hold(key, claim)

    def release(self, key: AttemptKey) -> None:
        """Take an attempt out, whether it runs or waits, and start who can start now."""
        self.queue.remove(key)
        self._announcements.forget(key)
        held = self._holders.pop(key, None)
        if held is not None:
            self.queue.ended(key.run)
            self._nano_cpus -= _nano(held.cpus)
            self._memory -= held.memory
            self._devices.difference_update(held.devices)
        self._advance()

    def visibility(self, claim: Claim) -> dict[str, str]:
        """Variables by which an attempt sees the accelerators that it was given, and no other."""
        return accelerators.visibility(self.machine.accelerators, claim.devices)

    def _advance(self) -> None:
        while len(self._holders) < self.parallelism:
            waiter = self.queue.choose(self._fits)
            if waiter is None:
                return
            self._announcements.forget(waiter.key)
            free = self._free(waiter.claim.vendor)
            granted = replace(waiter.claim, devices=tuple(free[: waiter.claim.accelerators]))
            self._hold(waiter.key, granted)
            if not waiter.admitted.done():
                waiter.admitted.set_result(granted)

    def _hold(self, key: AttemptKey, claim: Claim) -> None:
        self._holders[key] = claim
        self._nano_cpus += _nano(claim.cpus)
        self._memory += claim.memory
        self._devices.update(claim.devices)

    def _fits(self, claim: Claim) -> bool:
        return (
            (not claim.cpus or self._nano_cpus + _nano(claim.cpus) <= _nano(self.machine.cpus))
            and (not claim.memory or self._memory + claim.memory <= self.machine.memory)
            and (not claim.accelerators or claim.accelerators <= len(self._free(claim.vendor)))
        )

    def _lack(self, waiter: Waiter) -> tuple[str, str]:
        """What an attempt waits for: the kind of it, and a sentence."""
        claim, machine = waiter.claim, self.machine
        if len(self._holders) >= self.parallelism:
            return "slot", f"Waits for a free slot: {len(self._holders)} of {self.parallelism} tasks run."
        if claim.cpus and self._nano_cpus + _nano(claim.cpus) > _nano(machine.cpus):
            taken = f"{self._nano_cpus / _NANO:g} of {machine.cpus:g}"
            return "cpu", f"Waits for {claim.cpus:g} cpu: {taken} are taken."
        if claim.memory and self._memory + claim.memory > machine.memory:
            taken = f"{amount(self._memory)} of {amount(machine.memory)}"
            return "memory", f"Waits for {amount(claim.memory)} of memory: {taken} are taken."
        there, free = self._there(claim.vendor), self._free(claim.vendor)
        if claim.accelerators > len(free):
            taken = f"{len(there) - len(free)} of {len(there)}"
            return "accelerators", f"Waits for {_accelerators(claim)}: {taken} are taken."
        first = self.queue.kept_for
        wanted = "" if first is None else f" It asks for {_wishes(first.claim)}."
        return "turn", f"Waits for a larger task that came earlier: the machine is kept free for it.{wanted}"

    def _there(self, vendor: str) -> list[str]:
        return accelerators.of_vendor(self.machine.accelerators, vendor)

    def _free(self, vendor: str) -> list[str]:
        return [device for device in self._there(vendor) if device not in self._devices]


def _nano(cpus: float) -> int:
    return round(cpus * _NANO)


def _accelerators(claim: Claim) -> str:
    vendor = f" ({claim.vendor})" if claim.vendor else ""
    return f"{claim.accelerators} accelerator{'' if claim.accelerators == 1 else 's'}{vendor}"


def _wishes(claim: Claim) -> str:
    wishes = [f"{claim.cpus:g} cpu"] if claim.cpus else []
    wishes += [f"{amount(claim.memory)} of memory"] if claim.memory else []
    wishes += [_accelerators(claim)] if claim.accelerators else []
    return ", ".join(wishes)
