"""Who may run, and who must wait."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.tasks import AttemptKey, ResourceAmounts
from pinnace.executors.process.admission import OVERTAKINGS, Admission, Claim
from pinnace.executors.process.announcements import Announcements
from pinnace.executors.process.machine import Machine

GIB = 1 << 30
MACHINE = Machine(cpus=4, memory=8 * GIB)
EQUIPPED = Machine(cpus=4, memory=8 * GIB, accelerators=("nvidia:0", "nvidia:1", "amd:0"))
GPU = "nvidia.com/gpu"
PATIENCE = 3600.0


def _key(name: str) -> AttemptKey:
    """``run/node``; the run may be left out."""
    run, _, node = name.rpartition("/")
    return AttemptKey(RunId(run or "run"), NodeId(node), 0)


class Queue:
    """Attempts that ask for admission, and who got it in which order."""

    def __init__(self, machine: Machine, slots: int) -> None:
        self.announcements = Announcements(PATIENCE)
        self.admission = Admission(machine, slots, self.announcements)
        self.running: list[str] = []
        self.granted: dict[str, Claim] = {}
        self.reasons: list[tuple[str, str]] = []
        self.works: dict[str, asyncio.Task[None]] = {}

    async def ask(self, name: str, claim: Claim | None = None) -> None:
        self.works[name] = asyncio.create_task(self._ask(name, claim or Claim()))
        await asyncio.sleep(0)

    async def end(self, name: str) -> None:
        self.admission.release(_key(name))
        for _ in range(3):
            await asyncio.sleep(0)

    def speak(self) -> None:
        """Have those announce their reasons who have waited for long enough."""
        self.announcements.tick(asyncio.get_running_loop().time() + PATIENCE)

    async def _ask(self, name: str, claim: Claim) -> None:
        tell: Callable[[str], None] = lambda reason: self.reasons.append((name, reason))  # noqa: E731
        self.granted[name] = await self.admission.admit(_key(name), claim, tell)
        self.running.append(name)


def scenario(
    machine: Machine = MACHINE, slots: int = 100
) -> Callable[[Callable[[Queue], Coroutine[Any, Any, None]]], Callable[[], None]]:
    """Make a test of a coroutine that plays on a queue."""

    def decorate(play: Callable[[Queue], Coroutine[Any, Any, None]]) -> Callable[[], None]:
        async def run() -> None:
            await play(Queue(machine, slots))

        def test() -> None:
            asyncio.run(run())

        test.__name__ = play.__name__
        return test

    return decorate


@scenario(slots=2)
async def test_first_come_first_served(queue: Queue) -> None:
    for name in "abcd":
        await queue.ask(name)
    assert queue.running == ["a", "b"]
    queue.speak()
    await queue.end("a")
    assert queue.running == ["a", "b", "c"]
    await queue.end("c")
    assert queue.running == ["a", "b", "c", "d"]
    assert queue.reasons == [(name, "Waits for a free slot: 2 of 2 tasks run.") for name in "cd"]


@scenario(slots=4)
async def test_a_small_run_does_not_wait_for_a_large_one(queue: Queue) -> None:
    for number in range(20):
        await queue.ask(f"large/{number}")
    for number in range(3):
        await queue.ask(f"small/{number}")
    assert queue.running == [f"large/{number}" for number in range(4)]
    for number in range(3):
        await queue.end(f"large/{number}")
    assert queue.running[4:] == ["small/0", "small/1", "large/4"]
    await queue.end("small/0")
    assert queue.running[-1] == "small/2"


@scenario(slots=1)
async def test_runs_that_have_nothing_running_take_turns(queue: Queue) -> None:
    for name in ("a/1", "a/2", "a/3", "b/1", "b/2", "c/1"):
        await queue.ask(name)
    while len(queue.running) < 6:
        await queue.end(queue.running[-1])
    assert queue.running == ["a/1", "b/1", "c/1", "a/2", "b/2", "a/3"]


@scenario(slots=1)
async def test_a_chain_of_single_tasks_gets_every_other_turn(queue: Queue) -> None:
    for number in range(10):
        await queue.ask(f"large/{number}")
    for number in range(4):
        await queue.ask(f"chain/{number}")
        await queue.end(queue.running[-1])
        assert queue.running[-1] == f"chain/{number}"
        await queue.end(f"chain/{number}")
        assert queue.running[-1] == f"large/{number + 1}"


@scenario(slots=10)
async def test_cpu_and_memory_are_not_promised_twice(queue: Queue) -> None:
    await queue.ask("a", Claim(cpus=3, memory=6 * GIB))
    await queue.ask("b", Claim(cpus=2))
    await queue.ask("c", Claim(memory=3 * GIB))
    await queue.ask("d", Claim(cpus=1, memory=2 * GIB))
    assert queue.running == ["a", "d"]
    queue.speak()
    assert queue.reasons == [
        ("b", "Waits for 2 cpu: 4 of 4 are taken."),
        ("c", "Waits for 3.0 GiB of memory: 8.0 GiB of 8.0 GiB are taken."),
    ]
    await queue.end("a")
    assert queue.running == ["a", "d", "b", "c"]


@pytest.mark.parametrize("other", ["run", "another"])
def test_a_large_task_is_not_overtaken_for_ever(other: str) -> None:
    @scenario()
    async def play(queue: Queue) -> None:
        await queue.ask("run/first", Claim(cpus=1))
        await queue.ask("run/large", Claim(cpus=4))
        small = [f"{other}/small-{number}" for number in range(OVERTAKINGS + 5)]
        for name in small:
            await queue.ask(name, Claim(cpus=1))
        await queue.end("run/first")
        for name in small:
            if name in queue.running and "run/large" not in queue.running:
                await queue.end(name)
        before = queue.running[: queue.running.index("run/large")]
        # Three start before the first task has ended: until then the run of the large one has its share.
        assert len(before) - 1 <= OVERTAKINGS + 3
        assert len(before) - 1 < len(small)

    play()


@scenario()
async def test_one_that_is_held_back_for_a_larger_one_says_so(queue: Queue) -> None:
    await queue.ask("first", Claim(cpus=1))
    await queue.ask("large", Claim(cpus=4, memory=GIB))
    for number in range(OVERTAKINGS + 1):
        await queue.ask(f"small-{number}")
    assert len(queue.running) == 1 + OVERTAKINGS
    queue.speak()
    held_back = (
        "Waits for a larger task that came earlier: the machine is kept free for it. "
        "It asks for 4 cpu, 1.0 GiB of memory."
    )
    assert queue.reasons == [("large", "Waits for 4 cpu: 1 of 4 are taken."), (f"small-{OVERTAKINGS}", held_back)]
    await queue.end("first")
    assert queue.running[-2:] == ["large", f"small-{OVERTAKINGS}"]


@scenario(slots=1)
async def test_one_that_gives_up_makes_room(queue: Queue) -> None:
    for name in "abc":
        await queue.ask(name)
    queue.works["b"].cancel()
    await queue.end("a")
    assert queue.running == ["a", "c"]


@scenario(slots=3)
async def test_a_large_task_that_gives_up_frees_what_was_kept_for_it(queue: Queue) -> None:
    await queue.ask("first", Claim(cpus=1))
    await queue.ask("large", Claim(cpus=4))
    for number in range(OVERTAKINGS + 1):
        await queue.ask(f"small-{number}")
    for name in [f"small-{number}" for number in range(OVERTAKINGS)]:
        await queue.end(name)
    assert queue.running[-1] == f"small-{OVERTAKINGS - 1}"
    queue.works["large"].cancel()
    for _ in range(3):
        await asyncio.sleep(0)
    assert queue.running[-1] == f"small-{OVERTAKINGS}"


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


def test_sums_have_no_remainder() -> None:
    @scenario(Machine(cpus=1, memory=GIB))
    async def play(queue: Queue) -> None:
        for number in range(1000):
            await queue.ask(str(number), Claim(cpus=0.1))
        for number in range(1000):
            assert len(queue.running) == min(number + 10, 1000)
            await queue.end(str(number))
        await queue.ask("all", Claim(cpus=1))
        assert queue.running[-1] == "all"

    play()


@scenario(slots=1)
async def test_adopted_attempts_count(queue: Queue) -> None:
    queue.admission.occupy(_key("old"), Claim())
    await queue.ask("new")
    assert queue.running == []
    await queue.end("old")
    assert queue.running == ["new"]


@scenario(EQUIPPED)
async def test_an_accelerator_belongs_to_one_attempt(queue: Queue) -> None:
    await queue.ask("a", Claim(accelerators=1, vendor="nvidia"))
    await queue.ask("b", Claim(accelerators=2))
    await queue.ask("c", Claim(accelerators=2, vendor="nvidia"))
    assert queue.granted["a"].devices == ("nvidia:0",)
    assert queue.granted["b"].devices == ("nvidia:1", "amd:0")
    queue.speak()
    assert queue.reasons == [("c", "Waits for 2 accelerators (nvidia): 2 of 2 are taken.")]
    await queue.end("a")
    await queue.end("b")
    assert queue.granted["c"].devices == ("nvidia:0", "nvidia:1")


@scenario(EQUIPPED)
async def test_devices_of_adopted_attempts_stay_theirs(queue: Queue) -> None:
    queue.admission.occupy(_key("old"), Claim(accelerators=1, vendor="nvidia", devices=("nvidia:0",)))
    await queue.ask("new", Claim(accelerators=1, vendor="nvidia"))
    assert queue.granted["new"].devices == ("nvidia:1",)


def test_who_asks_where_there_is_none_of_the_kind() -> None:
    asked = ResourceAmounts(accelerator_type="amd.com/gpu", accelerators=2)
    lenient = Admission(MACHINE, 1)
    claim = lenient.claim(asked)
    assert claim == Claim(note="The task asks for 2 amd.com/gpu. There is none to assign here: the task runs without.")
    assert lenient.refusal(claim) is None
    strict = Admission(Machine(4, 8 * GIB, ("nvidia:0",), accelerators_required=True), 1)
    assert strict.refusal(strict.claim(asked)) == (
        "The task asks for 2 accelerators (amd) and this machine has none. Ask for none, or start the server with "
        "`--accelerators none`: then it runs without."
    )


def test_who_asks_for_more_than_there_are() -> None:
    admission = Admission(EQUIPPED, 1)
    claim = admission.claim(ResourceAmounts(accelerator_type=GPU, accelerators=3))
    assert admission.refusal(claim) == (
        "The task asks for 3 accelerators (nvidia) and this machine has 2. Ask for fewer, or start the server with "
        "`--accelerators none`: then it runs without."
    )
    assert admission.refusal(admission.claim(ResourceAmounts(accelerator_type=GPU, accelerators=2))) is None


def test_this_machine_has_something() -> None:
    machine = Machine.here()
    assert machine.cpus > 0
    assert machine.memory > 1 << 20
