"""The seam to files and buckets."""

from dataclasses import dataclass
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

    def delete(self, uri: str) -> None:
        """Remove the content, if it is there."""
        ...
