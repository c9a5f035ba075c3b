"""Log files as streams of bytes."""

import errno
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Final

import anyio
from starlette.concurrency import run_in_threadpool

from pinnace.errors import NotFound

_CHUNK: Final = 64 * 1024
_PAUSE_SECONDS: Final = 0.2
_MISSING: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG})


def has_log(path: Path) -> bool:
    """Whether there is a log. Where the path is longer than the system takes, there is none."""
    try:
        return path.is_file()
    except OSError as error:
        if error.errno in _MISSING:
            return False
        raise


def read_log(path: Path, offset: int) -> Iterator[bytes]:
    """What the file holds now, from byte *offset* on; nothing if it does not exist."""
    while chunk := _read(path, offset):
        offset += len(chunk)
        yield chunk


async def follow_log(path: Path, offset: int, ended: Callable[[], bool]) -> AsyncIterator[bytes]:
    """What the file holds and what is added to it, until the attempt has *ended* (or is deleted) and all is read."""
    while True:
        # Asked before reading, so that what the attempt wrote last is read in the round that ends the stream.
        last_round = await run_in_threadpool(_has_ended, ended)
        while chunk := await run_in_threadpool(_read, path, offset):
            offset += len(chunk)
            yield chunk
        if last_round:
            return
        await anyio.sleep(_PAUSE_SECONDS)


def _has_ended(ended: Callable[[], bool]) -> bool:
    try:
        return ended()
    except NotFound:
        return True


def _read(path: Path, offset: int) -> bytes:
    try:
        with path.open("rb") as file:
            if offset >= os.fstat(file.fileno()).st_size:
                return b""  # Systems refuse to seek very far.
            file.seek(offset)
            return file.read(_CHUNK)
    except OSError as error:
        if error.errno in _MISSING:
            return b""
        raise
