"""What a run waits for, as commands: the same after an event as after a crash."""

from collections.abc import Iterable, Sequence

from pinnace.domain.ids import NodeId
from pinnace.domain.states import NodePhase
from pinnace.engine import commands as cmd
from pinnace.engine import events as ev
from pinnace.engine.nodes import Node, RunSnapshot
from pinnace.engine.plan import NodeKind


def outstanding(state: RunSnapshot) -> Sequence[cmd.Command]:
    """Every command that has no answer yet. Issuing them again does nothing twice."""
    return [*_deadline(state), *_of_nodes(state, state.nodes)]


def awaited(state: RunSnapshot, events: Iterable[ev.Event]) -> Sequence[cmd.Command]:
    """The commands that *events*, just taken into the state, call for."""
    events = list(events)
    began = any(isinstance(event, ev.RunStarted | ev.RunRetried) for event in events)
    touched = dict.fromkeys(
        event.loop if isinstance(event, ev.IterationOpened) else event.node
        for event in events
        if isinstance(event, _CALLING)
    )
    return [*(_deadline(state) if began else ()), *_of_nodes(state, touched)]


_CALLING = ev.CacheLookupStarted | ev.AttemptScheduled | ev.BackoffStarted | ev.CancelRequested | ev.IterationOpened


def _deadline(state: RunSnapshot) -> Iterable[cmd.Command]:
    if state.deadline is not None and not state.state.is_terminal and state.stop is None:
        yield cmd.StartDeadline(state.epoch, state.deadline)


def _of_nodes(state: RunSnapshot, nodes: Iterable[NodeId]) -> Iterable[cmd.Command]:
    commands = (_of_node(state.nodes[node]) for node in nodes)
    return (command for command in commands if command is not None)


def _of_node(node: Node) -> cmd.Command | None:
    inputs = node.inputs
    match node.phase:
        case NodePhase.CACHE_LOOKUP:
            return cmd.LookupCache(node.id, node.attempt, inputs)
        case NodePhase.LAUNCHED | NodePhase.RUNNING:
            launch = cmd.ImportArtifact if node.kind is NodeKind.IMPORTER else cmd.LaunchTask
            return launch(node.id, node.attempt, inputs)
        case NodePhase.CANCELING:
            return cmd.CancelAttempt(node.id, node.attempt)
        case NodePhase.BACKING_OFF:
            assert node.until is not None
            return cmd.StartBackoff(node.id, node.attempt, node.until)
        case NodePhase.OPEN if node.filling:
            return cmd.GoOnOpening(node.id)
        case _:
            return None
