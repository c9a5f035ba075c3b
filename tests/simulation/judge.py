"""Compares what became of a run with what its pipeline means."""

from collections.abc import Sequence

from tests.simulation.interpreter import Interpreter, Result
from tests.simulation.scenario import Outcome, Scenario
from tests.simulation.shadow import Shadow, ShadowNode, outcome_of
from tests.simulation.shapes import canonical
from tests.simulation.watch import Violation, require

from pinnace.domain.ids import ROOT, NodeId
from pinnace.domain.states import NodePhase
from pinnace.domain.values import JsonValue
from pinnace.engine.nodes import Node, RunSnapshot
from pinnace.ir.model import Component, ParameterType


class Undisturbed:
    """Choices of a run in which nothing failed and nobody stopped anything."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    def kept(self, node: NodeId) -> Outcome | None:
        """Nothing was tried again."""
        return None

    def held_back(self, node: NodeId) -> NodePhase | None:
        """Nothing was held back."""
        return None

    def run(self, node: NodeId, component: Component, inputs: Outcome) -> Result:
        """Every task succeeds."""
        return Result(NodePhase.SUCCEEDED, self.scenario.run_code(component, inputs, node), inputs)

    def opened(self, loop: NodeId, index: int) -> bool:
        """Every iteration ran."""
        return True

    def items(self, loop: NodeId) -> Sequence[JsonValue] | None:
        """The loop went over what its inputs hold."""
        return None

    def gave_up(self, group: NodeId) -> bool:
        """Nothing failed."""
        return False


class Witnessed:
    """Choices as the history made them; one that the rules do not allow is not admitted."""

    def __init__(self, scenario: Scenario, shadow: Shadow) -> None:
        self.scenario = scenario
        self.shadow = shadow

    def kept(self, node: NodeId) -> Outcome | None:
        """What was spared by a retry."""
        found = self.shadow.nodes.get(node)
        return found.outputs if found is not None and found.kept and found.phase is NodePhase.SUCCEEDED else None

    def held_back(self, node: NodeId) -> NodePhase | None:
        """SKIPPED behind a failure in the same DAG, CANCELED behind a stop, both only if it never began."""
        found = self.shadow.nodes[node]
        if found.began is not None or found.ended is None or found.parent is None:
            return None
        if found.phase is NodePhase.SKIPPED and not found.rescued:
            failure = self.shadow.nodes[found.parent].first_failure
            return NodePhase.SKIPPED if failure is not None and failure <= found.ended else None
        stop = self.shadow.stop_batch
        if found.phase is NodePhase.CANCELED and stop is not None and stop <= found.ended:
            return NodePhase.CANCELED if self.shadow.must_stop(found) else None
        return None

    def run(self, node: NodeId, component: Component, inputs: Outcome) -> Result:
        """How the attempts of a task ended; the monitor has seen to it that they ended in time."""
        found = self.shadow.nodes[node]
        require(found.began is not None, "a task that had nothing to wait for never began:", node)
        outputs = Outcome()
        if found.phase is NodePhase.SUCCEEDED:
            outputs = self.scenario.run_code(component, inputs, node)
        return Result(found.phase, outputs, inputs)

    def opened(self, loop: NodeId, index: int) -> bool:
        """Whether an iteration began; one that did not needs a failed one, or a stop."""
        found = self.shadow.nodes[loop]
        if index in found.opened:
            return True
        excused = found.first_failure is not None or self.shadow.must_stop(found)
        require(excused, "an iteration never began:", loop, index)
        return False

    def items(self, loop: NodeId) -> Sequence[JsonValue] | None:
        """A loop that opens again goes over the same items."""
        found = self.shadow.nodes[loop]
        return found.items if found.items_kept else None

    def gave_up(self, group: NodeId) -> bool:
        """Whether it was canceled between two tries."""
        return self.shadow.nodes[group].canceled_in_backoff


def judge_run(scenario: Scenario, shadow: Shadow) -> bool:
    """Check a run that ended. Answers whether the straight-line meaning alone decided all of it."""
    if not shadow.started:
        return False
    undisturbed = not (shadow.ever_failed or shadow.ever_stopped or shadow.ever_reset)
    meaning = Interpreter(scenario, Undisturbed(scenario) if undisturbed else Witnessed(scenario, shadow))
    if shadow.nodes[ROOT].phase is NodePhase.CANCELED and shadow.nodes[ROOT].began is None:
        return False
    meaning.run()
    _compare(meaning, shadow)
    return undisturbed


def judge_group(scenario: Scenario, shadow: Shadow, group: ShadowNode) -> None:
    """Check what is inside a group that failed and is about to be tried again."""
    meaning = Interpreter(scenario, Witnessed(scenario, shadow))
    result = meaning.group(group.id, group.task if group.is_loop else None, group.component, group.inputs, group.items)
    require(result.phase is NodePhase.FAILED, "a group tries again that ended", result.phase, group.id)
    _compare(meaning, shadow)


def _compare(meaning: Interpreter, shadow: Shadow) -> None:
    for node, wanted in meaning.results.items():
        found = shadow.nodes.get(node)
        require(found is not None, "a node never came to be:", node)
        assert found is not None
        require(found.phase is wanted.phase, f"{node} ended {found.phase} and not {wanted.phase}")
        if wanted.inputs is not None and found.began is not None:
            _same(node, "inputs", _without_messages(found), wanted.inputs)
        _same(node, "outputs", found.outputs, wanted.outputs)


def _without_messages(node: ShadowNode) -> Outcome:
    """A node's inputs with only the parts of a final status that the rules decide; the rest is text for people."""
    parameters = dict(node.inputs.parameters)
    for name, spec in node.component.inputs.parameters.items():
        if spec.type is ParameterType.FINAL_STATUS:
            status = parameters.get(name)
            assert isinstance(status, dict)
            require(bool(status["error"]) == (status["state"] == "FAILED"), "an error goes with a failure:", node.id)
            parameters[name] = {key: status[key] for key in ("state", "pipelineTaskName")}
    return Outcome(parameters, node.inputs.artifacts)


