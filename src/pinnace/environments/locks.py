"""Locks on files, which the system frees when their holder dies. Threads, tasks and servers exclude each other."""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

_POLL_SECONDS: Final = 0.1


def try_lock(path: Path, *, create: bool) -> int | None:
    """The descriptor of an exclusive lock on *path*, or None where somebody holds one, shared or not.

    Raises FileNotFoundError for a file that is not there and not to be made. Closing the descriptor frees the lock.
    """
    while True:
        descriptor = os.open(path, os.O_RDWR | (os.O_CREAT if create else 0), 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        if _is_same_file(descriptor, path):
            return descriptor
        os.close(descriptor)  # The holder before us took the file away; whoever comes next finds another one.


def is_held(path: Path) -> bool:
    """Whether somebody holds a lock on *path* now."""
    try:
        descriptor = try_lock(path, create=False)
    except FileNotFoundError:
        return False
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


@contextlib.asynccontextmanager
async def locked(path: Path, on_wait: Callable[[], None]) -> AsyncIterator[None]:
    """Hold the lock *path*, which exists only while it is held. *on_wait* is called once if another one has it."""
    descriptor = try_lock(path, create=True)
    if descriptor is None:
        on_wait()
    while descriptor is None:
        await asyncio.sleep(_POLL_SECONDS)
        descriptor = try_lock(path, create=True)
    try:
        yield
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)  # noqa: PTH108 - in an async function, where pathlib's calls are not wanted
        os.close(descriptor)


def _is_same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
