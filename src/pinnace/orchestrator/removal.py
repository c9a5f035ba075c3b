"""Removing what deleted runs have left. Blocks.

The rule (``docs/decisions/0014-deletion.md``): what lies in a directory of a deleted run is removed, but for what the
store still names: artifacts at a place, in it or around it, and the roots of other runs in it. Nothing else ever is.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from pinnace.domain.ids import RunId
from pinnace.domain.places import is_within, place_of
from pinnace.domain.runs import Run
from pinnace.domain.tasks import AttemptKey
from pinnace.errors import NotFound
from pinnace.orchestrator.layout import Layout
from pinnace.ports.artifacts import ArtifactStore
from pinnace.ports.store import Store


class Removal:
    """Removes the places of runs."""

    def __init__(self, store: Store, layout: Layout, artifacts: ArtifactStore) -> None:
        self._store = store
        self._layout = layout
        self._artifacts = artifacts

    @cached_property
    def database(self) -> str:
        """What tells the store from others. Raises Unavailable."""
        with self._store.read() as uow:
            return uow.storage.identity()

    def places(self, run: RunId, root: str = "") -> Sequence[str]:
        """Everything that a run has for itself: its directories, and where its artifacts go.

        *root* is that place, "" to look it up; of a run that does not exist, nothing is known of it.
        """
        directories = [str(directory) for directory in self._layout.directories(run)]
        found = self._run(run)
        root = root or (self._layout.root_of(found) if found else "")
        return [*directories, root] if root else directories

    def underway(self, run: RunId) -> Sequence[AttemptKey]:
        """Attempts that may run, of a run whose loop is not there to tell: it stands still, or never began."""
        found = self._run(run)
        if found is None or found.state.is_terminal:
            return []
        with self._store.read() as uow:
            tasks = uow.runs.tasks([run])[run]
        return [
            AttemptKey(run, task.node, task.attempts[-1].number)
            for task in tasks
            if task.phase.is_underway and task.attempts
        ]

    def exists(self, run: RunId) -> bool:
        """Whether there is such a run."""
        return self._run(run) is not None

    def remove(self, run: RunId, place: str) -> bool:
        """Remove a place of a deleted run, as far as nothing needs it; whether all of it may go.

        A new run of the same id has taken its places over. Raises whatever the place's file system does.
        """
        if place in (self.places(run) if self.exists(run) else ()):
            return True
        with self._store.read() as uow:
            needed = [naming.place for naming in uow.storage.named(place_of(place))]
        self._artifacts.delete(place, needed)
        return not needed

    def room_for(self, run: Run) -> str:
        """Where the artifacts of a run that is about to begin go, emptied of what a deleted run of its id has left.

        Where other runs still use something of that, it is another place.
        """
        first = self._layout.root_of(run)
        root, number = first, 1
        while self._is_needed(root):
            number += 1
            root = self._layout.another_root(first, number)
        for directory in map(str, self._layout.directories(run.id)):
            self._clear(directory)
        if self._artifacts.is_local(root):
            self._clear(root)
        return root

    def _is_needed(self, root: str) -> bool:
        place = place_of(root)
        with self._store.read() as uow:
            return any(is_within(naming.place, place) for naming in uow.storage.named(place))

    def _clear(self, place: str) -> None:
        if not Path(place).exists():
            return
        with self._store.read() as uow:
            needed = [naming.place for naming in uow.storage.named(place_of(place))]
        self._artifacts.delete(place, needed)

    def _run(self, run: RunId) -> Run | None:
        with self._store.read() as uow:
            try:
                return uow.runs.get(run)
            except NotFound:
                return None
