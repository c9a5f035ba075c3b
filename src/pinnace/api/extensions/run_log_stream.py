"""The logs of all tasks of a run as one stream, each line with the task in front of it.

Lines have no times of their own, so attempts follow each other in the order in which they began; while a run is
followed, lines come as they are written.
"""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import anyio
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool

from pinnace.api.extensions.log_stream import CHUNK, PAUSE_SECONDS, log_size, read_chunk, tail_offset
from pinnace.domain.ids import RunId
from pinnace.errors import NotFound
from pinnace.services.logged_attempts import LoggedAttempt, LoggedAttempts, RunAttempts


class RunLog:
    """What the attempts of one run have written, and what of it was read so far.

    Args:
        file_of: Where an attempt's log is.
        tail: Of each attempt only so many lines; None for all.
    """

    def __init__(self, found: RunAttempts, file_of: Callable[[LoggedAttempt], Path], tail: int | None = None) -> None:
        self._found = found
        self._file_of = file_of
        self._tail = tail
        self._read: dict[tuple[str, int], int] = {}
        self._finished: set[tuple[str, int]] = set()

    @property
    def version(self) -> int:
        """Of what is known of the attempts."""
        return self._found.version

    @property
    def ended(self) -> bool:
        """Whether the run has ended."""
        return self._found.ended

    def learn(self, found: RunAttempts) -> None:
        """Take in how far the run has come."""
        self._found = found

    def news(self, *, final: bool) -> Iterator[bytes]:
        """What was written since the last call: whole lines, and with *final* what stands behind the last one too."""
        for attempt in self._found.attempts:
            key = (attempt.node, attempt.number)
            if key not in self._finished:
                yield from self._news_of(attempt, final=final or attempt.ended)
                if attempt.ended:
                    self._finished.add(key)
                    self._read.pop(key, None)

    def _news_of(self, attempt: LoggedAttempt, *, final: bool) -> Iterator[bytes]:
        key, path = (attempt.node, attempt.number), self._file_of(attempt)
        if key not in self._read:
            self._read[key] = 0 if self._tail is None else tail_offset(path, self._tail)
        prefix, size = f"{attempt.label} | ".encode(), log_size(path)
        # What is written meanwhile waits: a task that never stops writing must not keep the others from being read.
        while self._read[key] < size and (chunk := read_chunk(path, self._read[key])):
            whole = chunk.rfind(b"\n") + 1
            if not whole and not final and len(chunk) < CHUNK:
                return
            # A line that is longer than a chunk is broken: nothing is kept in memory for it.
            part = chunk[: whole or len(chunk)]
            yield prefix + part.removesuffix(b"\n").replace(b"\n", b"\n" + prefix) + b"\n"
            self._read[key] += len(part)


async def follow_run(log: RunLog, attempts: LoggedAttempts, run: RunId) -> AsyncIterator[bytes]:
    """What *log* has now and what comes, until the run has ended, or is deleted, and all is read."""
    ended = log.ended
    while True:
        async for chunk in iterate_in_threadpool(log.news(final=ended)):
            yield chunk
        if ended:
            return
        began = time.monotonic()
        await anyio.sleep(PAUSE_SECONDS)
        ended = await run_in_threadpool(_learn, log, attempts, run)
        # A large run is asked less often: looking at it must not cost what running it costs.
        await anyio.sleep(4 * max(0.0, time.monotonic() - began - PAUSE_SECONDS))


def _learn(log: RunLog, attempts: LoggedAttempts, run: RunId) -> bool:
    """Bring *log* up to date; whether nothing more will come."""
    try:
        if attempts.version(run) != log.version:
            log.learn(attempts.of_run(run))
    except NotFound:
        return True
    return log.ended
