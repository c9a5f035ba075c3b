"""What a group gives: outputs of its children, picked or collected."""

from collections.abc import Mapping

from pinnace.domain.ids import ArtifactId, child_node, iteration_node
from pinnace.domain.states import NodePhase
from pinnace.domain.tasks import NodeBinding
from pinnace.domain.values import JsonValue
from pinnace.engine.nodes import Node, RunSnapshot
from pinnace.ir.model import Dag, TaskOutput


def dag_outputs(state: RunSnapshot, node: Node) -> NodeBinding:
    """Outputs of a DAG whose tasks have ended. What its producer did not give is left out: only a consumer may miss it.

    With several selectors (``dsl.OneOf``) the first task that succeeded counts.
    """
    dag = node.place.component.implementation
    assert isinstance(dag, Dag)
    parameters: dict[str, JsonValue] = {}
    for name, selectors in dag.output_parameters.items():
        producer, key = _chosen(state, node, selectors)
        if producer is not None and key in producer.outputs.parameters:
            parameters[name] = producer.outputs.parameters[key]
    artifacts: dict[str, tuple[ArtifactId, ...]] = {}
    for name, selectors in dag.output_artifacts.items():
        producer, key = _chosen(state, node, selectors)
        if producer is not None and key in producer.outputs.artifacts:
            artifacts[name] = producer.outputs.artifacts[key]
    return NodeBinding(parameters, artifacts)


def loop_outputs(state: RunSnapshot, node: Node) -> NodeBinding:
    """Outputs of a loop: lists in the order of the iterations (``dsl.Collected``).

    An iteration that gave nothing, since its producer was skipped, is left out. Artifacts are one flat list.
    """
    assert node.items is not None
    count = len(node.items)
    outputs = [state.nodes[iteration_node(node.id, index)].outputs for index in range(count)]
    interface = node.place.component.outputs
    parameters: Mapping[str, JsonValue] = {
        name: [output.parameters[name] for output in outputs if name in output.parameters]
        for name in interface.parameters
    }
    artifacts = {
        name: tuple(artifact for output in outputs for artifact in output.artifacts.get(name, ()))
        for name in interface.artifacts
    }
    return NodeBinding(parameters, artifacts)


def _chosen(state: RunSnapshot, node: Node, selectors: tuple[TaskOutput, ...]) -> tuple[Node | None, str]:
    for selector in selectors:
        producer = state.nodes[child_node(node.id, selector.task)]
        if producer.phase is NodePhase.SUCCEEDED:
            return producer, selector.key
    return None, ""
