"""Reading an artifact that lies on this machine, without ever leaving it."""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from heapq import nsmallest
from pathlib import Path
from typing import Final

from pinnace.artifacts.tar_stream import Member
from pinnace.artifacts.walk import Entry, Kind, entries
from pinnace.errors import Forbidden, InvalidInput
from pinnace.ports.artifacts import ContentEntry, EntryKind

_CHUNK: Final = 256 * 1024
_NOTHING: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP})
# A file that has become a pipe since it was looked at would let open() wait for ever.
_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class LocalContents:
    """``ports.artifacts.ArtifactContents`` for one directory or file; members are checked by the caller."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @cached_property
    def _real(self) -> Path:
        return self._root.resolve(strict=True)

    def entry(self, member: str) -> ContentEntry:
        """See the port."""
        with _reading(self._root):
            return _entry(member.rpartition("/")[2], self._resolve(member).stat())

    def entries(self, member: str, limit: int) -> Sequence[ContentEntry]:
        """See the port."""
        with _reading(self._root):
            directory = self._resolve(member)
            with os.scandir(directory) as found:
                names = nsmallest(limit, (os.fsencode(child.name) for child in found))
            return [self._child(directory, os.fsdecode(name)) for name in names]

    def read(self, member: str, start: int, length: int | None) -> Iterator[bytes]:
        """See the port."""
        with _reading(self._root):
            path = self._resolve(member)
        yield from _pieces(path, start, length)

    def members(self, member: str, name: str) -> Iterator[Member]:
        """What an archive of a directory holds."""
        with _reading(self._root):
            directory = self._resolve(member)
        yield Member(name, EntryKind.DIRECTORY, modified=int(directory.stat().st_mtime))
        for found in entries(directory):
            if found.kind is not Kind.SPECIAL:
                yield _member(found, f"{name}/{found.name.as_posix()}", leads_out=self._leads_out(found))

    def _child(self, directory: Path, name: str) -> ContentEntry:
        try:
            target = (directory / name).resolve(strict=True)
            if self._is_inside(target):
                return _entry(name, target.stat())
        except (OSError, RuntimeError):
            pass  # What cannot be followed is shown as the link that it is.
        return ContentEntry(name, EntryKind.LINK)

    def _resolve(self, member: str) -> Path:
        try:
            target = (self._real / member).resolve(strict=True)
        except RuntimeError as error:  # Python's own name for links in a circle, before 3.13
            raise OSError(errno.ELOOP, "links in a circle") from error
        if not self._is_inside(target):
            raise Forbidden(
                f'"{member}" of the artifact {self._root} is a link that leads out of it: it is not followed.'
            )
        return target

    def _leads_out(self, found: Entry) -> bool:
        return found.kind is Kind.FILE and found.path.is_symlink() and not self._is_inside(found.path.resolve())

    def _is_inside(self, target: Path) -> bool:
        return target.is_relative_to(self._real)


@contextmanager
def _reading(root: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise Forbidden(f"The server may not read the artifact {root}: {error.strerror}.") from error
    except OSError as error:
        if error.errno in _NOTHING:
            raise FileNotFoundError(errno.ENOENT, "there is nothing", str(root)) from error
        raise


def _entry(name: str, status: os.stat_result) -> ContentEntry:
    if stat.S_ISDIR(status.st_mode):
        return ContentEntry(name, EntryKind.DIRECTORY)
    if not stat.S_ISREG(status.st_mode):
        return ContentEntry(name, EntryKind.SPECIAL)
    return ContentEntry(name, EntryKind.FILE, status.st_size, f"{status.st_mtime_ns:x}-{status.st_size:x}")


def _member(found: Entry, name: str, *, leads_out: bool) -> Member:
    if leads_out or found.kind is Kind.LINK:
        return Member(name, EntryKind.LINK, target=os.fspath(found.path.readlink()))
    status = found.path.stat()
    if found.kind is Kind.DIRECTORY:
        return Member(name, EntryKind.DIRECTORY, modified=int(status.st_mtime))
    return Member(
        name,
        EntryKind.FILE,
        status.st_size,
        int(status.st_mtime),
        executable=bool(status.st_mode & stat.S_IXUSR),
        content=partial(_pieces, found.path.resolve(), 0, status.st_size),
    )


def _pieces(path: Path, start: int, length: int | None) -> Iterator[bytes]:
    """*path* has no link in it."""
    with _reading(path):
        descriptor = os.open(path, _FLAGS)
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise InvalidInput(f"{path} is neither a file nor a directory, but a pipe, socket or device.")
        file.seek(start)
        left = length
        while left is None or left > 0:
            piece = file.read(_CHUNK if left is None else min(_CHUNK, left))
            if not piece and left:
                raise EOFError(f"{path} has become shorter while it was read.")
            if not piece:
                return
            left = left if left is None else left - len(piece)
            yield piece
