"""The bridge between the event loop and code that blocks. Nothing else starts a thread."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Threads:
    """Threads for calls that block: several for files and reads, one lane for commits, so that they stay in order."""

    def __init__(self, workers: int = 8) -> None:
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="pinnace-io")
        self._lane = ThreadPoolExecutor(1, thread_name_prefix="pinnace-commit")

    async def run(self, call: Callable[[], T]) -> T:
        """The result of *call*, made in a worker thread."""
        return await asyncio.get_running_loop().run_in_executor(self._workers, call)

    async def commit(self, call: Callable[[], T]) -> T:
        """The result of *call*, made in the commit lane."""
        return await asyncio.get_running_loop().run_in_executor(self._lane, call)

    def close(self) -> None:
        """End the threads once what they do is done."""
        self._workers.shutdown(wait=True, cancel_futures=True)
        self._lane.shutdown(wait=True)
