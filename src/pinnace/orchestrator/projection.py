"""What a commit holds: new events, and the rows that lists and pages read, made from the state behind them."""

from collections.abc import Iterable, Sequence

from pinnace.domain.artifacts import Artifact
from pinnace.domain.states import RunState
from pinnace.domain.values import Instant
from pinnace.engine import events as ev
from pinnace.engine.codec import encode
from pinnace.engine.view import task_record
from pinnace.orchestrator.loading import LoadedRun
from pinnace.ports.store import CacheEntry, LogAppend, RunProgress


def log_append(loaded: LoadedRun, events: Sequence[ev.Event]) -> LogAppend:
    """The entry for *events*, which the state has taken in already. Forgets which nodes had changed."""
    state = loaded.state
    first = state.sequence - len(events) + 1
    changed, state.changed = state.changed, {}
    return LogAppend(
        run=state.run,
        expected=first - 1,
        events=[encode(event, first + offset) for offset, event in enumerate(events)],
        progress=_progress(loaded, events),
        tasks=[task_record(state, state.nodes[node]) for node in changed],
        artifacts=list(_artifacts(events)),
        cached=list(_cache_entries(loaded, events)),
        taken=[artifact.id for event in events if isinstance(event, ev.CacheHit) for artifact in event.artifacts],
    )


def _progress(loaded: LoadedRun, events: Iterable[ev.Event]) -> RunProgress | None:
    state = loaded.state
    root = ""
    entered: list[tuple[Instant, RunState]] = []
    for event in events:
        match event:
            case ev.RunStarted():
                entered.append((event.at, RunState.RUNNING))
                root = loaded.pipeline_root
            case ev.RunRetried():
                entered.append((event.at, RunState.RUNNING))
            case ev.StopRequested(forced=False):
                entered.append((event.at, RunState.CANCELING))
            case ev.RunFinished():
                entered.append((event.at, event.state))
    if not entered:
        return None
    return RunProgress(state.state, state.finished_at, state.failure, tuple(entered), root)


def _artifacts(events: Iterable[ev.Event]) -> Iterable[Artifact]:
    for event in events:
        if isinstance(event, ev.AttemptSucceeded):
            yield from event.artifacts


def _cache_entries(loaded: LoadedRun, events: Iterable[ev.Event]) -> Iterable[CacheEntry]:
    for event in events:
        if not isinstance(event, ev.AttemptSucceeded):
            continue
        node = loaded.state.nodes[event.node]
        if node.fingerprint:
            yield CacheEntry(
                fingerprint=node.fingerprint,
                pipeline_name=loaded.run.pipeline_name,
                namespace=loaded.run.namespace,
                run=loaded.run.id,
                node=node.id,
                created_at=event.at,
                outputs=event.outputs,
                parts=node.fingerprint_parts,
                component=node.place.component.name,
            )
