"""What environments take on the disk, and which of them are too many. Calls block."""

from pathlib import Path

from pinnace.environments.shelf import Shelf
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

    def surplus(self) -> Amount:
        """See the port."""
        found = self._shelf.surplus(self._budget)
        return Amount(len(found), sum(entry.manifest.size for entry in found))

    def shrink(self) -> Amount:
        """See the port."""
        sizes = {entry.key: entry.manifest.size for entry in self._shelf.entries()}
        removed = self._shelf.shrink(self._budget, keep="")
        return Amount(len(removed), sum(sizes.get(key, 0) for key in removed))
