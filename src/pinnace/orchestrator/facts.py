"""What a run's new events mean to whoever observes the server. It follows from the history alone."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from pinnace.domain.ids import ROOT, NodeId
from pinnace.domain.states import NodePhase
from pinnace.domain.tasks import AttemptKey, AttemptRecord
from pinnace.domain.values import SECOND, Instant
from pinnace.engine import events as ev
from pinnace.engine.nodes import Node
from pinnace.orchestrator.loading import LoadedRun
from pinnace.ports.telemetry import (
    AttemptBegan,
    AttemptDone,
    CacheAsked,
    Fact,
    RunDone,
    SpanEnded,
    TaskDone,
    Telemetry,
)

_LOG = logging.getLogger(__name__)

_AttemptEnd: TypeAlias = (
    ev.AttemptSucceeded | ev.AttemptFailed | ev.AttemptLost | ev.AttemptInterrupted | ev.AttemptCanceled
)
_Opening: Final = ev.DagOpened | ev.LoopOpened
_NodeEnd: TypeAlias = ev.NodeSucceeded | ev.NodeFailed | ev.NodeSkipped | ev.NodeCanceled | ev.BackoffStarted
_GROUP_ENDS: Final = {
    "SUCCEEDED": NodePhase.SUCCEEDED,
    "FAILED": NodePhase.FAILED,
    "CANCELED": NodePhase.CANCELED,
    "RETRIED": NodePhase.BACKING_OFF,
}


def tell(telemetry: Telemetry, loaded: LoadedRun, events: Sequence[ev.Event]) -> None:
    """Tell what follows from *events*, the newest of the run, which are durable. A fault in here stops no run."""
    if not telemetry.is_on:
        return
    try:
        telemetry.happened(facts(loaded, events))
    except Exception:
        _LOG.exception("What happened in run %s is missing from metrics and traces.", loaded.run.id)


def facts(loaded: LoadedRun, events: Sequence[ev.Event]) -> list[Fact]:
    """What follows from *events*, the newest of the run. The state has all of them."""
    found: list[Fact] = []
    ahead = Counter(event.node for event in events if isinstance(event, _Opening))
    epoch = loaded.state.epoch - sum(isinstance(event, ev.RunRetried) for event in events)
    for event in events:
        epoch += isinstance(event, ev.RunRetried)
        if isinstance(event, _Opening):
            ahead[event.node] -= 1
        if type(event) in _FACTS:
            found.extend(_FACTS[type(event)](_Moment(loaded, epoch, ahead, event.at), event))
    return found


@dataclass(frozen=True, slots=True)
class _Moment:
    """The run when an event happened. Its state may be further already.

    Attributes:
        epoch: How often the run had been retried.
        ahead: How often groups were opened after the event.
    """

    loaded: LoadedRun
    epoch: int
    ahead: Mapping[NodeId, int]
    at: Instant

    def node(self, node: NodeId) -> Node:
        return self.loaded.state.nodes[node]

    def key(self, node: NodeId, number: int) -> AttemptKey:
        return AttemptKey(self.loaded.run.id, node, number)

    def openings(self, group: Node) -> int:
        """How often the group had been opened."""
        return sum(phase is NodePhase.OPEN for _, phase in group.history) - self.ahead[group.id]

    def around(self, node: Node) -> AttemptKey | None:
        """The opening of the group around *node*, which lasts for as long as anything inside goes on."""
        if node.parent is None:
            return None
        number = self.epoch + 1 if node.parent == ROOT else self.openings(self.node(node.parent))
        return self.key(node.parent, number)

    def span(self, node: Node, number: int, began: Instant, outcome: str) -> SpanEnded:
        name, pipeline = node.place.task.key, self.loaded.run.pipeline_name
        key, end = self.key(node.id, number), max(began, self.at)  # The clock may have been set back.
        return SpanEnded(key, self.around(node), name, pipeline, node.kind.value, began, end, outcome, index=node.index)


def _attempt_began(moment: _Moment, event: ev.AttemptStarted) -> Iterator[Fact]:
    yield AttemptBegan(_seconds(_record(moment, event).scheduled_at, event.at))


def _attempt_ended(moment: _Moment, event: _AttemptEnd) -> Iterator[Fact]:
    record = _record(moment, event)
    outcome = record.outcome.value if record.outcome else ""
    started = record.started_at
    yield AttemptDone(outcome, None if started is None else _seconds(started, event.at))
    span = moment.span(moment.node(event.node), event.attempt, record.scheduled_at, outcome)
    yield replace(span, started_at=started, failure=record.failure)
    if isinstance(event, ev.AttemptSucceeded):
        yield TaskDone("SUCCEEDED")


def _cache_missed(_moment: _Moment, event: ev.CacheMissed) -> Iterator[Fact]:
    if event.fingerprint:  # Without one the cache is off, and was not asked.
        yield CacheAsked(hit=False)


def _cache_hit(moment: _Moment, event: ev.CacheHit) -> Iterator[Fact]:
    node = moment.node(event.node)
    asked = [at for at, phase in node.history if phase is NodePhase.CACHE_LOOKUP]
    yield CacheAsked(hit=True)
    yield replace(moment.span(node, event.attempt, asked[-1], "SUCCEEDED"), cached=True)
    yield TaskDone("CACHED")


def _node_ended(outcome: str) -> Callable[[_Moment, Any], Iterator[Fact]]:
    def found(moment: _Moment, event: _NodeEnd) -> Iterator[Fact]:
        node = moment.node(event.node)
        if node.kind.is_group:
            yield from _opening_ended(moment, node, outcome, event)
        elif outcome != "RETRIED":
            yield TaskDone(outcome)

    return found


def _opening_ended(moment: _Moment, node: Node, outcome: str, event: _NodeEnd) -> Iterator[Fact]:
    """An opening of a DAG or a loop; nothing for one that ended without being open, and for the root: the run ends."""
    number = moment.openings(node)
    opened = [place for place, (_, phase) in enumerate(node.history) if phase is NodePhase.OPEN][number - 1 : number]
    if node.id == ROOT or not opened or node.history[opened[0] + 1] != (moment.at, _GROUP_ENDS.get(outcome)):
        return
    span = moment.span(node, number, node.history[opened[0]][0], outcome)
    yield replace(span, failure=event.failure if isinstance(event, ev.NodeFailed) else None)


def _run_finished(moment: _Moment, event: ev.RunFinished) -> Iterator[Fact]:
    state, root = moment.loaded.state, moment.loaded.state.root
    began = state.created_at
    if moment.epoch:
        opened = root.first_started_at if root.ended_at == event.at else None
        began = event.at if opened is None else opened
    yield RunDone(event.state, _seconds(began, event.at))
    span = moment.span(root, moment.epoch + 1, began, event.state.value)
    yield replace(span, name=moment.loaded.run.pipeline_name, failure=event.failure)


_FACTS: Final[dict[type, Callable[[_Moment, Any], Iterator[Fact]]]] = {
    ev.AttemptStarted: _attempt_began,
    ev.AttemptSucceeded: _attempt_ended,
    ev.AttemptFailed: _attempt_ended,
    ev.AttemptLost: _attempt_ended,
    ev.AttemptInterrupted: _attempt_ended,
    ev.AttemptCanceled: _attempt_ended,
    ev.CacheMissed: _cache_missed,
    ev.CacheHit: _cache_hit,
    ev.NodeSucceeded: _node_ended("SUCCEEDED"),
    ev.NodeFailed: _node_ended("FAILED"),
    ev.NodeSkipped: _node_ended("SKIPPED"),
    ev.NodeCanceled: _node_ended("CANCELED"),
    ev.BackoffStarted: _node_ended("RETRIED"),
    ev.RunFinished: _run_finished,
}


def _record(moment: _Moment, event: _AttemptEnd | ev.AttemptStarted) -> AttemptRecord:
    records = moment.node(event.node).attempts
    return next(record for record in reversed(records) if record.number == event.attempt)


def _seconds(begin: Instant, end: Instant) -> float:
    """Between two times of a clock that may have been set back."""
    return max(0, end - begin) / SECOND
