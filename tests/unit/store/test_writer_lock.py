"""Whose turn it is to write."""

import threading
import time
from collections.abc import Callable

import pytest

from pinnace.store.writer_lock import WriterLock

WAIT_SECONDS = 60.0


def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_histories_go_ahead_of_all_that_wait() -> None:
    lock = WriterLock()
    order: list[str] = []

    def ordinary() -> None:
        with lock.turn():
            order.append("request")

    def history() -> None:
        with lock.next_turn():
            order.append("history")

    threads = [threading.Thread(target=ordinary) for _ in range(5)]
    last = threading.Thread(target=history)
    with lock.turn():
        for thread in threads:
            thread.start()
        last.start()
        until(lambda: lock._ahead == 1)
    for thread in [*threads, last]:
        thread.join(WAIT_SECONDS)
    assert order == ["history", *["request"] * 5]


def test_one_writes_at_a_time_and_all_come_to_it() -> None:
    lock = WriterLock()
    inside: list[int] = []
    most: list[int] = []

    def write(number: int) -> None:
        for _ in range(50):
            with lock.next_turn() if number == 0 else lock.turn():
                inside.append(number)
                most.append(len(inside))
                inside.remove(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_SECONDS)
    assert most == [1] * 400


def test_a_writer_that_fails_lets_the_next_one_in_and_a_second_one_of_a_thread_is_refused() -> None:
    lock = WriterLock()
    for first in (lock.turn, lock.next_turn):
        with pytest.raises(ZeroDivisionError), first():
            raise ZeroDivisionError
        for second in (lock.turn, lock.next_turn):
            with first(), pytest.raises(RuntimeError, match="open in this thread already"), second():
                pass
    with lock.turn():
        assert lock._ahead == 0
