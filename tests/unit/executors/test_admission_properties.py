"""What holds of admission whatever is asked for, and whoever ends when."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.tasks import AttemptKey
from pinnace.executors.process.admission import OVERTAKINGS, Admission, Claim
from pinnace.executors.process.announcements import Announcements
from pinnace.executors.process.fair_queue import Waiter
from pinnace.executors.process.machine import Machine

MACHINE = Machine(cpus=4, memory=8, accelerators=("nvidia:0", "nvidia:1", "amd:0"))

claims = st.builds(
    Claim,
    cpus=st.sampled_from([0, 0, 0.1, 0.5, 1, 4]),
    memory=st.sampled_from([0, 0, 1, 3, 8]),
    accelerators=st.sampled_from([0, 0, 1, 2]),
    vendor=st.sampled_from(["", "nvidia"]),
)
arrivals = st.tuples(st.integers(0, 3), claims)
endings = st.integers(0, 1_000_000)
"""Which of those that run or wait is ended, or gives up: its place among them."""


@dataclass
class Model:
    """Who runs and who waits, by the answers of the admission alone."""

    admission: Admission
    waiting: dict[AttemptKey, Claim] = field(default_factory=dict)
    running: dict[AttemptKey, Claim] = field(default_factory=dict)
    order: list[AttemptKey] = field(default_factory=list)
    works: dict[AttemptKey, asyncio.Task[None]] = field(default_factory=dict)
    count: int = 0

    async def ask(self, run: int, claim: Claim) -> AttemptKey:
        self.count += 1
        key = AttemptKey(RunId(f"run-{run}"), NodeId(str(self.count)), 0)
        self.waiting[key] = claim
        self.works[key] = asyncio.create_task(self._ask(key, claim))
        await self.settle()
        return key

    async def end(self, key: AttemptKey) -> None:
        if key in self.waiting:
            del self.waiting[key]
            self.works[key].cancel()
        else:
            del self.running[key]
            self.admission.release(key)
        await self.settle()

    async def settle(self) -> None:
        for _ in range(3):
            await asyncio.sleep(0)

    async def _ask(self, key: AttemptKey, claim: Claim) -> None:
        granted = await self.admission.admit(key, claim, lambda _: None)
        # What is seen here is one step behind: the counts at the moment of the choice are those before this one.
        del self.waiting[key]
        self.running[key] = granted
        self.order.append(key)

    def running_of(self, run: RunId) -> int:
        return sum(key.run == run for key in self.running)


def _play(coroutine: Coroutine[object, object, None]) -> None:
    asyncio.run(coroutine)


def _fits(claim: Claim, held: list[Claim], slots: int) -> bool:
    taken = {device for other in held for device in other.devices}
    free = [device for device in MACHINE.accelerators if device not in taken and device.startswith(claim.vendor)]
    return (
        len(held) < slots
        and sum(other.cpus for other in held) + claim.cpus <= MACHINE.cpus + 1e-6
        and sum(other.memory for other in held) + claim.memory <= MACHINE.memory
        and claim.accelerators <= len(free)
    )


def _check_limits(held: list[Claim], slots: int) -> None:
    assert len(held) <= slots
    assert sum(claim.cpus for claim in held) <= MACHINE.cpus + 1e-6
    assert sum(claim.memory for claim in held) <= MACHINE.memory
    devices = [device for claim in held for device in claim.devices]
    assert len(devices) == len(set(devices))
    assert set(devices) <= set(MACHINE.accelerators)
    for claim in held:
        assert len(claim.devices) == claim.accelerators
        assert all(device.startswith(claim.vendor) for device in claim.devices)


@given(st.integers(1, 5), st.lists(st.one_of(arrivals, endings), max_size=60))
def test_limits_hold_and_whoever_can_start_does(slots: int, steps: list[tuple[int, Claim] | int]) -> None:
    async def play() -> None:
        model = Model(Admission(MACHINE, slots, Announcements(3600)))
        for step in steps:
            known = [*model.running, *model.waiting]
            if isinstance(step, tuple):
                await model.ask(*step)
            elif known:
                await model.end(known[step % len(known)])
            held = list(model.running.values())
            _check_limits(held, slots)
            if any(_fits(claim, held, slots) for claim in model.waiting.values()):
                _check_that_the_machine_is_kept_free(model)
        while model.running:
            await model.end(next(iter(model.running)))
        assert not model.waiting

    _play(play())


def _check_that_the_machine_is_kept_free(model: Model) -> None:
    """The one reason why somebody who could start does not: another was overtaken as often as may be."""
    key = next(iter(model.waiting))
    queue = model.admission.queue
    first = queue.kept_for
    assert first is not None, key
    assert first.key in model.waiting
    assert first.overtaken == OVERTAKINGS


@given(st.integers(1, 6), st.lists(st.one_of(st.integers(0, 5), st.tuples(endings)), max_size=120))
def test_the_run_with_the_fewest_running_attempts_is_next(slots: int, steps: list[int | tuple[int]]) -> None:
    async def play() -> None:
        model = Model(Admission(MACHINE, slots, Announcements(3600)))
        for step in steps:
            if isinstance(step, int):
                await model.ask(step, Claim())
                continue
            if not model.running:
                continue
            began = len(model.order)
            await model.end(list(model.running)[step[0] % len(model.running)])
            assert len(model.order) - began <= 1
            for chosen in model.order[began:]:
                fewest = min([model.running_of(key.run) for key in model.waiting], default=slots)
                assert model.running_of(chosen.run) - 1 <= fewest
                earlier = [key for key in model.waiting if key.run == chosen.run]
                assert all(int(chosen.node) < int(key.node) for key in earlier)

    _play(play())


@given(st.integers(1, 8), st.integers(1, 5), st.randoms(use_true_random=False))
def test_runs_that_always_have_work_share_evenly(slots: int, runs: int, random: object) -> None:
    async def play() -> None:
        model = Model(Admission(MACHINE, slots, Announcements(3600)))
        for run in range(runs):
            for _ in range(40):
                await model.ask(run, Claim())
        first = list(model.running)
        for key in first:
            await model.end(key)
        shares = [model.running_of(RunId(f"run-{run}")) for run in range(runs)]
        assert max(shares) - min(shares) <= 1
        for _ in range(20):
            await model.end(random.choice(list(model.running)))  # type: ignore[attr-defined]
            shares = [model.running_of(RunId(f"run-{run}")) for run in range(runs)]
            assert max(shares) - min(shares) <= 1 + (slots % runs != 0)

    _play(play())


@given(
    st.integers(1, 5),
    claims.filter(lambda claim: bool(claim.cpus or claim.memory or claim.accelerators)),
    st.lists(st.tuples(st.integers(0, 3), claims), max_size=8),
    st.randoms(use_true_random=False),
)
def test_nobody_starves_while_others_keep_coming(
    slots: int, large: Claim, before: list[tuple[int, Claim]], random: object
) -> None:
    async def play() -> None:
        model = Model(Admission(MACHINE, slots, Announcements(3600)))
        for run, claim in before:
            await model.ask(run, claim)
        already = len(model.order)
        ahead = len({key.run for key in model.waiting})
        target = await model.ask(99, large)
        for _ in range(200):
            if target in model.running:
                break
            # Old runs and new ones: none of them may keep the target from its turn for ever.
            new = random.randint(100, 10_000)  # type: ignore[attr-defined]
            await model.ask(random.choice([0, 1, 2, new]), Claim(cpus=random.choice([0, 0.5])))  # type: ignore[attr-defined]
            await model.end(random.choice(list(model.running)))  # type: ignore[attr-defined]
        assert target in model.running
        assert model.order.index(target) - already <= OVERTAKINGS + ahead + slots

    _play(play())


def test_a_thousand_that_wait_cost_a_choice_no_more_than_ten() -> None:
    """Counts what a choice looks at: one attempt for each run and kind of claim."""
    looked: list[Claim] = []

    def fits(claim: Claim) -> bool:
        looked.append(claim)
        return False

    async def play() -> None:
        admission = Admission(MACHINE, 1, Announcements(3600))
        loop = asyncio.get_running_loop()
        for number in range(1000):
            key = AttemptKey(RunId(f"run-{number % 10}"), NodeId(str(number)), 0)
            admission.queue.add(Waiter(key, Claim(cpus=1 + number // 500), loop.create_future()))
        admission.queue.choose(fits)

    _play(play())
    assert len(looked) == 20
