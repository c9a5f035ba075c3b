"""Makes the leaves of a generated pipeline: container and importer tasks, and the components behind them."""

import random
import re
from collections.abc import Mapping
from dataclasses import replace

from tests.simulation import shapes
from tests.simulation.channels import ArtifactValue, Parameter, Scope, constant
from tests.simulation.shapes import Shape, make_value

from pinnace.domain.artifacts import ArtifactType
from pinnace.domain.values import JsonValue
from pinnace.ir.model import (
    ArtifactSource,
    ArtifactSpec,
    Caching,
    Component,
    Container,
    Dag,
    FinalStatus,
    Importer,
    InputsSpec,
    OutputsSpec,
    ParameterBinding,
    ParameterSpec,
    ParameterType,
    RetryPolicy,
    Task,
    TaskInputs,
    TaskOutput,
    TriggerStrategy,
)

_IMAGE = "python:3.11"


class LeafMaker:
    """Makes leaves. Components are made once and used again."""

    def __init__(self, source: random.Random) -> None:
        self.source = source
        self.components: dict[str, Component] = {}
        self.shapes: dict[str, dict[str, Shape]] = {}
        self.input_shapes: dict[str, dict[str, Shape]] = {}
        self.group_shapes: dict[str, dict[str, Shape]] = {}
        self.features: set[str] = set()

    def add_leaf(self, scope: Scope, *, gives: Shape | None = None, takes_status: bool = False) -> str:
        """Add a container task, or an importer, and return its key. ``gives``: it must give that, as ``one``."""
        plain = gives is None and not takes_status
        if plain and self.source.random() < 0.1:
            return self._add_importer(scope)
        used = [c for c in self.components.values() if re.fullmatch(r"comp-work-\d+", c.name)]
        known = self.source.choice(used) if used and plain and self.source.random() < 0.35 else None
        component = known or self._component(scope, gives, takes_status=takes_status)
        parameters = self.bind_all(scope, component.inputs.parameters, self.input_shapes[component.name])
        if self.source.random() < 0.05:
            self.features.add("undeclared-input")
            parameters["base_image"] = constant(_IMAGE)
        artifacts = self.bind_artifacts(scope, component.inputs.artifacts)
        if artifacts is None:
            return self.add_leaf(scope, gives=gives, takes_status=takes_status)
        task = Task(
            key=scope.free_key(component.name.removeprefix("comp-")),
            component=component.name,
            inputs=TaskInputs(parameters, artifacts),
            depends_on=self.some_tasks(scope, 0.25),
            caching=self._caching(),
            retry=self._task_retry(),
        )
        if plain and scope.tasks and self.source.random() < 0.08:
            task = self._ignoring_failure(scope, task)
        self._finish(scope, task, component)
        return task.key

    def _finish(self, scope: Scope, task: Task, component: Component) -> None:
        scope.add(task)
        scope.room -= 1
        for name, shape in self.shapes.get(component.name, {}).items():
            scope.offer(task.key, name, shape)
        for name, spec in component.outputs.artifacts.items():
            scope.artifacts.append(ArtifactValue(TaskOutput(task.key, name), spec.is_list))

    def _ignoring_failure(self, scope: Scope, task: Task) -> Task:
        """``ignore_upstream_failure``: runs whatever its upstream ended as; its inputs have defaults."""
        self.features.add("ignore-upstream-failure")
        component = self.components[task.component]
        specs = {
            name: replace(
                spec,
                optional=True,
                has_default=True,
                default=make_value(self.input_shapes[component.name][name], self.source),
            )
            for name, spec in component.inputs.parameters.items()
            if spec.type is not ParameterType.TASK_CONFIG
        }
        artifacts = {name: replace(spec, optional=True) for name, spec in component.inputs.artifacts.items()}
        tolerant = replace(component, name=component.name + "-t", inputs=InputsSpec(specs, artifacts))
        self.components[tolerant.name] = tolerant
        self.shapes[tolerant.name] = self.shapes[component.name]
        self.input_shapes[tolerant.name] = self.input_shapes[component.name]
        depends_on = task.depends_on or (self.source.choice(list(scope.tasks)),)
        task = replace(task, component=tolerant.name, depends_on=depends_on, strategy=TriggerStrategy.COMPLETED)
        return self._with_status(task, tolerant) if self.source.random() < 0.3 else task

    def _with_status(self, task: Task, component: Component) -> Task:
        """It asks how what it waits for ended. In the root that makes it an exit task, anywhere else it does not."""
        self.features.add("status-of-a-task")
        specs = {**component.inputs.parameters, "status": ParameterSpec(ParameterType.FINAL_STATUS)}
        watching = replace(component, name=component.name + "s", inputs=replace(component.inputs, parameters=specs))
        self.components[watching.name] = watching
        self.shapes[watching.name] = self.shapes[component.name]
        self.input_shapes[watching.name] = self.input_shapes[component.name]
        parameters = {**task.inputs.parameters, "status": ParameterBinding(FinalStatus(task.depends_on[0]))}
        return replace(task, component=watching.name, inputs=replace(task.inputs, parameters=parameters))

    def _add_importer(self, scope: Scope) -> str:
        self.features.add("importer-in-loop" if scope.in_loop else "importer")
        name = self._name("importer")
        uri = scope.pick(self.source, shapes.TEXT) if self.source.random() < 0.5 else None
        if uri is not None and (uri.shape != shapes.TEXT or uri.doubtful):
            uri = None
        specs = {"uri": ParameterSpec(ParameterType.STRING)}
        component = Component(
            name,
            Importer(ArtifactType("system.Dataset"), uri_input="uri"),
            InputsSpec(specs),
            OutputsSpec({}, {"artifact": ArtifactSpec(ArtifactType("system.Dataset"))}),
            executor_label=name.replace("comp-", "exec-"),
        )
        self.components[name] = component
        self.input_shapes[name] = {"uri": shapes.TEXT}
        binding = uri.binding() if uri is not None else constant("s3://bucket/file")
        task = Task(
            key=scope.free_key(name.removeprefix("comp-")),
            component=name,
            inputs=TaskInputs({"uri": binding}),
            depends_on=self.some_tasks(scope, 0.25),
            caching=self._caching(),
            retry=self._task_retry(),
        )
        self._finish(scope, task, component)
        return task.key

    def _component(self, scope: Scope, gives: Shape | None, *, takes_status: bool) -> Component:
        source = self.source
        taken: dict[str, Shape] = {}
        specs: dict[str, ParameterSpec] = {}
        for index in range(source.randint(0, 3)):
            seen = [value.shape for value in scope.parameters]
            shape = source.choice(seen) if seen and source.random() < 0.7 else source.choice(shapes.ALL)
            if source.random() < 0.2:
                shape = shapes.TEXT
            taken[f"in-{index}"] = shape
            specs[f"in-{index}"] = self._input(shape)
        if takes_status:
            specs["status"] = ParameterSpec(ParameterType.FINAL_STATUS)
        if source.random() < 0.05:
            self.features.add("task-config")
            specs["config"] = ParameterSpec(ParameterType.TASK_CONFIG)
        artifacts: dict[str, ArtifactSpec] = {}
        for index in range(source.choice((0, 0, 1, 1, 2)) if scope.artifacts else 0):
            is_list = source.choice(scope.artifacts).is_list
            artifacts[f"file-{index}"] = ArtifactSpec(ArtifactType(), is_list, optional=source.random() < 0.3)
        given: dict[str, Shape] = {f"out-{i}": source.choice(shapes.ALL) for i in range(source.randint(0, 2))}
        files = {f"made-{i}": ArtifactSpec(ArtifactType(), source.random() < 0.3) for i in range(source.randint(0, 1))}
        if gives is not None:
            given["one"] = gives
            files["one-artifact"] = ArtifactSpec(ArtifactType())
        for shape in (*taken.values(), *given.values()):
            self.features.add(f"type-{shape.type.value.lower()}")
        name = self._name("work" if gives is None and not takes_status else "pick")
        component = Component(
            name,
            Container(_IMAGE, ("run",)),
            InputsSpec(specs, artifacts),
            OutputsSpec({key: shape.type for key, shape in given.items()}, files),
            executor_label=name.replace("comp-", "exec-"),
        )
        self.components[name] = component
        self.shapes[name] = given
        self.input_shapes[name] = taken
        return component

    def _input(self, shape: Shape) -> ParameterSpec:
        draw = self.source.random()
        value = make_value(shape, self.source)
        if draw < 0.2:
            self.features.add("default")
            return ParameterSpec(shape.type, optional=True, has_default=True, default=value)
        if draw < 0.4:
            self.features.add("optional-input")
            return ParameterSpec(shape.type, optional=True)
        if draw < 0.45:
            return ParameterSpec(shape.type, literals=self.literals(shape, value))
        return ParameterSpec(shape.type)

    def literals(self, shape: Shape, value: JsonValue) -> tuple[JsonValue, ...]:
        """Values that an input is restricted to, most of the time none; *value* is nearly always among them."""
        if shape not in {shapes.NUMBER, shapes.TEXT} or self.source.random() < 0.6:
            return ()
        self.features.add("literals")
        if shape == shapes.NUMBER:
            return tuple(range(6)) if self.source.random() < 0.8 else (0, 1, 2)
        return (*shapes.WORDS, value) if self.source.random() < 0.8 else shapes.WORDS[:2]

    def bind_all(
        self, scope: Scope, specs: Mapping[str, ParameterSpec], taken: Mapping[str, Shape]
    ) -> dict[str, ParameterBinding]:
        """Bindings for the parameters of a component."""
        bindings: dict[str, ParameterBinding] = {}
        present: list[str] = []
        for name, spec in specs.items():
            if spec.type in {ParameterType.FINAL_STATUS, ParameterType.TASK_CONFIG}:
                continue
            shape = taken[name]
            if spec.optional and self.source.random() < 0.3:
                self.features.add("omitted-input")
                continue
            value = scope.pick(self.source, shape) if self.source.random() < 0.8 else None
            if value is not None and value.doubtful and not spec.optional and self.source.random() < 0.6:
                value = None
            if value is None and self.source.random() < 0.01:
                value = self._misfit(scope)
            if value is None and shape == shapes.TEXT and not spec.literals and self.source.random() < 0.3:
                bindings[name] = self._placeholder(present)
                continue
            if value is not None and not value.doubtful:
                present.append(name)
            bindings[name] = value.binding() if value is not None else constant(make_value(shape, self.source))
        return bindings

    def _placeholder(self, present: list[str]) -> ParameterBinding:
        """A text that names the task, or holds the value of an input that is *present* for sure."""
        self.features.add("placeholder")
        if present and self.source.random() < 0.6:
            name = self.source.choice(present)
            return constant(f"<{{{{$.inputs.parameters['{name}']}}}}>")
        return constant("by {{$.pipeline_task_name}}")

    def _misfit(self, scope: Scope) -> Parameter | None:
        """A value whatever its shape. Most of the time an input refuses it."""
        self.features.add("type-mismatch")
        return self.source.choice(scope.parameters) if scope.parameters else None

    def bind_artifacts(self, scope: Scope, specs: Mapping[str, ArtifactSpec]) -> dict[str, ArtifactSource] | None:
        """Bindings for the artifacts of a component, or None where the scope has nothing that fits."""
        bindings: dict[str, ArtifactSource] = {}
        for name, spec in specs.items():
            value = scope.pick_artifact(self.source, is_list=spec.is_list)
            if value is not None and value.doubtful and not spec.optional and self.source.random() < 0.6:
                value = None
            if value is not None:
                self.features.add("artifact-list" if spec.is_list else "artifact")
                bindings[name] = value.source
            elif not spec.optional:
                return None
        return bindings

    def some_tasks(self, scope: Scope, chance: float) -> tuple[str, ...]:
        """Tasks to wait for without taking anything from them."""
        if not scope.tasks or self.source.random() >= chance:
            return ()
        self.features.add("order-only")
        count = min(len(scope.tasks), self.source.choice((1, 1, 2)))
        return tuple(self.source.sample(list(scope.tasks), count))

    def retry_policy(self, chance: float) -> RetryPolicy | None:
        """A retry policy, or none."""
        if self.source.random() >= chance:
            return None
        return RetryPolicy(
            max_retries=self.source.choice((0, 1, 1, 2, 3)),
            backoff_seconds=self.source.choice((0.0, 0.5, 1.0, 5.0)),
            factor=self.source.choice((1.0, 2.0, 2.0, 3.0)),
            max_seconds=self.source.choice((3600.0, 3600.0, 3600.0, 4.0, 10.0)),
        )

    def _task_retry(self) -> RetryPolicy | None:
        retry = self.retry_policy(0.35)
        if retry is not None:
            self.features.add("task-retry")
        return retry

    def _caching(self) -> Caching | None:
        caching = self.source.choice((None, Caching(enabled=True), Caching(enabled=True), Caching(enabled=False)))
        if caching is not None:
            self.features.add("caching-on" if caching.enabled else "caching-off-task")
        return caching

    def keep(self, stem: str, dag: Dag, inputs: InputsSpec, outputs: OutputsSpec) -> Component:
        """Make a DAG component."""
        component = Component(self._name(stem), dag, inputs, outputs)
        self.components[component.name] = component
        return component

    def _name(self, stem: str) -> str:
        return f"comp-{stem}-{len(self.components) + 1}"
