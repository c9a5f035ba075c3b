"""A tar.gz that is made while it is sent: what is in memory does not grow with it."""

import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pinnace.ports.artifacts import EntryKind

_LEVEL: Final = 1
"""Of zlib: readers wait for the processor before they wait for the network."""

_GZIP: Final = 31
_TYPES: Final = {EntryKind.FILE: tarfile.REGTYPE, EntryKind.DIRECTORY: tarfile.DIRTYPE, EntryKind.LINK: tarfile.SYMTYPE}


def no_content() -> Iterator[bytes]:
    """The content of what is no file."""
    return iter(())


@dataclass(frozen=True, slots=True)
class Member:
    """One member. *content* yields exactly *size* bytes; *target* is where a LINK points; SPECIAL is not allowed."""

    name: str
    kind: EntryKind
    size: int = 0
    modified: int = 0
    executable: bool = False
    target: str = ""
    content: Callable[[], Iterator[bytes]] = no_content


def tar_gz(members: Iterable[Member]) -> Iterator[bytes]:
    """The archive, piece by piece. Whatever reading a member raises comes out of the iterator."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    for member in members:
        yield packer.compress(_header(member))
        for chunk in member.content():
            yield packer.compress(chunk)
        yield packer.compress(bytes(-member.size % tarfile.BLOCKSIZE))
    yield packer.compress(bytes(2 * tarfile.BLOCKSIZE)) + packer.flush()


def _header(member: Member) -> bytes:
    info = tarfile.TarInfo(member.name)
    info.type = _TYPES[member.kind]
    info.size = member.size
    info.mtime = member.modified
    info.mode = 0o755 if member.executable or member.kind is EntryKind.DIRECTORY else 0o644
    info.linkname = member.target
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
