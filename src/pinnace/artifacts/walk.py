"""What belongs to a directory that is an artifact."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Kind(StrEnum):
    """What an entry counts as."""

    DIRECTORY = "directory"
    FILE = "file"
    LINK = "link"
    """A symbolic link that is not followed: to nothing, in a circle, or to a directory outside."""
    SPECIAL = "special"
    """A socket, pipe or device."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; *name* is relative to the artifact, *path* is where it lies, *target* where a LINK points."""

    kind: Kind
    name: Path
    path: Path
    size: int = 0
    target: str = ""


def entries(root: Path) -> Iterator[Entry]:
    """Everything in a directory, sorted by name within each directory, directories before what is in them.

    A link to a file counts as that file, wherever it is, and a link to a directory inside counts as that directory.
    A link to a directory outside is not followed: it could lead to the whole disk. Raises OSError.
    """
    real = root.resolve()
    yield from _below(root, Path(), real, (real,))


def _below(directory: Path, inside: Path, root: Path, above: tuple[Path, ...]) -> Iterator[Entry]:
    for child in sorted(directory.iterdir(), key=lambda found: os.fsencode(found.name)):
        name = inside / child.name
        try:
            status = child.stat()
        except OSError:
            if not child.is_symlink():
                raise
            yield Entry(Kind.LINK, name, child, target=os.fspath(child.readlink()))
            continue
        if stat.S_ISREG(status.st_mode):
            yield Entry(Kind.FILE, name, child, status.st_size)
        elif not stat.S_ISDIR(status.st_mode):
            yield Entry(Kind.SPECIAL, name, child)
        else:
            real = child.resolve()
            if child.is_symlink() and (real in above or not real.is_relative_to(root)):
                yield Entry(Kind.LINK, name, child, target=os.fspath(child.readlink()))
            else:
                yield Entry(Kind.DIRECTORY, name, child)
                yield from _below(child, name, root, (*above, real))
