"""How use-cases reach the run loops without knowing them."""

from collections.abc import Sequence
from typing import Protocol

from pinnace.domain.ids import RunId


class RunControl(Protocol):
    """The one writer of run histories, seen from the services. Safe to call from any thread."""

    def wake(self, run: RunId) -> None:
        """Start, or look again at, a run whose first event is committed. Returns at once."""
        ...

    def terminate(self, run: RunId, by: str) -> None:
        """Stop a run; returns when the request is committed (the run is CANCELING or has ended).

        Exit tasks still run; a second request stops them too.

        Raises:
            Conflict: the run has ended.
            Unavailable: the server is shutting down.
        """
        ...

    def retry(self, run: RunId, by: str) -> None:
        """Run again what did not succeed in a FAILED or CANCELED run; returns when the request is committed.

        Raises:
            Conflict: the run has not ended, or succeeded.
            Unavailable: the server is shutting down.
        """
        ...

    def forget(self, run: RunId) -> None:
        """Let go of a run whose rows are about to be deleted: nothing more is written. Say the outcome afterwards.

        Raises:
            Unavailable: the server is shutting down.
        """
        ...

    def recall(self, run: RunId) -> None:
        """The rows of a run that was let go could not be deleted, or that is not known. Returns at once."""
        ...

    def clear(self, run: RunId, freed: Sequence[str]) -> None:
        """The rows of a run that was let go are gone: end its attempts and remove its files. Returns at once.

        *freed* are places that are named no more (see ``ports.store.Runs.delete``): contents of other deleted runs that
        were kept for them are removed too.
        """
        ...
