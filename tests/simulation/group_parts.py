"""What groups of every kind are made of: what they are handed, what they give, and their conditions."""

import random
from dataclasses import replace
from typing import Final

from tests.simulation import shapes
from tests.simulation.channels import ArtifactValue, Parameter, Scope, comparable
from tests.simulation.leaves import LeafMaker
from tests.simulation.scenario import Comparison
from tests.simulation.shapes import Shape, list_of, make_value

from pinnace.domain.artifacts import ArtifactType
from pinnace.domain.values import JsonValue
from pinnace.ir.model import (
    ArtifactSource,
    ArtifactSpec,
    Caching,
    Component,
    ComponentInput,
    Dag,
    InputsSpec,
    OutputsSpec,
    ParameterBinding,
    ParameterSpec,
    ParameterType,
    RetryPolicy,
    Task,
    TaskOutput,
)

_DEEPEST: Final = 4
_KINDS: Final = (("leaf", 11), ("nested", 2), ("condition", 2), ("branches", 2), ("loop", 4))


class GroupParts(LeafMaker):
    """Makes parts of groups. What it makes is kept in ``components``, ``conditions``, ``shapes`` and ``features``."""

    def __init__(self, source: random.Random) -> None:
        super().__init__(source)
        self.conditions: dict[str, tuple[Comparison, ...]] = {}
        self.root_shapes: dict[str, Shape] = {}
        self.pipelines: list[tuple[Component, dict[str, Shape], dict[str, Shape], int]] = []

    def _hand_down(
        self, scope: Scope, room: int, extra: dict[str, Parameter] | None = None, *, tolerant: bool = False
    ) -> tuple[Scope, InputsSpec, dict[str, ParameterBinding], dict[str, ArtifactSource]]:
        """A new DAG in *scope*, with some of what *scope* sees, through inputs named as the compiler names them."""
        inner = Scope(depth=scope.depth + 1, room=room, in_loop=scope.in_loop)
        specs: dict[str, ParameterSpec] = {}
        bindings: dict[str, ParameterBinding] = {}
        chosen = dict(extra or {})
        count = self.source.randint(0, min(3, len(scope.parameters)))
        for index, value in enumerate(self.source.sample(scope.parameters, count)):
            chosen[f"pipelinechannel--{index}"] = value
        for name, value in chosen.items():
            optional = value.doubtful and self.source.random() < 0.85
            specs[name] = ParameterSpec(value.shape.type, optional=optional)
            if tolerant or (not optional and self.source.random() < 0.15 and not value.shape.json_text):
                self.features.add("default")
                default = make_value(value.shape, self.source)
                specs[name] = ParameterSpec(value.shape.type, optional=True, has_default=True, default=default)
                if not tolerant and self.source.random() < 0.4:
                    inner.parameters.append(Parameter(ComponentInput(name), value.shape))
                    continue
            bindings[name] = value.binding()
            inner.parameters.append(replace(value, source=ComponentInput(name), selector="", doubtful=optional))
        artifact_specs: dict[str, ArtifactSpec] = {}
        artifacts: dict[str, ArtifactSource] = {}
        for index, held in enumerate(self.source.sample(scope.artifacts, min(len(scope.artifacts), 2))):
            name = f"pipelinechannel--artifact-{index}"
            artifact_specs[name] = ArtifactSpec(
                ArtifactType(), is_list=held.is_list, optional=tolerant or held.doubtful
            )
            artifacts[name] = held.source
            inner.artifacts.append(ArtifactValue(ComponentInput(name), held.is_list, tolerant or held.doubtful))
        return inner, InputsSpec(specs, artifact_specs), bindings, artifacts

    def _close(self, inner: Scope, stem: str, inputs: InputsSpec, *, collected: bool = False) -> Component:
        parameters, artifacts, outputs = outputs_of(self, inner, collected=collected)
        component = self.keep(stem, Dag(inner.tasks, parameters, artifacts), inputs, outputs)
        made = {
            input_name(value): value.shape for value in inner.parameters if isinstance(value.source, ComponentInput)
        }
        self.input_shapes[component.name] = {
            name: made.get(name, Shape(spec.type)) for name, spec in inputs.parameters.items()
        }
        found: dict[str, Shape] = {}
        for name, (chosen, *_) in parameters.items():
            shape = next(v.shape for v in inner.parameters if v.source == chosen and not v.selector)
            found[name] = list_of(shape)
        if not collected:
            found = {name: shape.element for name, shape in found.items() if shape.element is not None}
        self.group_shapes[component.name] = found
        return component

    def _place(
        self, scope: Scope, task: Task, inner: Scope, *, may_skip: bool = False, collected: bool = False
    ) -> None:
        """Put a group's task into its DAG and offer what it gives."""
        task = replace(task, retry=self._group_retry())
        scope.add(task, may_skip=may_skip)
        component = self.components[task.component]
        dag = component.implementation
        assert isinstance(dag, Dag)
        for name, shape in self.group_shapes[component.name].items():
            (chosen, *_) = dag.output_parameters[name]
            doubtful = not collected and (chosen.task in inner.skippable or _doubtful(inner, chosen))
            scope.offer(task.key, name, shape, doubtful=doubtful)
            if collected:
                self.features.add("collected-parameter")
        for name, (chosen, *_) in dag.output_artifacts.items():
            doubtful = not collected and chosen.task in inner.skippable
            is_list = component.outputs.artifacts[name].is_list
            scope.artifacts.append(ArtifactValue(TaskOutput(task.key, name), is_list, doubtful))
            if collected:
                self.features.add("collected-artifact")

    def _group_retry(self) -> RetryPolicy | None:
        retry = self.retry_policy(0.2)
        if retry is not None:
            self.features.add("group-retry")
        return retry

    def _group_caching(self) -> Caching | None:
        caching = self.source.choice((None, None, None, Caching(enabled=True), Caching(enabled=False)))
        if caching is not None and not caching.enabled:
            self.features.add("caching-off-group")
        return caching

    def _comparison(self, scope: Scope) -> tuple[Parameter, Comparison] | None:
        values = [value for value in scope.parameters if comparable(value.shape)]
        values = [value for value in values if not value.doubtful or value.shape == shapes.NUMBER]
        if not values:
            return None
        value = self.source.choice(values)
        literal: JsonValue = make_value(value.shape, self.source)
        operators = ("==", "!=", "<", "<=", ">", ">=") if value.shape == shapes.NUMBER else ("==", "!=")
        name = f"pipelinechannel--cond-{self.source.randint(1, 3)}"
        cast = value.shape == shapes.NUMBER
        test = Comparison(name, self.source.choice(operators), literal, cast, negated=self.source.random() < 0.2)
        return value, test

    def _condition(self, chain: tuple[Comparison, ...]) -> str:
        text = " && ".join(test.cel() for test in chain)
        self.conditions[text] = chain
        return text


