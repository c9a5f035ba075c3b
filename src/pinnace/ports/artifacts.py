"""The seam to files and buckets."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Content:
    """What is known of a content. ``digest`` is "" where none can be had cheaply; ``size`` in bytes or -1."""

    exists: bool
    digest: str = ""
    size: int = -1


class ArtifactStore(Protocol):
    """Artifacts by URI: an absolute path or any URL that fsspec knows. Calls block; run them in a thread.

    A pipe, socket or device is no artifact: whoever meets one raises InvalidInput.
    """

    def is_local(self, uri: str) -> bool:
        """Whether tasks can use the uri as a path."""
        ...

    def inspect(self, uri: str) -> Content:
        """Whether it exists, its digest and size.

        A digest says of what: ``sha256:`` of a file, ``tree:`` of a directory, ``etag:`` in a bucket. A local digest is
        remembered by size, mtime and inode. Content above 2 GiB has none.
        """
        ...

    def stage_in(self, uri: str, path: str) -> None:
        """Copy the content of a remote uri to a local path (a directory arrives as a directory)."""
        ...

    def publish(self, path: str, uri: str) -> None:
        """Copy a local file or directory to the uri. A path that does not exist is no error: nothing is copied."""
        ...

    def delete(self, uri: str, keep: Collection[str] = ()) -> None:
        """Remove the content, if it is there, but for the places *keep* (``domain.places``) with all that is in them.

        No link is followed. Raises OSError, or whatever a bucket's own library raises, where that cannot be done.
        """
        ...


class EntryKind(StrEnum):
    """What lies at a place."""

    FILE = "file"
    DIRECTORY = "directory"
    LINK = "link"
    """A symbolic link that is not followed: it leads out of the artifact, in a circle, or to nothing."""
    SPECIAL = "special"
    """A pipe, socket or device, which is never read."""


@dataclass(frozen=True, slots=True)
class ContentEntry:
    """A file or directory of an artifact.

    Attributes:
        name: The last part of its path; "" for the artifact itself.
        kind: What it is.
        size: Bytes of a file, -1 where the place does not tell, and for all that is no file.
        version: Changes whenever the content of a file does, as far as the place tells; "" if it does not.
    """

    name: str
    kind: EntryKind
    size: int = -1
    version: str = ""


class ArtifactContents(Protocol):
    """Reads what lies at the URIs of artifacts, for people. Calls block; run them in a thread.

    A *member* is a relative path with ``/`` inside an artifact that is a directory, "" for the artifact itself. No call
    leaves the artifact: a member with ``..`` raises InvalidInput, one that a link leads out of it Forbidden. The uri
    itself may be a link. Where nothing lies at the place FileNotFoundError is raised, where it cannot be asked
    Unavailable, where it may not be read Forbidden.
    """

    def entry(self, uri: str, member: str = "") -> ContentEntry:
        """What lies there."""
        ...

    def entries(self, uri: str, member: str, limit: int) -> Sequence[ContentEntry]:
        """The first entries of a directory by name, at most *limit*."""
        ...

    def read(self, uri: str, member: str, start: int, length: int | None) -> Iterator[bytes]:
        """Bytes of a file, piece by piece: *length* from *start* on, all for None.

        Raises EOFError, maybe after some pieces, where the file is shorter than that.
        """
        ...

    def archive(self, uri: str, member: str, name: str) -> Iterator[bytes]:
        """A directory as a tar.gz, made while it is read, sorted by name, with the directory *name* at its top.

        Links inside arrive as what they point to; those that are not followed stay links. Special files are left out.
        """
        ...
