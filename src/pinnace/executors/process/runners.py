"""Runners of attempts as the server sees them: started for it, or found alive after a restart."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from pinnace.domain.values import Instant
from pinnace.executors.process.zygotes import Kind, Zygotes
from pinnace.launcher import processes, records, runner

_POLL_SECONDS: Final = 0.1
_ANSWER_SECONDS: Final = 120.0
"""After that time without a runner a zygote does nothing any more, for instance because it was stopped by a signal."""


class Runner(Protocol):
    """A living runner."""

    async def wait(self) -> None:
        """Return when it is gone."""
        ...

    def send(self, number: signal.Signals) -> None:
        """Signal it, if it still lives."""
        ...


class OwnRunner:
    """A runner that this server has asked a zygote for. Its standard output is a pipe, whose end says that it is gone.

    It may never come, or find that another was first: then it has not claimed the attempt.
    """

    def __init__(self, zygotes: Zygotes, kind: Kind, directory: str, began: Callable[[Instant], None]) -> None:
        """Ask for it. Raises OSError."""
        self._directory = directory
        self._began = began
        self.has_claimed = False
        self._gone = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._pipe, sender = os.pipe()
        try:
            with Path(directory, records.RUNNER_LOG).open("ab") as errors:
                asked = zygotes.request(kind, directory, sender, errors.fileno())
        except OSError:
            os.close(self._pipe)
            raise
        finally:
            os.close(sender)
        os.set_blocking(self._pipe, False)
        self._loop.add_reader(self._pipe, self._read)
        words = f"it did not answer for {_ANSWER_SECONDS:g} s"
        self._limit = self._loop.call_later(_ANSWER_SECONDS, asked.give_up, words)

    async def wait(self) -> None:
        """Return when it is gone."""
        await self._gone.wait()

    def send(self, number: signal.Signals) -> None:
        """Signal it, if it lives. One that has not begun finds the stop file when it does."""
        started = records.read(self._directory, records.STARTED)
        if started is None or self._gone.is_set():
            return
        identity = processes.Identity(started["boot"], started["pid"], started["start"])
        _send(identity, number)

    def _read(self) -> None:
        self._limit.cancel()
        words = os.read(self._pipe, 4096)
        self.has_claimed = self.has_claimed or words.startswith(runner.CLAIMED)
        for line in words.splitlines():
            if line.startswith(runner.RUNNING):
                self._began(Instant(int(line[len(runner.RUNNING) :])))
        if words:
            return
        self._loop.remove_reader(self._pipe)
        os.close(self._pipe)
        self._gone.set()


class AdoptedRunner:
    """A runner that an earlier server, or a launch that was sent twice, has started."""

    def __init__(self, directory: str, identity: processes.Identity, began: Callable[[Instant], None]) -> None:
        self._directory = directory
        self._identity = identity
        self._began = began
        self._gone = asyncio.Event()

    async def wait(self) -> None:
        """Return when it is gone."""
        watch = self._watch_descriptor()
        announced = False
        try:
            while not self._gone.is_set() and (watch is not None or processes.is_alive(self._identity)):
                announced = announced or self._announce()
                timeout = None if announced and watch is not None else _POLL_SECONDS
                try:
                    await asyncio.wait_for(self._gone.wait(), timeout)
                except TimeoutError:
                    continue
        finally:
            self._gone.set()
            if watch is not None:
                asyncio.get_running_loop().remove_reader(watch)
                os.close(watch)

    def send(self, number: signal.Signals) -> None:
        """Signal it, if it still lives."""
        if not self._gone.is_set():
            _send(self._identity, number)

    def _announce(self) -> bool:
        running = records.read(self._directory, records.RUNNING)
        if running is not None:
            self._began(Instant(int(running["at"])))
        return running is not None

    def _watch_descriptor(self) -> int | None:
        """A descriptor that becomes readable when the process is gone, on systems that have one."""
        if not hasattr(os, "pidfd_open"):
            return None
        try:
            watch: int = os.pidfd_open(self._identity.pid)
        except OSError:
            return None
        if not processes.is_alive(self._identity):
            self._gone.set()
        asyncio.get_running_loop().add_reader(watch, self._gone.set)
        return watch


def _send(identity: processes.Identity, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):  # It may end at this very moment.
        if processes.is_alive(identity):
            os.kill(identity.pid, number)
