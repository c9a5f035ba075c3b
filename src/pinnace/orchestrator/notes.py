"""Notes about deleted runs of which something is left, one file each. Calls block."""

import contextlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pinnace.domain.ids import NodeId, RunId
from pinnace.orchestrator.layout import segment

_SUFFIX: Final = ".json"
_DRAFT: Final = ".draft"


@dataclass(frozen=True, slots=True)
class Note:
    """What is left of a run.

    Attributes:
        attempts: Those that were not over.
        places: Directories, or prefixes in buckets, that may hold something of it.
    """

    run: RunId
    attempts: tuple[tuple[NodeId, int], ...] = ()
    places: tuple[str, ...] = ()

    def with_places_of(self, other: "Note | None") -> "Note":
        """The same, with the places that an earlier note of the same run has."""
        more = () if other is None else tuple(place for place in other.places if place not in self.places)
        return replace(self, places=self.places + more)


class Notes:
    """The notes in one directory.

    Args:
        database: Names the database that the runs were in; "" for any. To another one every run is deleted, and nothing
            is in use, so its notes are not ours to act upon.
    """

    def __init__(self, directory: Path, database: Callable[[], str] = lambda: "") -> None:
        self._directory = directory
        self._database = database

    def write(self, note: Note) -> None:
        """Keep a note in place of an earlier one.

        On a full disk there is none: if the server is killed then, what is left is what ``pinnace gc`` finds.
        """
        database = self._database()
        with contextlib.suppress(OSError):
            self._directory.mkdir(mode=0o700, exist_ok=True)
            draft = self._place(note.run).with_suffix(_DRAFT)
            content = {"run": note.run, "attempts": note.attempts, "places": note.places, "database": database}
            draft.write_text(json.dumps(content), encoding="utf-8")
            draft.replace(self._place(note.run))

    def strike(self, run: RunId) -> None:
        """Nothing is left of the run."""
        self._place(run).unlink(missing_ok=True)

    def read(self, run: RunId) -> Note | None:
        """The note about a run; None where there is none, or none that can be read."""
        return _read(self._place(run), self._database())

    def all(self) -> Sequence[Note]:
        """Every note that can be read."""
        database = self._database()
        found = [_read(path, database) for path in sorted(self._directory.glob(f"*{_SUFFIX}"))]
        return [note for note in found if note is not None]

    def _place(self, run: RunId) -> Path:
        return self._directory / f"{segment(run)}{_SUFFIX}"


def _read(path: Path, database: str) -> Note | None:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        content = json.loads(path.read_text(encoding="utf-8"))
        if database and content.get("database", database) != database:
            return None
        attempts = tuple((NodeId(node), int(attempt)) for node, attempt in content["attempts"])
        return Note(RunId(content["run"]), attempts, tuple(map(str, content.get("places", ()))))
    return None
