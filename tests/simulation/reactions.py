"""What the first events after a signal must be: the rules for signals, stated once more and independently."""

from collections.abc import Sequence

from tests.simulation.shadow import Shadow, ShadowNode
from tests.simulation.watch import require

from pinnace.domain.states import AttemptOutcome, NodePhase, RunState
from pinnace.engine import events as ev
from pinnace.engine import signals as sig

_UNDERWAY = (NodePhase.LAUNCHED, NodePhase.RUNNING, NodePhase.CANCELING)
_BY_OUTCOME: dict[AttemptOutcome, type[ev.Event]] = {
    AttemptOutcome.FAILED: ev.AttemptFailed,
    AttemptOutcome.LOST: ev.AttemptLost,
    AttemptOutcome.INTERRUPTED: ev.AttemptInterrupted,
    AttemptOutcome.CANCELED: ev.AttemptCanceled,
}


def check_reaction(shadow: Shadow, signal: sig.Signal, events: Sequence[ev.Event]) -> None:
    """Object unless *events*, not yet in *shadow*, begin with what *signal* calls for; often that is nothing."""
    if isinstance(signal, sig.OpenMore):
        return  # How many iterations a slice has is up to the engine; the monitor judges each of them.
    wanted = _wanted(shadow, signal)
    first = events[0] if events else None
    if wanted is None:
        require(first is None, "a signal that is late or early did something:", signal, first)
        return
    require(isinstance(first, wanted), f"the run answered with {first} and not with {wanted.__name__} to", signal)
    match signal, first:
        case sig.CacheAnswered(), ev.CacheHit():
            same = (first.outputs, first.artifacts) == (signal.outputs, signal.artifacts)
            require(same and first.fingerprint == signal.fingerprint and first.parts == signal.parts, "garbled:", first)
        case sig.CacheAnswered(), ev.CacheMissed():
            require(first.fingerprint == signal.fingerprint and first.parts == signal.parts, "garbled:", first)
        case sig.AttemptFinished(), ev.AttemptSucceeded():
            require((first.outputs, first.artifacts) == (signal.outputs, signal.artifacts), "garbled:", first)
        case sig.AttemptFinished(), ev.AttemptFailed() | ev.AttemptLost():
            require(first.failure is not None and bool(first.failure.message), "a failure without a word:", first)
            require(signal.failure in {None, first.failure}, "another failure than was reported:", first)
        case ((sig.Terminate() | sig.RetryRun()), (ev.StopRequested() | ev.RunRetried())):
            said = first.reason if isinstance(first, ev.StopRequested) else first.by
            require(signal.by in said, "nobody can tell who did it:", first)
        case _:
            pass


def _wanted(shadow: Shadow, signal: sig.Signal) -> type[ev.Event] | None:
    ended = shadow.state.is_terminal
    match signal:
        case sig.StartRun():
            return ev.RunStarted if shadow.state is RunState.PENDING else None
        case sig.Terminate():
            return ev.StopRequested if not ended and not shadow.stop_forced else None
        case sig.DeadlineReached():
            timely = not ended and shadow.stop_batch is None and signal.epoch == shadow.epoch
            return ev.StopRequested if timely else None
        case sig.RetryRun():
            return ev.RunRetried if shadow.state in {RunState.FAILED, RunState.CANCELED} else None
        case sig.OpenMore():
            return None
        case _:
            node = shadow.nodes.get(signal.node)
            return None if node is None or node.attempt != signal.attempt else _wanted_of_node(node, signal)


def _wanted_of_node(node: ShadowNode, signal: sig.Signal) -> type[ev.Event] | None:
    match signal:
        case sig.CacheAnswered() if node.phase is NodePhase.CACHE_LOOKUP:
            return ev.CacheMissed if signal.outputs is None else ev.CacheHit
        case sig.AttemptBegan() if node.phase is NodePhase.LAUNCHED:
            return ev.AttemptStarted
        case sig.AttemptWaits() if node.phase is NodePhase.LAUNCHED and node.reason != signal.reason:
            return ev.AttemptHeld
        case sig.BackoffElapsed() if node.phase is NodePhase.BACKING_OFF:
            return ev.DagRetried if node.is_group else ev.AttemptScheduled
        case sig.AttemptFinished() if node.phase in _UNDERWAY:
            if signal.outcome is AttemptOutcome.SUCCEEDED:
                return ev.AttemptSucceeded
            return ev.AttemptCanceled if node.phase is NodePhase.CANCELING else _BY_OUTCOME[signal.outcome]
        case _:
            return None
