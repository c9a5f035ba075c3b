"""A run control that starts nothing and remembers what it was asked."""

from collections.abc import Sequence

from pinnace.domain.ids import RunId
from pinnace.errors import PinnaceError


class RecordingControl:
    """Implements ``ports.control.RunControl``.

    Attributes:
        calls: Every call as (verb, run), in order.
        refusal: Raised by the next ``terminate`` or ``retry``, as a real control does whose run has moved on.
        freed: The places that the last ``clear`` was told of.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, RunId]] = []
        self.refusal: PinnaceError | None = None
        self.freed: Sequence[str] = ()

    def wake(self, run: RunId) -> None:
        """Remember it."""
        self.calls.append(("wake", run))

    def terminate(self, run: RunId, by: str) -> None:
        """Remember it, unless it is to be refused."""
        self._refuse()
        self.calls.append((f"terminate by {by}", run))

    def retry(self, run: RunId, by: str) -> None:
        """Remember it, unless it is to be refused."""
        self._refuse()
        self.calls.append((f"retry by {by}", run))

    def forget(self, run: RunId) -> None:
        """Remember it."""
        self.calls.append(("forget", run))

    def recall(self, run: RunId) -> None:
        """Remember it."""
        self.calls.append(("recall", run))

    def clear(self, run: RunId, freed: Sequence[str]) -> None:
        """Remember it."""
        self.calls.append(("clear", run))
        self.freed = freed

    def _refuse(self) -> None:
        if self.refusal is not None:
            refusal, self.refusal = self.refusal, None
            raise refusal
