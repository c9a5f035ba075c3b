"""How use-cases reach the run loops without knowing them."""

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
        """End a run for good because it is being deleted: attempts are ended, nothing more is written."""
        ...
