"""Who gets a turn when: letters that share a commit, and long work that lets others in."""

import asyncio
import time
from collections.abc import Generator

from pinnace.domain.ids import NodeId
from pinnace.domain.states import AttemptOutcome
from pinnace.domain.values import Instant
from pinnace.engine.signals import AttemptBegan, AttemptFinished, AttemptWaits, Signal
from pinnace.orchestrator.mailbox import Letter, Mailbox
from pinnace.orchestrator.threads import Threads, in_slices

NODE = NodeId("a")
LIMIT = 60.0


def letter(signal: Signal) -> Letter:
    return Letter(signal, Instant(0))


def test_a_begin_is_collected_together_with_the_end_that_follows_it() -> None:
    async def play() -> None:
        mailbox = Mailbox()
        letters = [letter(AttemptBegan(NODE, 1)), letter(AttemptFinished(NODE, 1, AttemptOutcome.SUCCEEDED))]
        mailbox.post(letters[0])
        collecting = asyncio.create_task(mailbox.collect())
        await asyncio.sleep(0)
        mailbox.post(letters[1])
        assert await collecting == letters

    asyncio.run(play())


def test_a_begin_that_nothing_follows_is_collected_all_the_same() -> None:
    async def play() -> None:
        mailbox = Mailbox()
        for number in (1, 2):
            alone = letter(AttemptWaits(NODE, number, "Waits for a slot."))
            mailbox.post(alone)
            assert await asyncio.wait_for(mailbox.collect(), LIMIT) == [alone]
            mailbox.answer([True])
            assert mailbox.is_empty

    asyncio.run(play())


def test_a_letter_is_not_collected_twice_when_its_reminder_comes_late() -> None:
    async def play() -> None:
        mailbox = Mailbox()
        first, second = letter(AttemptBegan(NODE, 1)), letter(AttemptFinished(NODE, 1, AttemptOutcome.SUCCEEDED))
        mailbox.post(first)
        mailbox.post(second)
        assert await mailbox.collect() == [first, second]
        mailbox.answer([True, True])
        third = letter(AttemptBegan(NODE, 2))
        mailbox.post(third)
        assert await asyncio.wait_for(mailbox.collect(), LIMIT) == [third]

    asyncio.run(play())


def test_long_work_in_slices_lets_others_have_their_turns() -> None:
    async def play() -> None:
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        def work() -> Generator[None, None, str]:
            until = time.monotonic() + LIMIT
            while turns < 3 and time.monotonic() < until:
                yield
            return "done"

        beside = asyncio.create_task(other())
        assert await in_slices(work()) == "done"
        assert turns >= 3
        beside.cancel()

    asyncio.run(play())


def test_more_calls_than_threads_are_all_answered_and_never_more_at_once() -> None:
    async def play() -> None:
        threads = Threads(workers=2, movers=3)
        try:
            for group, most in ((threads.run, 2), (threads.move, 3)):
                running: list[int] = []
                seen: list[int] = []

                def call(number: int, running: list[int] = running, seen: list[int] = seen) -> int:
                    running.append(number)
                    seen.append(len(running))
                    time.sleep(0.001)
                    running.remove(number)
                    return number

                answers = await asyncio.gather(*(group(lambda n=number: call(n)) for number in range(50)))  # type: ignore[misc]
                assert answers == list(range(50))
                assert max(seen) <= most
        finally:
            threads.close()

    asyncio.run(play())
