"""The mark of an attempt, by which other processes can tell who belongs to it."""

from __future__ import annotations

import ctypes
import os

from pinnace.launcher.records import MARK_VARIABLE

_LENGTH = 32
BLANK = "0" * _LENGTH
"""What a zygote is started with, to have room for the mark of each attempt."""


def _find() -> int | None:
    """Where the variable lies in the block of memory that the kernel shows to other processes as our environment."""
    if os.environ.get(MARK_VARIABLE) != BLANK:
        return None
    getenv = ctypes.CDLL(None).getenv
    getenv.restype = ctypes.c_void_p
    place: int | None = getenv(MARK_VARIABLE.encode())
    return place


_PLACE = _find()


def put(mark: str) -> None:
    """Let this process, and what is forked from it, be seen with *mark*; nothing happens outside of zygotes."""
    if _PLACE is not None and len(mark) == _LENGTH:
        ctypes.memmove(_PLACE, mark.encode(), _LENGTH)
