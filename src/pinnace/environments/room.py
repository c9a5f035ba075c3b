"""What environments take on the disk, and which of them are too many. Calls block."""

from collections.abc import Sequence
from pathlib import Path

from pinnace.domain.values import SECOND, Instant
from pinnace.environments.shelf import Entry, Shelf
from pinnace.ports.room import KeptEnvironment
from pinnace.ports.storage import Amount


class ShelfRoom:
    """``ports.room.EnvironmentRoom`` of the environments below one directory.

    Args:
        budget: Bytes that all of them may take together.
    """

    def __init__(self, root: Path, budget: int) -> None:
        self._shelf = Shelf(root)
        self._budget = budget

    def size(self) -> int:
        """See the port."""
        return sum(entry.manifest.size for entry in self._shelf.entries())

    def kept(self) -> Sequence[KeptEnvironment]:
        """See the port."""
        return [self._described(entry) for entry in self._shelf.entries()]

    def surplus(self) -> Amount:
        """See the port."""
        found = self._shelf.surplus(self._budget)
        return Amount(len(found), sum(entry.manifest.size for entry in found))

    def shrink(self) -> Amount:
        """See the port."""
        sizes = {entry.key: entry.manifest.size for entry in self._shelf.entries()}
        removed = self._shelf.shrink(self._budget, keep="")
        return Amount(len(removed), sum(sizes.get(key, 0) for key in removed))

    def _described(self, entry: Entry) -> KeptEnvironment:
        manifest = entry.manifest
        return KeptEnvironment(
            key=entry.key,
            mode=manifest.mode,
            python_version=manifest.python_version,
            requirements=manifest.requirements,
            size=manifest.size,
            built_at=_instant(manifest.built_at),
            last_used_at=_instant(entry.last_used),
            in_use=self._shelf.is_in_use(entry.key),
        )


def _instant(seconds: float) -> Instant:
    return Instant(int(seconds * SECOND))
