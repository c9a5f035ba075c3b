"""A run played in memory: every command of the engine is answered at once, by a script."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from pinnace.domain.artifacts import Artifact
from pinnace.domain.ids import ArtifactId, RunId, output_artifact_id
from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import NodeBinding, TaskFailure
from pinnace.domain.values import SECOND, Instant, JsonValue
from pinnace.engine import commands as cmd
from pinnace.engine import events as ev
from pinnace.engine import signals as sig
from pinnace.engine.decide import advance
from pinnace.engine.nodes import Node, RunSnapshot
from pinnace.engine.outstanding import outstanding
from pinnace.engine.plan import Plan, build_plan
from pinnace.engine.state import apply, replay
from pinnace.ir.model import ParameterType
from pinnace.ir.parse import parse_pipeline

RUN = RunId("00000000-0000-4000-8000-000000000000")

VALUES: Mapping[ParameterType, JsonValue] = {
    ParameterType.INTEGER: 3,
    ParameterType.DOUBLE: 1.5,
    ParameterType.STRING: "text",
    ParameterType.BOOLEAN: True,
    ParameterType.LIST: [1, 2],
    ParameterType.STRUCT: {"a": 1},
}
"""What a task gives for an output of that type unless a script says otherwise."""


@dataclass(slots=True)
class Played:
    """A run in memory.

    Attributes:
        fails: Task keys whose attempts fail.
        launched: Nodes whose attempts were launched, in order.
    """

    plan: Plan
    state: RunSnapshot
    history: list[ev.Event]
    fails: frozenset[str] = frozenset()
    outputs: Callable[[Node, str, ParameterType], JsonValue] = lambda _node, _key, kind: VALUES[kind]
    launched: list[str] = field(default_factory=list)
    clock: int = SECOND

    def play(self, *signals: sig.Signal) -> "Played":
        """Send signals, and answer every command until none is left."""
        waiting: deque[sig.Signal] = deque(signals)
        waiting.extend(answer for command in outstanding(self.state) for answer in self._answers(command))
        while waiting:
            self.clock += 1
            decision = advance(self.plan, self.state, waiting.popleft(), Instant(self.clock))
            self.history.extend(decision.events)
            waiting.extend(answer for command in decision.commands for answer in self._answers(command))
        return self

    def phases(self) -> dict[str, str]:
        """The phase of every node."""
        return {node.id: node.phase.value for node in self.state.nodes.values()}

    def _answers(self, command: cmd.Command) -> Iterable[sig.Signal]:
        match command:
            case cmd.LookupCache(node, attempt):
                return [sig.CacheAnswered(node, attempt, "fingerprint")]
            case cmd.StartBackoff(node, attempt):
                return [sig.BackoffElapsed(node, attempt)]
            case cmd.GoOnOpening(node):
                return [sig.OpenMore(node)]
            case cmd.CancelAttempt(node, attempt):
                return [sig.AttemptFinished(node, attempt, AttemptOutcome.CANCELED)]
            case cmd.LaunchTask(node, attempt) | cmd.ImportArtifact(node, attempt):
                self.launched.append(node)
                return [sig.AttemptBegan(node, attempt), self._finish(self.state.nodes[node], attempt)]
            case _:
                return []

    def _finish(self, node: Node, attempt: int) -> sig.AttemptFinished:
        if node.place.task.key in self.fails:
            return sig.AttemptFinished(node.id, attempt, AttemptOutcome.FAILED, failure=TaskFailure("It broke."))
        outputs = node.place.component.outputs
        artifacts: dict[str, tuple[ArtifactId, ...]] = {}
        made: list[Artifact] = []
        for key, spec in outputs.artifacts.items():
            artifact = Artifact(output_artifact_id(RUN, node.id, attempt, key, 0), key, spec.type, f"/{node.id}/{key}")
            made.append(artifact)
            artifacts[key] = (artifact.id,)
        parameters = {key: self.outputs(node, key, kind) for key, kind in outputs.parameters.items()}
        binding = NodeBinding(parameters, artifacts)
        return sig.AttemptFinished(node.id, attempt, AttemptOutcome.SUCCEEDED, binding, tuple(made))


def create(document: bytes, parameters: Mapping[str, JsonValue] | None = None, fails: Iterable[str] = ()) -> Played:
    """A run of *document* that was created and not yet started."""
    plan = build_plan(parse_pipeline(document))
    created = ev.RunCreated(Instant(SECOND), dict(parameters or {}))
    state = RunSnapshot(RUN)
    apply(plan, state, created)
    return Played(plan, state, [created], frozenset(fails))


def resume(plan: Plan, history: Iterable[ev.Event], fails: Iterable[str] = ()) -> Played:
    """A run as it is after *history*."""
    events = list(history)
    last = max((event.at for event in events), default=SECOND)
    return Played(plan, replay(plan, RUN, events), events, frozenset(fails), clock=last)
