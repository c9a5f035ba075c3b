"""Reading an artifact that lies in a bucket, or wherever else fsspec gets at."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from heapq import nsmallest
from typing import Any, Final

from pinnace.artifacts.tar_stream import Member
from pinnace.errors import Forbidden, InvalidInput, PinnaceError, Unavailable
from pinnace.ports.artifacts import ContentEntry, EntryKind

_BLOCK: Final = 4 << 20
"""Bytes a request: less would wait for round trips, more would fill the memory."""

_VERSIONS: Final = ("ETag", "etag", "md5Hash", "content_md5")
_TIMES: Final = ("LastModified", "mtime", "updated", "created")


class RemoteContents:
    """``ports.artifacts.ArtifactContents`` for one URL.

    Members are checked by the caller.

    Args:
        uri: For messages.
        system: fsspec's file system.
        place: What the URL is there.
    """

    def __init__(self, uri: str, system: Any, place: str) -> None:
        self._uri = uri
        self._system = system
        self._place = place

    def entry(self, member: str) -> ContentEntry:
        """See the port."""
        with self._asking():
            self._system.invalidate_cache()
            return _entry(member.rpartition("/")[2], self._system.info(self._at(member)))

    def entries(self, member: str, limit: int) -> Sequence[ContentEntry]:
        """See the port."""
        children = self._children(self._at(member))
        return [_entry(name, facts) for name, facts in nsmallest(limit, children, key=_name)]

    def read(self, member: str, start: int, length: int | None) -> Iterator[bytes]:
        """See the port."""
        yield from self._pieces(self._at(member), start, length)

    def members(self, member: str, name: str) -> Iterator[Member]:
        """What an archive of a directory holds."""
        yield Member(name, EntryKind.DIRECTORY)
        yield from self._below(self._at(member), name)

    def _below(self, place: str, name: str) -> Iterator[Member]:
        for child, facts in sorted(self._children(place), key=_name):
            inside, entry = f"{name}/{child}", _entry(child, facts)
            if child in {"", ".", ".."} or "/" in child:
                raise InvalidInput(
                    f"The artifact {self._uri} has a file whose path holds {child!r}: it cannot be packed."
                )
            if entry.kind is EntryKind.DIRECTORY:
                yield Member(inside, EntryKind.DIRECTORY)
                yield from self._below(f"{place}/{child}", inside)
            elif entry.size < 0:
                raise InvalidInput(f"{self._uri} does not tell how large {child} is: it cannot be packed.")
            else:
                content = partial(self._pieces, f"{place}/{child}", 0, entry.size)
                yield Member(inside, EntryKind.FILE, entry.size, _modified(facts), content=content)

    def _children(self, place: str) -> list[tuple[str, Mapping[str, Any]]]:
        with self._asking():
            found = self._system.ls(place, detail=True)
        named = [(str(facts["name"]).rstrip("/")[len(place) :].lstrip("/"), facts) for facts in found]
        # Some stores list the directory's own marker among what is in it.
        return [(name, facts) for name, facts in named if name]

    def _pieces(self, place: str, start: int, length: int | None) -> Iterator[bytes]:
        if length is None:
            yield from self._to_the_end(place, start)
            return
        end = start + length
        while start < end:
            with self._asking():
                block: bytes = self._system.cat_file(place, start=start, end=min(end, start + _BLOCK))
            if not block:
                raise EOFError(f"{self._uri} has become shorter while it was read.")
            block = block[: end - start]
            start += len(block)
            yield block

    def _to_the_end(self, place: str, start: int) -> Iterator[bytes]:
        with self._asking():
            file = self._system.open(place, "rb")
        with file:
            if start:
                file.seek(start)
            while True:
                with self._asking():
                    block: bytes = file.read(_BLOCK)
                if not block:
                    return
                yield block

    def _at(self, member: str) -> str:
        return f"{self._place}/{member}" if member else self._place

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Every library behind fsspec has errors of its own."""
        try:
            yield
        except (FileNotFoundError, PinnaceError):
            raise
        except NotADirectoryError as error:
            raise FileNotFoundError(f"There is nothing at {self._uri}.") from error
        except PermissionError as error:
            raise Forbidden(f"The server may not read {self._uri}: {error}. Check its credentials.") from error
        except Exception as error:
            raise Unavailable(
                f"{self._uri} cannot be read: {type(error).__name__}: {error}. Try again later."
            ) from error


def _name(child: tuple[str, Mapping[str, Any]]) -> bytes:
    return child[0].encode("utf-8", "surrogateescape")


def _entry(name: str, facts: Mapping[str, Any]) -> ContentEntry:
    if facts.get("type") == "directory":
        return ContentEntry(name, EntryKind.DIRECTORY)
    size = facts.get("size")
    version = next((str(facts[key]).strip('"') for key in _VERSIONS if facts.get(key)), "")
    return ContentEntry(name, EntryKind.FILE, -1 if size is None else int(size), version)


def _modified(facts: Mapping[str, Any]) -> int:
    time = next((facts[key] for key in _TIMES if facts.get(key)), None)
    if isinstance(time, datetime):
        return int(time.timestamp())
    return int(time) if isinstance(time, int | float) else 0