def _same(node: NodeId, what: str, found: Outcome, wanted: Outcome) -> None:
    for part in ("parameters", "artifacts"):
        left, right = canonical(getattr(found, part)), canonical(getattr(wanted, part))
        if left != right:
            raise Violation(f"{what} of {node} are {left} and not {right}")


def judge_state(shadow: Shadow, state: RunSnapshot) -> None:
    """Check that the engine's state says what the history says."""
    require(state.state is shadow.state, "the engine has the run", state.state, "and not", shadow.state)
    require(set(state.nodes) == set(shadow.nodes), "the engine has other nodes:", set(state.nodes) ^ set(shadow.nodes))
    require(state.epoch == shadow.epoch and state.started == shadow.started, "the engine miscounts the run's lives")
    require(state.sequence == shadow.count, "the engine miscounts its events:", state.sequence, shadow.count)
    require(state.created_at == shadow.created_at, "the engine has another time of creation:", state.created_at)
    ends = (state.deadline, state.finished_at, state.failure)
    require(ends == (shadow.deadline, shadow.finished_at, shadow.failure), "the engine has other ends:", ends)
    stop = None if state.stop is None else (state.stop.forced, state.stop.deadline)
    wanted = None if shadow.stop_batch is None else (shadow.stop_forced, shadow.stop_by_deadline)
    require(stop == wanted, "the engine has the stop", stop, "and not", wanted)
    for node_id, node in state.nodes.items():
        _judge_node(shadow.nodes[node_id], node)
        held = {artifact for ids in shadow.nodes[node_id].outputs.artifacts.values() for artifact in ids}
        require(held <= set(map(str, state.artifacts)), "artifacts are not in the state:", node_id)


def _judge_node(wanted: ShadowNode, node: Node) -> None:
    require(node.phase is wanted.phase, f"the engine has {node.id} {node.phase} and not {wanted.phase}")
    outputs = outcome_of(node.outputs.parameters, node.outputs.artifacts)
    _same(node.id, "the engine's outputs", outputs, wanted.outputs)
    attempts = [(a.number, a.scheduled_at, a.started_at, a.ended_at, a.outcome, a.failure) for a in node.attempts]
    tried = [(a.number, a.scheduled, a.started, a.ended, a.outcome, a.failure) for a in wanted.attempts]
    for what, found, told in (
        ("parent", node.parent, wanted.parent),
        ("attempts", attempts, tried),
        ("attempt", node.attempt, wanted.attempt),
        ("history", node.history, wanted.history),
        ("cache", (node.cached, node.fingerprint), (wanted.cached, wanted.fingerprint)),
        ("cache key's parts", dict(node.fingerprint_parts), dict(wanted.parts)),
        ("failure", node.failure, wanted.failure),
        ("reason", node.reason, wanted.reason),
        ("retries", (node.retries, node.losses, node.until), (wanted.retries, wanted.lost, wanted.until)),
        ("start", node.first_started_at, wanted.first_start),
        ("end", node.ended_at, wanted.ended_at),
    ):
        require(found == told, f"the engine has {what} of {node.id} as {found} and not {told}")
