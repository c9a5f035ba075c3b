"""Rules for attempts: answers from the cache and the executor, and when to try again."""

from collections.abc import Iterable
from typing import Final

from pinnace.domain.states import AttemptOutcome, NodePhase
from pinnace.domain.tasks import TaskFailure
from pinnace.domain.values import Instant
from pinnace.engine import events as ev
from pinnace.engine import signals as sig
from pinnace.engine.nodes import Node, RunSnapshot
from pinnace.engine.plan import Plan
from pinnace.engine.retry import next_try

MAX_LOSSES: Final = 3
"""An attempt that is lost so often in a row fails its node: something about the task itself kills its surroundings."""


def on_cache_answered(_: Plan, state: RunSnapshot, signal: sig.CacheAnswered, now: Instant) -> Iterable[ev.Event]:
    """A hit ends the task; a miss launches it."""
    node = state.nodes.get(signal.node)
    if node is None or node.phase is not NodePhase.CACHE_LOOKUP or node.attempt != signal.attempt:
        return
    if signal.outputs is not None:
        yield ev.CacheHit(
            now, node.id, node.attempt, signal.fingerprint, signal.outputs, signal.artifacts, signal.parts
        )
    else:
        yield ev.CacheMissed(now, node.id, node.attempt, signal.fingerprint, signal.parts)
        yield ev.AttemptScheduled(now, node.id, node.attempt, node.inputs)


def on_attempt_waits(_: Plan, state: RunSnapshot, signal: sig.AttemptWaits, now: Instant) -> Iterable[ev.Event]:
    """The attempt is held back, and says for what."""
    node = state.nodes.get(signal.node)
    if node is None or node.phase is not NodePhase.LAUNCHED or node.attempt != signal.attempt:
        return
    if node.reason != signal.reason:
        yield ev.AttemptHeld(now, node.id, node.attempt, signal.reason)


def on_attempt_began(_: Plan, state: RunSnapshot, signal: sig.AttemptBegan, now: Instant) -> Iterable[ev.Event]:
    """The attempt runs."""
    node = state.nodes.get(signal.node)
    if node is not None and node.phase is NodePhase.LAUNCHED and node.attempt == signal.attempt:
        yield ev.AttemptStarted(now, node.id, node.attempt)


def on_attempt_finished(_: Plan, state: RunSnapshot, signal: sig.AttemptFinished, now: Instant) -> Iterable[ev.Event]:
    """The attempt is over: the node has ended, or tries again."""
    node = state.nodes.get(signal.node)
    if node is None or not node.phase.is_underway or node.attempt != signal.attempt:
        return
    failure = signal.failure or TaskFailure("The attempt ended without saying why.")
    if signal.outcome is AttemptOutcome.SUCCEEDED:
        yield ev.AttemptSucceeded(now, node.id, node.attempt, signal.outputs, signal.artifacts)
    elif node.phase is NodePhase.CANCELING:
        yield ev.AttemptCanceled(now, node.id, node.attempt)
        yield ev.NodeCanceled(now, node.id)
    elif signal.outcome is AttemptOutcome.INTERRUPTED:
        yield ev.AttemptInterrupted(now, node.id, node.attempt)
        yield _again(node, now)
    elif signal.outcome is AttemptOutcome.LOST:
        yield ev.AttemptLost(now, node.id, node.attempt, failure)
        yield _again(node, now) if node.losses + 1 < MAX_LOSSES else ev.NodeFailed(now, node.id, failure)
    else:
        yield ev.AttemptFailed(now, node.id, node.attempt, failure)
        yield _after_failure(node, failure, now)


def on_backoff_elapsed(_: Plan, state: RunSnapshot, signal: sig.BackoffElapsed, now: Instant) -> Iterable[ev.Event]:
    """The wait is over: the task runs again, or the DAG opens again."""
    node = state.nodes.get(signal.node)
    if node is None or node.phase is not NodePhase.BACKING_OFF or node.attempt != signal.attempt:
        return
    yield ev.DagRetried(now, node.id) if node.kind.is_group else _again(node, now)


def _after_failure(node: Node, failure: TaskFailure, now: Instant) -> ev.Event:
    until = next_try(node, now)
    if until is None:
        return ev.NodeFailed(now, node.id, failure)
    return ev.BackoffStarted(now, node.id, node.attempt, until)


def _again(node: Node, now: Instant) -> ev.Event:
    return ev.AttemptScheduled(now, node.id, node.attempt + 1, node.inputs)
