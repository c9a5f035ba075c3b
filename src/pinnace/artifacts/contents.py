"""Reading artifacts for people: downloads, archives and previews."""

from collections.abc import Iterator, Sequence
from typing import Any

from pinnace.artifacts.local_contents import LocalContents
from pinnace.artifacts.members import check_member
from pinnace.artifacts.places import local_path, remote_place
from pinnace.artifacts.remote_contents import RemoteContents
from pinnace.artifacts.tar_stream import tar_gz
from pinnace.ports.artifacts import ContentEntry


class FsspecArtifactContents:
    """Adapter of ``ports.artifacts.ArtifactContents``.

    Args:
        options: As for ``FsspecArtifactStore``.
    """

    def __init__(self, options: dict[str, dict[str, Any]] | None = None) -> None:
        self._options = options or {}

    def entry(self, uri: str, member: str = "") -> ContentEntry:
        """See the port."""
        return self._at(uri).entry(check_member(member))

    def entries(self, uri: str, member: str, limit: int) -> Sequence[ContentEntry]:
        """See the port."""
        return self._at(uri).entries(check_member(member), limit)

    def read(self, uri: str, member: str, start: int, length: int | None) -> Iterator[bytes]:
        """See the port."""
        return self._at(uri).read(check_member(member), start, length)

    def archive(self, uri: str, member: str, name: str) -> Iterator[bytes]:
        """See the port."""
        return tar_gz(self._at(uri).members(check_member(member), name))

    def _at(self, uri: str) -> LocalContents | RemoteContents:
        path = local_path(uri)
        if path is not None:
            return LocalContents(path)
        system, place = remote_place(uri, self._options)
        return RemoteContents(uri, system, place)
