"""What a run does next. Start reading here.

``decide`` looks at one thing that happened, a signal from outside or an event that was just taken into the state, and
answers with the events that follow from it *directly*. ``unfold`` repeats that until nothing follows. Every rule
checks the state and not the story, so a signal that comes late, twice or out of order finds nothing to do.

Rules for nodes that begin stand in ``begin``, rules for attempts in ``attempts``, rules for groups in ``groups``.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pinnace.domain.states import NodePhase, RunState
from pinnace.domain.tasks import TaskFailure
from pinnace.domain.values import Instant, after
from pinnace.engine import events as ev
from pinnace.engine import signals as sig
from pinnace.engine.attempts import (
    on_attempt_began,
    on_attempt_finished,
    on_attempt_waits,
    on_backoff_elapsed,
    on_cache_answered,
)
from pinnace.engine.begin import begin, enter
from pinnace.engine.commands import Command
from pinnace.engine.groups import (
    leave_group,
    on_dag_opened,
    on_iteration_opened,
    on_loop_opened,
    on_node_ended,
    on_open_more,
)
from pinnace.engine.nodes import RunSnapshot
from pinnace.engine.outstanding import awaited
from pinnace.engine.plan import Plan
from pinnace.engine.state import apply

Rule: TypeAlias = Callable[[Plan, RunSnapshot, Any, Instant], Iterable[ev.Event]]


@dataclass(frozen=True, slots=True)
class Decision:
    """Events to append to the history, and commands to carry out once they are committed."""

    events: Sequence[ev.Event]
    commands: Sequence[Command]


def decide(plan: Plan, state: RunSnapshot, happened: sig.Signal | ev.Event, now: Instant) -> list[ev.Event]:
    """The events that follow directly from *happened*. Only reads *state*."""
    rule = _RULES.get(type(happened))
    return [] if rule is None else list(rule(plan, state, happened, now))


def unfold(plan: Plan, state: RunSnapshot, signal: sig.Signal, now: Instant) -> Generator[None, None, Decision]:
    """Take a signal in: everything that follows from it, already applied to *state*.

    Yields after each event: tens of thousands may follow from one signal, and the caller has other things to do. Until
    it has returned the decision, nothing else may be decided on *state*. If the events cannot be committed, *state* is
    worthless and must be replayed from the history.
    """
    events: list[ev.Event] = []
    unanswered: deque[sig.Signal | ev.Event] = deque([signal])
    while unanswered:
        for event in decide(plan, state, unanswered.popleft(), now):
            apply(plan, state, event)
            events.append(event)
            unanswered.append(event)
            yield
    return Decision(events, awaited(state, events))


def advance(plan: Plan, state: RunSnapshot, signal: sig.Signal, now: Instant) -> Decision:
    """The same in one go."""
    steps = unfold(plan, state, signal, now)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            decision: Decision = done.value
            return decision


def _on_start(plan: Plan, state: RunSnapshot, _: sig.StartRun, now: Instant) -> Iterable[ev.Event]:
    if state.state is RunState.PENDING:
        yield ev.RunStarted(now, _deadline(plan, now))


def _on_run_started(
    plan: Plan, state: RunSnapshot, event: ev.RunStarted | ev.RunRetried, now: Instant
) -> Iterable[ev.Event]:
    if state.root.phase is NodePhase.SUCCEEDED:
        return [_finish(state, now)]  # it was stopped when nothing was left to do, and then retried
    return enter(plan, state, state.root, now)


def _deadline(plan: Plan, now: Instant) -> Instant | None:
    seconds = plan.pipeline.config.active_deadline_seconds
    return after(now, seconds) if seconds else None


def _on_terminate(_: Plan, state: RunSnapshot, signal: sig.Terminate, now: Instant) -> Iterable[ev.Event]:
    if not state.state.is_terminal and (state.stop is None or not state.stop.forced):
        yield ev.StopRequested(now, f"Terminated by {signal.by}.", forced=state.stop is not None)


def _on_deadline(plan: Plan, state: RunSnapshot, signal: sig.DeadlineReached, now: Instant) -> Iterable[ev.Event]:
    if not state.state.is_terminal and state.stop is None and signal.epoch == state.epoch:
        seconds = plan.pipeline.config.active_deadline_seconds
        yield ev.StopRequested(now, f"The run did not end within its deadline of {seconds} seconds.", deadline=True)


def _on_stop(_: Plan, state: RunSnapshot, __: ev.StopRequested, now: Instant) -> Iterable[ev.Event]:
    if not state.started:
        yield _finish(state, now)
    for node in state.nodes.values():
        if not state.must_stop(node):
            continue
        if node.phase in {NodePhase.LAUNCHED, NodePhase.RUNNING}:
            yield ev.CancelRequested(now, node.id, node.attempt)
        elif node.phase in {NodePhase.CACHE_LOOKUP, NodePhase.BACKING_OFF}:
            yield ev.NodeCanceled(now, node.id)


def _on_retry_run(plan: Plan, state: RunSnapshot, signal: sig.RetryRun, now: Instant) -> Iterable[ev.Event]:
    if state.state in {RunState.FAILED, RunState.CANCELED}:
        yield ev.RunRetried(now, signal.by, _deadline(plan, now))


def _on_ended(plan: Plan, state: RunSnapshot, event: Any, now: Instant) -> Iterable[ev.Event]:
    node = state.nodes[event.node]
    yield from leave_group(plan, state, node, now)
    if node.parent is None:
        yield _finish(state, now)
    else:
        yield from on_node_ended(plan, state, node, now)


def _finish(state: RunSnapshot, now: Instant) -> ev.RunFinished:
    if state.stop is not None:
        if state.stop.deadline:
            return ev.RunFinished(now, RunState.FAILED, TaskFailure(state.stop.reason, "DeadlineExceeded"))
        return ev.RunFinished(now, RunState.CANCELED, TaskFailure(state.stop.reason, "Canceled"))
    if state.root.phase is NodePhase.SUCCEEDED:
        return ev.RunFinished(now, RunState.SUCCEEDED)
    return ev.RunFinished(now, RunState.FAILED, state.root.failure)


def _on_dag_retried(plan: Plan, state: RunSnapshot, event: ev.DagRetried, now: Instant) -> Iterable[ev.Event]:
    return begin(plan, state, state.nodes[event.node], now)


_RULES: Final[dict[type, Rule]] = {
    sig.StartRun: _on_start,
    sig.Terminate: _on_terminate,
    sig.DeadlineReached: _on_deadline,
    sig.RetryRun: _on_retry_run,
    sig.CacheAnswered: on_cache_answered,
    sig.AttemptWaits: on_attempt_waits,
    sig.AttemptBegan: on_attempt_began,
    sig.AttemptFinished: on_attempt_finished,
    sig.BackoffElapsed: on_backoff_elapsed,
    sig.OpenMore: on_open_more,
    ev.RunStarted: _on_run_started,
    ev.RunRetried: _on_run_started,
    ev.StopRequested: _on_stop,
    ev.DagOpened: on_dag_opened,
    ev.LoopOpened: on_loop_opened,
    ev.IterationOpened: on_iteration_opened,
    ev.DagRetried: _on_dag_retried,
    ev.CacheHit: _on_ended,
    ev.AttemptSucceeded: _on_ended,
    ev.NodeSucceeded: _on_ended,
    ev.NodeFailed: _on_ended,
    ev.NodeSkipped: _on_ended,
    ev.NodeCanceled: _on_ended,
}
