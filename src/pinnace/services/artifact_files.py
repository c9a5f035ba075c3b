"""What lies behind artifacts, for those who look at it: downloads and previews."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pinnace.domain.artifacts import Artifact
from pinnace.domain.ids import ArtifactId
from pinnace.domain.places import LONGEST, above, place_of
from pinnace.errors import InvalidInput, NotFound
from pinnace.ports.artifacts import ArtifactContents, ContentEntry, EntryKind
from pinnace.ports.store import Store
from pinnace.services.media_types import file_name, media_type
from pinnace.services.previews import Preview, PreviewKind, file_preview, metrics_preview

MOST_ENTRIES: Final = 1000
"""Entries of a directory that a preview shows."""


class ContentGone(NotFound):
    """The artifact is recorded, and nothing lies at its uri."""

    def __init__(self, artifact: Artifact, member: str = "") -> None:
        super().__init__("Content", f"{artifact.uri}/{member}" if member else artifact.uri)
        self.args = (
            f"There is no {member} in the artifact at {artifact.uri}. Its preview lists what is in it."
            if member
            else f"There is nothing at {artifact.uri} any more: the content of artifact {artifact.id} is gone. "
            "Its record remains; run its task again to make it anew.",
        )


@dataclass(frozen=True, slots=True)
class ArtifactFile:
    """A file or directory of an artifact that exists.

    Attributes:
        member: Path inside the artifact, "" for all of it.
        entry: What it is.
        name: What a download of it is called.
        media_type: Of a download of it.
    """

    artifact: Artifact
    member: str
    entry: ContentEntry
    name: str
    media_type: str

    @property
    def is_directory(self) -> bool:
        """Whether it is sent as an archive."""
        return self.entry.kind is EntryKind.DIRECTORY


class ArtifactFiles:
    """Looks into artifacts. Nothing but a recorded artifact, and what lies in it, can be reached."""

    def __init__(self, store: Store, contents: ArtifactContents) -> None:
        self._store = store
        self._contents = contents

    def artifact(self, artifact: ArtifactId) -> Artifact:
        """Raises NotFound."""
        with self._store.read() as uow:
            found = uow.runs.artifacts([artifact]).get(artifact)
        if found is None:
            raise NotFound("Artifact", artifact)
        return found

    def at(self, *uris: str) -> tuple[Artifact, str]:
        """The artifact that lies at one of the uris, or around it, and the member of it that the uri names.

        Raises:
            NotFound: nothing that is recorded lies there, whatever the machine has there; or the uri is very long.
            InvalidInput: a uri goes up.
        """
        for uri in uris:
            if any(part in {".", ".."} for part in uri.split("/")) or "\x00" in uri:
                raise InvalidInput(f'The path {uri[:500]!r} has a part "." or "..", or a NUL. Write it without.')
        around = {place: inner for inner in map(place_of, uris) for place in (inner, *above(inner))}
        with self._store.read() as uow:
            recorded = uow.runs.artifacts_at(list(around))
        found = {place_of(item.uri): item for item in recorded if _has_own_place(item.uri)}
        if not found or not all(map(_has_own_place, uris)):
            raise NotFound("Artifact", f"at {uris[0][:500]}")
        nearest = max(found, key=lambda place: len(place) - len(around[place]))
        return found[nearest], around[nearest][len(nearest) :].lstrip("/")

    def file(self, artifact: Artifact, member: str = "") -> ArtifactFile:
        """What a download would send.

        Raises:
            ContentGone: nothing is there.
            InvalidInput: it is neither a file nor a directory, or *member* leads out of the artifact.
        """
        try:
            entry = self._contents.entry(artifact.uri, member)
        except FileNotFoundError as error:
            raise ContentGone(artifact, member) from error
        if entry.kind is EntryKind.SPECIAL:
            raise InvalidInput(f"{member or artifact.uri} is a pipe, socket or device. It cannot be read.")
        name = file_name(artifact, member)
        if entry.kind is EntryKind.DIRECTORY:
            return ArtifactFile(artifact, member, entry, f"{name}.tar.gz", "application/gzip")
        return ArtifactFile(artifact, member, entry, name, media_type(artifact, member))

    def content(self, file: ArtifactFile, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Bytes of a file, or the archive of a directory, which has no parts."""
        if file.is_directory:
            return self._contents.archive(file.artifact.uri, file.member, file_name(file.artifact, file.member))
        wanted = file.entry.size - start if length is None and file.entry.size >= 0 else length
        return self._contents.read(file.artifact.uri, file.member, start, wanted)

    def head(self, file: ArtifactFile, most: int) -> bytes:
        """The first bytes of a file; no more than *most* are read."""
        size = file.entry.size
        if size >= 0:
            return b"".join(self.content(file, 0, min(most, size)))
        found = bytearray()
        for piece in self.content(file):
            found += piece
            if len(found) >= most:
                break
        return bytes(found[:most])

    def preview(self, artifact: Artifact, member: str, most: int) -> Preview:
        """What a reader sees of it; no more than *most* bytes of content are read. Raises as :meth:`file`."""
        metrics = metrics_preview(artifact) if not member else None
        if metrics is not None:
            return metrics
        file = self.file(artifact, member)
        if file.is_directory:
            entries = self._contents.entries(artifact.uri, member, MOST_ENTRIES + 1)
            cut = len(entries) > MOST_ENTRIES
            return Preview(PreviewKind.DIRECTORY, truncated=cut, entries=entries[:MOST_ENTRIES])
        head = self.head(file, most)
        size = file.entry.size
        truncated = size > len(head) if size >= 0 else len(head) >= most
        return file_preview(artifact, member, head, size, truncated=truncated)


def _has_own_place(uri: str) -> bool:
    """Whether no other uri has its place: very long ones share that of a directory above them."""
    return len(uri.encode(errors="surrogatepass")) <= LONGEST
