"""Digests of local files and directories, by content."""

import hashlib
import os
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final

from pinnace.artifacts.walk import Kind, entries

LARGEST: Final = 2 << 30
"""Bytes above which content gets no digest: reading it would take longer than it saves."""

_REMEMBERED: Final = 100_000
_FRESH_NANOSECONDS: Final = 50_000_000


@dataclass(frozen=True, slots=True)
class Measured:
    """Size in bytes, and digest, which is "" for more than LARGEST bytes."""

    digest: str
    size: int


@dataclass(slots=True)
class DigestMemory:
    """Digests of files by path, size, modification time and inode; the least recently used are forgotten.

    A file that was changed just before it was read is not remembered: a next change at once, of the same size, might
    not show in its modification time.
    """

    reads: int = 0
    """Files that were read whole so far."""
    _known: OrderedDict[tuple[str, int, int, int, int], str] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def file(self, path: Path) -> str:
        """Hex sha256 of a file's content. Raises OSError."""
        before = path.stat()
        key = (str(path), before.st_size, before.st_mtime_ns, before.st_ctime_ns, before.st_ino)
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        self.reads += 1
        with path.open("rb", buffering=0) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        after = path.stat()
        unchanged = (after.st_size, after.st_mtime_ns, after.st_ctime_ns) == key[1:4]
        if unchanged and time.time_ns() - after.st_mtime_ns > _FRESH_NANOSECONDS:
            with self._lock:
                self._known[key] = digest
                while len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
        return digest


def measure(path: Path, memory: DigestMemory) -> Measured:
    """Digest and size of a file (``sha256:``) or of a whole directory (``tree:``). Raises OSError."""
    if not path.is_dir():
        size = path.stat().st_size
        return Measured("" if size > LARGEST else f"sha256:{memory.file(path)}", size)
    found = list(entries(path))
    size = sum(entry.size for entry in found)
    if size > LARGEST:
        return Measured("", size)
    total = hashlib.sha256()
    for entry in found:
        content = memory.file(entry.path) if entry.kind is Kind.FILE else entry.target
        for part in (entry.kind, str(entry.name), content):
            encoded = os.fsencode(part)
            total.update(len(encoded).to_bytes(8, "big") + encoded)
    return Measured(f"tree:{total.hexdigest()}", size)
