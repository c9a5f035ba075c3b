"""Reads the updates of an executor for tests."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from pinnace.domain.tasks import AttemptKey
from pinnace.ports.executor import AttemptEnded, AttemptStarted, AttemptWaiting, Executor, ExecutorUpdate

U = TypeVar("U", AttemptStarted, AttemptWaiting)


class ExecutorUpdates:
    """The one consumer of an executor's updates: ``async with ExecutorUpdates(executor) as updates``.

    Leaving the block closes the executor.
    """

    def __init__(self, executor: Executor, patience: float = 60.0) -> None:
        self._executor = executor
        self._patience = patience
        self._changed = asyncio.Condition()
        self._reader: asyncio.Task[None] | None = None
        self.seen: list[ExecutorUpdate] = []

    async def __aenter__(self) -> Self:
        self._executor.open()
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._executor.close()
        if self._reader is not None:
            await asyncio.wait_for(self._reader, self._patience)

    def of(self, key: AttemptKey) -> list[ExecutorUpdate]:
        """Everything that was said of one attempt."""
        return [update for update in self.seen if update.key == key]

    async def started(self, key: AttemptKey) -> AttemptStarted:
        """Wait until the attempt's command has begun."""
        return await self._first(key, AttemptStarted)

    async def waiting(self, key: AttemptKey) -> AttemptWaiting:
        """Wait until the attempt is held back."""
        return await self._first(key, AttemptWaiting)

    async def ended(self, key: AttemptKey, times: int = 1) -> AttemptEnded:
        """Wait until the attempt has ended, for the *times*-th time."""
        await self._until(lambda: len(self._endings(key)) >= times)
        return self._endings(key)[times - 1]

    def _endings(self, key: AttemptKey) -> list[AttemptEnded]:
        return [update for update in self.of(key) if isinstance(update, AttemptEnded)]

    async def _first(self, key: AttemptKey, kind: type[U]) -> U:
        await self._until(lambda: any(isinstance(update, kind) for update in self.of(key)))
        return next(update for update in self.of(key) if isinstance(update, kind))

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(holds), self._patience)

    async def _read(self) -> None:
        async for update in self._executor.updates():
            async with self._changed:
                self.seen.append(update)
                self._changed.notify_all()
