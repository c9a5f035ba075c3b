"""What the files of runs take, and which of them belong to no run. Blocks."""

import contextlib
import logging
import math
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final

from pinnace.domain.ids import RunId
from pinnace.domain.places import Places, is_within, place_of
from pinnace.domain.values import SECOND, Instant
from pinnace.orchestrator.layout import Layout
from pinnace.orchestrator.notes import Notes
from pinnace.orchestrator.removal import Removal
from pinnace.ports.artifacts import ArtifactStore
from pinnace.ports.room import Leftover, RunRoom
from pinnace.ports.storage import Naming
from pinnace.ports.store import Store

_LOG = logging.getLogger(__name__)
_RUN: Final = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(~\d+)?")
_MOST_ENTRIES: Final = 300_000
"""Files that one look at the usage counts: some seconds."""


class DiskRunFiles:
    """``ports.room.RunFiles``."""

    def __init__(self, store: Store, layout: Layout, artifacts: ArtifactStore) -> None:
        self._store = store
        self._layout = layout
        self._artifacts = artifacts
        self._removal = Removal(store, layout, artifacts)
        self._notes = Notes(layout.deletions)

    def claim(self) -> None:
        """Take the data directory's files for those of this database's runs, unless they are another's already."""
        owner = self._layout.owner
        with contextlib.suppress(OSError):  # On a full disk nothing is claimed, and nothing is left over.
            if not owner.exists():
                draft = owner.with_suffix(".draft")
                draft.write_text(self._removal.database, encoding="utf-8")
                draft.replace(owner)
        if owner.exists() and not self._is_owner():
            _LOG.warning(
                "The data directory holds files of another database's runs: %s does not name the one in use. Check "
                "--database-url. `pinnace gc` finds no leftovers until that file is removed.",
                owner,
            )

    def _is_owner(self) -> bool:
        """False also where that is not known: to another database all of it would be leftovers."""
        with contextlib.suppress(OSError):
            return self._layout.owner.read_text(encoding="utf-8") == self._removal.database
        return False

    def freed(self, runs: Sequence[RunId]) -> RunRoom:
        """See the port."""
        gone = frozenset(runs)
        logs = workspaces = artifacts = 0
        for run in runs:
            attempts, workspace, *root = self._removal.places(run)
            logs += self._freed(attempts, gone, ())
            workspaces += self._freed(workspace, gone, ())
            artifacts += sum(self._freed(place, gone, ()) for place in root)
        own = Places([place_of(place) for run in runs for place in self._removal.places(run)])
        for note in self._notes.all():
            artifacts += sum(self._released(place, gone, own) for place in note.places if note.run not in gone)
        return RunRoom(logs, artifacts, workspaces)

    def leftovers(self, before: Instant) -> Sequence[Leftover]:
        """See the port."""
        found: list[Leftover] = []
        if not self._is_owner():
            return found
        noted = {note.run for note in self._notes.all()}
        for kind, directory, depth in self._layout.areas():
            some = {path: _run_of(path) for path in _below(directory, depth) if _run_of(path) not in noted}
            with self._store.read() as uow:
                known = uow.storage.existing([run for run in some.values() if run])
            for path, run in some.items():
                if run and run not in known and _changed_at(path) < before / SECOND:
                    size = self._freed(str(path), frozenset(), ())
                    if size or not self._named(str(path)):
                        found.append(Leftover(str(path), kind, size))
        return found

    def remove(self, leftover: Leftover) -> None:
        """See the port."""
        self._artifacts.delete(leftover.path, [naming.place for naming in self._named(leftover.path)])

    def usage(self) -> RunRoom:
        """See the port."""
        left = _MOST_ENTRIES
        sizes: dict[str, int] = {}
        for kind, directory, _ in self._layout.areas():
            sizes[kind], left = _bounded_size(directory, left)
        return RunRoom(sizes["logs"], sizes["artifacts"], sizes["workspace"], complete=left > 0)

    def _named(self, place: str) -> Sequence[Naming]:
        with self._store.read() as uow:
            return uow.storage.named(place_of(place))

    def _released(self, place: str, gone: AbstractSet[RunId], own: Places) -> int:
        """What of a place of a deleted run is kept only for runs that go, but for what is their *own*."""
        named = [naming for naming in self._named(place) if not own.covers(naming.place)]
        going = [naming.place for naming in named if not naming.is_needed_without(gone)]
        return self._freed(place, gone, going) if going else 0

    def _freed(self, place: str, gone: AbstractSet[RunId], only: Sequence[str]) -> int:
        """Bytes in a place that nothing needs without the runs that go; of some places in it *only*, if given."""
        named = self._named(place)
        if not self._artifacts.is_local(place):
            inside = {naming.place: naming for naming in named if is_within(naming.place, place_of(place))}
            return sum(max(naming.size, 0) for naming in inside.values() if not naming.is_needed_without(gone))
        keep = Places([naming.place for naming in named if naming.is_needed_without(gone)])
        chosen = Places(only) if only else None
        return sum(size for path, size in _files(place) if _counts(path, keep, chosen))


def _counts(path: str, keep: Places, chosen: Places | None) -> bool:
    return not keep.covers(path) and (chosen is None or chosen.covers(path))


def _run_of(path: Path) -> RunId | None:
    """Whose directory it is by its name; None for what is none of ours."""
    found = _RUN.fullmatch(path.name)
    return RunId(found[1]) if found else None


def _changed_at(path: Path) -> float:
    """When the directory itself changed last; in times to come, if it has gone."""
    try:
        return path.lstat().st_mtime
    except FileNotFoundError:
        return math.inf


def _below(directory: Path, depth: int) -> Iterable[Path]:
    """The directories so many steps down; links are none."""
    if depth == 0:
        return [directory]
    try:
        with os.scandir(directory) as entries:
            inner = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [path for each in sorted(inner) for path in _below(each, depth - 1)]


def _bounded_size(directory: Path, most: int) -> tuple[int, int]:
    """Bytes in a directory, and how many more files may be counted."""
    total = 0
    for _, size in _files(str(directory)):
        total += size
        most -= 1
        if most <= 0:
            break
    return total, max(most, 0)


def _files(place: str) -> Iterator[tuple[str, int]]:
    """Every file at or below a local place with its size; what goes meanwhile is left out, links are not followed."""
    waiting = [Path(place_of(place))]
    while waiting:
        path = waiting.pop()
        try:
            status = path.lstat()
            if stat.S_ISDIR(status.st_mode):
                waiting.extend(path.iterdir())
            else:
                yield str(path), status.st_size
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            continue
