"""The bridge between the event loop and code that blocks. Nothing else starts a thread."""

import asyncio
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Final, TypeVar

T = TypeVar("T")
_SLICE_SECONDS: Final = 0.01


class Threads:
    """Threads for calls that block, in three groups that never wait for each other.

    Calls that no thread is free for wait on the event loop, where ten thousand of them stand in nobody's way.

    Args:
        workers: For calls that are answered soon.
        movers: For calls that copy or read files of any size.
    """

    def __init__(self, workers: int = 4, movers: int = 8) -> None:
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="pinnace-io")
        self._free_workers = asyncio.Semaphore(workers)
        self._movers = ThreadPoolExecutor(movers, thread_name_prefix="pinnace-files")
        self._free_movers = asyncio.Semaphore(movers)
        self._lane = ThreadPoolExecutor(1, thread_name_prefix="pinnace-commit")

    async def run(self, call: Callable[[], T]) -> T:
        """The result of *call*, which is answered soon: a read of the database, a look at a file."""
        async with self._free_workers:
            return await asyncio.get_running_loop().run_in_executor(self._workers, copy_context().run, call)

    async def move(self, call: Callable[[], T]) -> T:
        """The result of *call*, which may take as long as files are large."""
        async with self._free_movers:
            return await asyncio.get_running_loop().run_in_executor(self._movers, copy_context().run, call)

    async def commit(self, call: Callable[[], T]) -> T:
        """The result of *call*, which writes to the database. One at a time, so that commits stay in order."""
        return await asyncio.get_running_loop().run_in_executor(self._lane, call)

    def close(self) -> None:
        """End the threads once what they do is done."""
        self._workers.shutdown(wait=True, cancel_futures=True)
        self._movers.shutdown(wait=True, cancel_futures=True)
        self._lane.shutdown(wait=True)


async def in_slices(steps: Generator[None, None, T]) -> T:
    """What *steps* return, with a turn for everybody else on the event loop whenever they have taken a while."""
    until = time.monotonic() + _SLICE_SECONDS
    while True:
        try:
            next(steps)
        except StopIteration as done:
            result: T = done.value
            return result
        if time.monotonic() > until:
            await asyncio.sleep(0)
            until = time.monotonic() + _SLICE_SECONDS
