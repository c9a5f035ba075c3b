"""Keeps a log file from growing without end while the task writes straight into it."""

from __future__ import annotations

import os


class LogCap:
    """Keeps the first *limit* bytes of a file and a line behind them that says so; the task is not disturbed.

    The task appends, so cutting the file moves the place of its next write. Between two looks the file can be longer.
    """

    def __init__(self, path: str, limit: int) -> None:
        self._path = path
        self._limit = limit
        text = f"\n[pinnace] The log is cut here: it is longer than {_size(limit)}. The task goes on.\n"
        self._marker = text.encode()
        self._end = limit + len(self._marker)
        self.was_cut = False

    def size(self) -> int:
        """Bytes in the file now."""
        try:
            return os.stat(self._path).st_size
        except OSError:
            return 0

    def is_near(self) -> bool:
        """Whether the file may soon be too long, so that it is worth looking at more often."""
        return self.size() > self._limit // 4

    def enforce(self) -> None:
        """Cut the file if it is too long."""
        if self.size() <= (self._end if self.was_cut else self._limit):
            return
        descriptor = os.open(self._path, os.O_WRONLY)
        try:
            os.pwrite(descriptor, self._marker, self._limit)
            os.ftruncate(descriptor, self._end)
            self.was_cut = True
        except OSError:
            os.ftruncate(descriptor, self._limit)  # The disk is full: cut all the same, without the line.
        finally:
            os.close(descriptor)


def _size(count: int) -> str:
    return f"{count >> 20} MiB" if count >= 1 << 20 else f"{count} bytes"
