"""Who may run, and who must wait."""

import asyncio

from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.tasks import AttemptKey, ResourceAmounts
from pinnace.executors.process.admission import OVERTAKINGS, Admission, Claim
from pinnace.executors.process.machine import Machine

GIB = 1 << 30
MACHINE = Machine(cpus=4, memory=8 * GIB)


def _key(name: str) -> AttemptKey:
    return AttemptKey(RunId("run"), NodeId(name), 0)


class Queue:
    """Attempts that ask for admission, and who got it in which order."""

    def __init__(self, admission: Admission) -> None:
        self.admission = admission
        self.running: list[str] = []
        self.reasons: list[tuple[str, str]] = []
        self.works: dict[str, asyncio.Task[None]] = {}

    async def ask(self, name: str, claim: Claim | None = None) -> None:
        self.works[name] = asyncio.create_task(self._ask(name, claim or Claim()))
        await asyncio.sleep(0)

    async def end(self, name: str) -> None:
        self.admission.release(_key(name))
        for _ in range(3):
            await asyncio.sleep(0)

    async def _ask(self, name: str, claim: Claim) -> None:
        await self.admission.admit(_key(name), claim, lambda reason: self.reasons.append((name, reason)))
        self.running.append(name)


def test_first_come_first_served() -> None:
    async def scenario() -> None:
        queue = Queue(Admission(MACHINE, 2))
        for name in "abcd":
            await queue.ask(name)
        assert queue.running == ["a", "b"]
        await queue.end("a")
        assert queue.running == ["a", "b", "c"]
        await queue.end("c")
        assert queue.running == ["a", "b", "c", "d"]
        assert queue.reasons == [(name, "Waits for a free slot: 2 of 2 tasks run.") for name in "cd"]

    asyncio.run(scenario())


def test_cpu_and_memory_are_not_promised_twice() -> None:
    async def scenario() -> None:
        queue = Queue(Admission(MACHINE, 10))
        await queue.ask("a", Claim(cpus=3, memory=6 * GIB))
        await queue.ask("b", Claim(cpus=2))
        await queue.ask("c", Claim(memory=3 * GIB))
        await queue.ask("d", Claim(cpus=1, memory=2 * GIB))
        assert queue.running == ["a", "d"]
        assert queue.reasons == [
            ("b", "Waits for 2 cpu: 3 of 4 are taken."),
            ("c", "Waits for 3.0 GiB of memory: 6.0 GiB of 8.0 GiB are taken."),
        ]
        await queue.end("a")
        assert queue.running == ["a", "d", "b", "c"]

    asyncio.run(scenario())


def test_a_large_task_is_not_overtaken_for_ever() -> None:
    async def scenario() -> None:
        queue = Queue(Admission(MACHINE, 100))
        await queue.ask("first", Claim(cpus=1))
        await queue.ask("large", Claim(cpus=4))
        for number in range(OVERTAKINGS + 5):
            await queue.ask(f"small-{number}", Claim(cpus=1))
        for number in range(OVERTAKINGS + 5):
            if f"small-{number}" in queue.running and "large" not in queue.running:
                await queue.end(f"small-{number}")
        assert sum(name.startswith("small") for name in queue.running) == OVERTAKINGS
        await queue.end("first")
        assert queue.running[OVERTAKINGS + 1] == "large"

    asyncio.run(scenario())


def test_one_that_gives_up_makes_room() -> None:
    async def scenario() -> None:
        queue = Queue(Admission(MACHINE, 1))
        for name in "abc":
            await queue.ask(name)
        queue.works["b"].cancel()
        await queue.end("a")
        assert queue.running == ["a", "c"]

    asyncio.run(scenario())


def test_requests_and_limits() -> None:
    admission = Admission(MACHINE, 1)
    assert admission.claim(ResourceAmounts()) == Claim(0.0, 0)
    assert admission.claim(ResourceAmounts(cpu_request=1, cpu_limit=2, memory_limit=GIB)) == Claim(1, GIB)
    assert admission.claim(ResourceAmounts(cpu_limit=64, memory_limit=64 * GIB)) == Claim(4, 8 * GIB)
    assert admission.refusal(Claim(4, 8 * GIB)) is None
    assert admission.refusal(Claim(cpus=4.5)) == "The task asks for 4.5 cpu and this machine has 4."
    assert (
        admission.refusal(Claim(memory=9 * GIB)) == "The task asks for 9.0 GiB of memory and this machine has 8.0 GiB."
    )


def test_adopted_attempts_count() -> None:
    async def scenario() -> None:
        queue = Queue(Admission(MACHINE, 1))
        queue.admission.occupy(_key("old"), Claim())
        await queue.ask("new")
        assert queue.running == []
        await queue.end("old")
        assert queue.running == ["new"]

    asyncio.run(scenario())


def test_this_machine_has_something() -> None:
    machine = Machine.here()
    assert machine.cpus > 0
    assert machine.memory > 1 << 20
