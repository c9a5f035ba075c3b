"""States of runs, nodes and attempts, and the transitions that are allowed between them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class RunState(StrEnum):
    """State of a run, in KFP's words. On the KFP wire a run that was terminated shows as FAILED (see ``api.kfp``)."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    CANCELING = "CANCELING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"

    @property
    def is_terminal(self) -> bool:
        """Whether the run has ended. A retry is the only way out of such a state."""
        return self in _ENDED_RUNS


_ENDED_RUNS: Final = frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELED})

RUN_TRANSITIONS: Final[Mapping[RunState, frozenset[RunState]]] = {
    RunState.PENDING: frozenset({RunState.RUNNING, RunState.CANCELING, RunState.FAILED, RunState.CANCELED}),
    RunState.RUNNING: frozenset({RunState.CANCELING, RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELED}),
    RunState.CANCELING: frozenset({RunState.CANCELED, RunState.FAILED}),
    RunState.SUCCEEDED: frozenset(),
    RunState.FAILED: frozenset({RunState.RUNNING}),
    RunState.CANCELED: frozenset({RunState.RUNNING}),
}


class NodePhase(StrEnum):
    """Where a node of a run stands."""

    WAITING = "WAITING"
    """Something that it depends on has not ended."""
    CACHE_LOOKUP = "CACHE_LOOKUP"
    """Its inputs are known; the cache has been asked."""
    LAUNCHED = "LAUNCHED"
    """An attempt was handed to the executor and has not begun."""
    RUNNING = "RUNNING"
    """An attempt runs."""
    BACKING_OFF = "BACKING_OFF"
    """An attempt failed; the next one waits for its time."""
    OPEN = "OPEN"
    """A DAG or a loop whose children have not all ended."""
    CANCELING = "CANCELING"
    """Its attempt is being ended."""
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    CANCELED = "CANCELED"

    @property
    def is_terminal(self) -> bool:
        """Whether the node has ended. Only a retry of the run or of a DAG around it leads out, never from SUCCEEDED."""
        return self in _ENDED_NODES

    @property
    def is_underway(self) -> bool:
        """Whether the executor has an attempt of the node, or is to be given it."""
        return self in _UNDERWAY


_UNDERWAY: Final = frozenset({NodePhase.LAUNCHED, NodePhase.RUNNING, NodePhase.CANCELING})
_ENDED_NODES: Final = frozenset({NodePhase.SUCCEEDED, NodePhase.FAILED, NodePhase.SKIPPED, NodePhase.CANCELED})

_ENDINGS: Final = frozenset({NodePhase.SUCCEEDED, NodePhase.FAILED, NodePhase.CANCELED})

NODE_TRANSITIONS: Final[Mapping[NodePhase, frozenset[NodePhase]]] = {
    NodePhase.WAITING: frozenset(
        {
            NodePhase.CACHE_LOOKUP,
            NodePhase.LAUNCHED,
            NodePhase.OPEN,
            NodePhase.SKIPPED,
            NodePhase.FAILED,
            NodePhase.CANCELED,
        }
    ),
    NodePhase.CACHE_LOOKUP: frozenset({NodePhase.SUCCEEDED, NodePhase.LAUNCHED, NodePhase.CANCELED}),
    NodePhase.LAUNCHED: _ENDINGS | {NodePhase.RUNNING, NodePhase.LAUNCHED, NodePhase.BACKING_OFF, NodePhase.CANCELING},
    NodePhase.RUNNING: _ENDINGS | {NodePhase.LAUNCHED, NodePhase.BACKING_OFF, NodePhase.CANCELING},
    NodePhase.BACKING_OFF: frozenset({NodePhase.LAUNCHED, NodePhase.WAITING, NodePhase.CANCELED}),
    NodePhase.OPEN: _ENDINGS | {NodePhase.BACKING_OFF},
    NodePhase.CANCELING: _ENDINGS,
    NodePhase.SUCCEEDED: frozenset(),
    NodePhase.FAILED: frozenset({NodePhase.WAITING}),
    NodePhase.SKIPPED: frozenset({NodePhase.WAITING}),
    NodePhase.CANCELED: frozenset({NodePhase.WAITING}),
}


class AttemptOutcome(StrEnum):
    """How an attempt ended."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    """The user's code, or what surrounds it, failed. Uses up a retry."""
    LOST = "LOST"
    """Its processes are gone and left no result. Runs again without using up a retry, three times at most."""
    INTERRUPTED = "INTERRUPTED"
    """The server ended it because it was shutting down. Runs again without using up a retry."""
    CANCELED = "CANCELED"
    """It was ended because the run is being stopped."""


class StorageState(StrEnum):
    """Whether an experiment or a run is shown among the current ones."""

    AVAILABLE = "AVAILABLE"
    ARCHIVED = "ARCHIVED"
