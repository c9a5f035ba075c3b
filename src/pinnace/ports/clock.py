"""The clock."""

from typing import Protocol

from pinnace.domain.values import Instant


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> Instant:
        """Wall-clock time, UTC."""
        ...
