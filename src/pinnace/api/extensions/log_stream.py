"""Log files as streams of bytes."""

import errno
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Final

import anyio
from starlette.concurrency import run_in_threadpool

from pinnace.errors import NotFound

CHUNK: Final = 64 * 1024
PAUSE_SECONDS: Final = 0.2
_MISSING: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG})


def has_log(path: Path) -> bool:
    """Whether there is a log. Where the path is longer than the system takes, there is none."""
    try:
        return path.is_file()
    except OSError as error:
        if error.errno in _MISSING:
            return False
        raise


def log_size(path: Path) -> int:
    """Bytes in the file; 0 if it does not exist."""
    try:
        return path.stat().st_size
    except OSError as error:
        if error.errno in _MISSING:
            return 0
        raise


def read_log(path: Path, offset: int) -> Iterator[bytes]:
    """What the file holds now, from byte *offset* on; nothing if it does not exist."""
    while chunk := read_chunk(path, offset):
        offset += len(chunk)
        yield chunk


async def follow_log(path: Path, offset: int, ended: Callable[[], bool]) -> AsyncIterator[bytes]:
    """What the file holds and what is added to it, until the attempt has *ended* (or is deleted) and all is read."""
    while True:
        # Asked before reading, so that what the attempt wrote last is read in the round that ends the stream.
        last_round = await run_in_threadpool(_has_ended, ended)
        while chunk := await run_in_threadpool(read_chunk, path, offset):
            offset += len(chunk)
            yield chunk
        if last_round:
            return
        await anyio.sleep(PAUSE_SECONDS)


def tail_offset(path: Path, lines: int) -> int:
    """Where the last *lines* lines of the file begin; it is read backwards. 0 if it does not exist."""
    try:
        with path.open("rb") as file:
            size = position = os.fstat(file.fileno()).st_size
            while position > 0 and lines > 0:
                start = max(0, position - CHUNK)
                file.seek(start)
                block = file.read(position - start)
                # A line end at the very end ends the last line and begins none.
                end = len(block) - 1 if position == size else len(block)
                while lines > 0 and (end := block.rfind(b"\n", 0, end)) >= 0:
                    lines -= 1
                if lines == 0:
                    return start + end + 1
                position = start
            return position
    except OSError as error:
        if error.errno in _MISSING:
            return 0
        raise


def read_chunk(path: Path, offset: int) -> bytes:
    """Some bytes from *offset* on; none at the end, or if the file does not exist."""
    try:
        with path.open("rb") as file:
            if offset >= os.fstat(file.fileno()).st_size:
                return b""  # Systems refuse to seek very far.
            file.seek(offset)
            return file.read(CHUNK)
    except OSError as error:
        if error.errno in _MISSING:
            return b""
        raise


def _has_ended(ended: Callable[[], bool]) -> bool:
    try:
        return ended()
    except NotFound:
        return True