def outputs_of(
    maker: LeafMaker, scope: Scope, *, collected: bool = False
) -> tuple[dict[str, tuple[TaskOutput, ...]], dict[str, tuple[TaskOutput, ...]], OutputsSpec]:
    """Some outputs of the tasks of *scope* as outputs of its DAG."""
    source = maker.source
    made = [v for v in scope.parameters if isinstance(v.source, TaskOutput) and not v.selector]
    parameters: dict[str, tuple[TaskOutput, ...]] = {}
    types: dict[str, ParameterType] = {}
    for index, value in enumerate(source.sample(made, min(len(made), source.randint(0, 2)))):
        assert isinstance(value.source, TaskOutput)
        parameters[f"out-{index}"] = (value.source,)
        types[f"out-{index}"] = ParameterType.LIST if collected else value.shape.type
    artifacts: dict[str, tuple[TaskOutput, ...]] = {}
    specs: dict[str, ArtifactSpec] = {}
    held = [v for v in scope.artifacts if isinstance(v.source, TaskOutput)]
    for index, artifact in enumerate(source.sample(held, min(len(held), source.randint(0, 2)))):
        assert isinstance(artifact.source, TaskOutput)
        artifacts[f"file-{index}"] = (artifact.source,)
        specs[f"file-{index}"] = ArtifactSpec(ArtifactType(), is_list=collected or artifact.is_list)
    return parameters, artifacts, OutputsSpec(types, specs)


def input_name(value: Parameter) -> str:
    return value.source.name if isinstance(value.source, ComponentInput) else ""


def _doubtful(scope: Scope, output: TaskOutput) -> bool:
    return any(value.doubtful for value in scope.parameters if value.source == output)
