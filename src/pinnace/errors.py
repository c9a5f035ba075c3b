"""The error tree. ``api/errors`` maps it to HTTP, ``cli`` to a paragraph; nothing else catches it by kind.

PinnaceError
├── InvalidInput          the request is wrong           400
│   └── InvalidPipeline   with every fault of the file   400
├── NotFound              no such object                 404
├── AlreadyExists         the name is taken              409
├── Conflict              the state forbids it           409 (KFP: Aborted)
├── FailedPrecondition    something else must come first 400
├── Forbidden             not from here                  403
├── Unavailable           try again later                503
├── SetupError            the server cannot start here   (command line only)
├── VersionConflict       another writer was faster; never leaves the orchestrator
└── ResultGone            an earlier result was deleted; never leaves the orchestrator
"""

from collections.abc import Sequence
from typing import Protocol


class PinnaceError(Exception):
    """Root of all errors that a user may see. The text is one or two plain sentences; the last says what to do."""


class InvalidInput(PinnaceError):
    """The request cannot be carried out as it was written."""


class Fault(Protocol):
    """One fault in a document."""

    @property
    def path(self) -> str:
        """Where in the document; "" for the whole."""
        ...

    @property
    def message(self) -> str:
        """What is wrong, and the cure."""
        ...


class InvalidPipeline(InvalidInput):
    """A pipeline that cannot run. Carries every fault, each with its path in the document."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        lines = [f"{fault.path}: {fault.message}" if fault.path else fault.message for fault in self.faults]
        super().__init__("; ".join(lines))


class NotFound(PinnaceError):
    """No object of that kind has that id or name."""

    def __init__(self, kind: str, key: str) -> None:
        self.kind = kind
        self.key = key
        super().__init__(f"{kind} {key} not found")


class AlreadyExists(PinnaceError):
    """An object with that name exists."""


class Conflict(PinnaceError):
    """The object's state does not allow the operation."""


class FailedPrecondition(PinnaceError):
    """Another object's state does not allow the operation."""


class Forbidden(PinnaceError):
    """The caller may not do this."""


class Unavailable(PinnaceError):
    """The server cannot answer now."""


class SetupError(PinnaceError):
    """The server cannot start, or a command cannot run, on this machine as it is set up."""


class VersionConflict(PinnaceError):
    """A run's log has grown since it was read: load it again and decide again."""


class ResultGone(PinnaceError):
    """What was found in the cache has been deleted since: do without it."""
