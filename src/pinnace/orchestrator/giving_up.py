"""The end of a run that the server cannot go on with, because deciding fails and would fail again.

No rule of the engine is asked any more, only its fold: what is open is canceled, and the run FAILED.
"""

import logging
from collections.abc import Iterator, Sequence

from pinnace.domain.states import RunState
from pinnace.domain.tasks import TaskFailure
from pinnace.domain.values import Instant
from pinnace.engine import events as ev
from pinnace.engine.commands import CancelAttempt
from pinnace.engine.nodes import Node
from pinnace.engine.state import apply
from pinnace.orchestrator.loading import LoadedRun

_LOG = logging.getLogger(__name__)


def give_up(loaded: LoadedRun, error: Exception, now: Instant) -> tuple[Sequence[ev.Event], Sequence[CancelAttempt]]:
    """The events that end the run, already applied to its state, and what then is to be done. *error* is why."""
    failure = TaskFailure(
        f"The server cannot go on with this run: {type(error).__name__}: {error}. This is a fault of Pinnace; the log "
        "of the server says more. Retry the run, or delete it.",
        "InternalError",
    )
    _LOG.error("Run %s ends as FAILED: it cannot be decided what it does next.", loaded.run.id)
    # Children come behind their parents, and have to end before them.
    unfinished = [node for node in reversed(loaded.state.nodes.values()) if not node.phase.is_terminal]
    commands = [CancelAttempt(node.id, node.attempt) for node in unfinished if node.phase.is_underway]
    events = [event for node in unfinished for event in _endings(node, failure, now)]
    events.append(ev.RunFinished(now, RunState.FAILED, failure))
    for event in events:
        apply(loaded.plan, loaded.state, event)
    return events, commands


def _endings(node: Node, failure: TaskFailure, now: Instant) -> Iterator[ev.Event]:
    if node.phase.is_underway:
        yield ev.AttemptCanceled(now, node.id, node.attempt)
    yield ev.NodeFailed(now, node.id, failure) if node.parent is None else ev.NodeCanceled(now, node.id)
