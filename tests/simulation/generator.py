"""Makes a pipeline from a seed: every feature of the engine in every combination, small most of the time."""

from typing import Final

from tests.simulation import shapes
from tests.simulation.channels import Parameter, Scope
from tests.simulation.group_parts import outputs_of
from tests.simulation.groups import GroupMaker
from tests.simulation.scenario import Behaviour, Scenario
from tests.simulation.shapes import make_value, stable_random

from pinnace.domain.values import JsonValue
from pinnace.ir.model import (
    Component,
    ComponentInput,
    Dag,
    FinalStatus,
    InputsSpec,
    ParameterBinding,
    ParameterSpec,
    Pipeline,
    Task,
    TaskInputs,
    TriggerStrategy,
)
from pinnace.ir.platform import PipelineConfig

_SIZES: Final = (3, 5, 8, 8, 12, 12, 16, 25)
_BIG: Final = 100


def generate(seed: int) -> Scenario:
    """The scenario of *seed*: the same in every process."""
    return _PipelineMaker(seed).scenario()


class _PipelineMaker:
    """Makes the root of a pipeline; groups and leaves come from GroupMaker."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.source = stable_random("pipeline", seed)
        self.maker = GroupMaker(self.source)
        self.features = self.maker.features

    def scenario(self) -> Scenario:
        """Make everything."""
        inputs, submitted = self._root_inputs()
        root = self._root(inputs)
        deadline = self.source.choice((1, 2, 3, 5, 60)) if self.source.random() < 0.25 else 0
        if deadline:
            self.features.add("run-deadline")
        caching = self.source.choice((None, None, None, True, False))
        if caching is False:
            self.features.add("caching-off-run")
        pipeline = Pipeline(
            name=f"simulated-{self.seed}",
            root=root,
            components=self.maker.components,
            config=PipelineConfig(active_deadline_seconds=deadline),
        )
        return Scenario(
            seed=self.seed,
            pipeline=pipeline,
            parameters=submitted,
            caching=caching,
            conditions=self.maker.conditions,
            shapes=self.maker.shapes,
            behaviour=self._behaviour(),
            features=frozenset(self.features),
        )

    def _behaviour(self) -> Behaviour:
        failing, flaky = self.source.choice(((0.0, 0.0), (0.0, 0.0), (0.0, 0.3), (0.1, 0.1), (0.25, 0.3), (0.06, 0.0)))
        return Behaviour(self.seed, failing, flaky, repaired=self.source.random() < 0.7)

    def _root_inputs(self) -> tuple[InputsSpec, dict[str, JsonValue]]:
        source = self.source
        specs: dict[str, ParameterSpec] = {}
        submitted: dict[str, JsonValue] = {}
        for index in range(source.randint(0, 5)):
            name, shape = f"p{index}", source.choice(shapes.ALL)
            self.maker.root_shapes[name] = shape
            value = make_value(shape, source)
            self.features.add(f"type-{shape.type.value.lower()}")
            kind = source.random()
            if kind < 0.4:
                specs[name] = ParameterSpec(shape.type, literals=self.maker.literals(shape, value))
                submitted[name] = value
            elif kind < 0.75:
                self.features.add("default")
                specs[name] = ParameterSpec(shape.type, optional=source.random() < 0.8, has_default=True, default=value)
                if source.random() < 0.3:
                    submitted[name] = make_value(shape, source)
            else:
                self.features.add("optional-input")
                specs[name] = ParameterSpec(shape.type, optional=True)
                if source.random() < 0.4:
                    submitted[name] = value
                elif source.random() < 0.3:
                    submitted[name] = None
        return InputsSpec(parameters=specs), submitted

    def _root(self, inputs: InputsSpec) -> Component:
        size = _BIG if self.source.random() < 0.06 else self.source.choice(_SIZES)
        if size == _BIG:
            self.features.add("hundred-nodes")
        scope = Scope(depth=0, room=size)
        scope.parameters = [
            Parameter(ComponentInput(name), self.maker.root_shapes[name], spec.optional and not spec.has_default)
            for name, spec in inputs.parameters.items()
        ]
        if self.source.random() < 0.3:
            self._exit_handlers(scope)
        self.maker.fill(scope)
        parameters, artifacts, outputs = outputs_of(self.maker, scope)
        dag = Dag(scope.tasks, parameters, artifacts)
        return Component("root", dag, inputs, outputs)

    def _exit_handlers(self, scope: Scope) -> None:
        """ExitHandler: a group, and a task of the root that runs once it ended."""
        for _ in range(self.source.choice((1, 1, 1, 2))):
            if scope.room < 2:
                return
            body_key = self.maker.add_group(scope, "exit-handler", room=max(1, scope.room // 2))
            self.features.add("exit-handler")
            outer = [value for value in scope.parameters if not hasattr(value.source, "task")]
            view = Scope(depth=0, room=3, parameters=outer)
            takes_status = self.source.random() < 0.7
            nested = self.source.random() < 0.25
            key = self._exit_task(view, takes_status=takes_status, nested=nested)
            made = view.tasks[key]
            parameters: dict[str, ParameterBinding] = dict(made.inputs.parameters)
            if takes_status:
                self.features.add("final-status")
                parameters["status"] = ParameterBinding(FinalStatus(body_key))
            exit_key = scope.free_key("exit-" + key)
            scope.add(
                Task(
                    key=exit_key,
                    component=made.component,
                    inputs=TaskInputs(parameters, made.inputs.artifacts),
                    depends_on=(body_key,),
                    strategy=TriggerStrategy.COMPLETED,
                    caching=made.caching,
                    retry=made.retry,
                )
            )
            scope.room -= 1
            if self.source.random() < 0.2:
                self._cleanup_after(scope, exit_key)

    def _exit_task(self, view: Scope, *, takes_status: bool, nested: bool) -> str:
        if not nested:
            return self.maker.add_leaf(view, takes_status=takes_status)
        self.features.add("exit-task-is-dag")
        return self.maker.add_group(view, "clean-up", room=2, takes_status=takes_status)

    def _cleanup_after(self, scope: Scope, exit_key: str) -> None:
        """A task behind an exit task: no exit task itself, but rescued from fail-fast."""
        view = Scope(depth=0, room=1)
        key = self.maker.add_leaf(view)
        made = view.tasks[key]
        self.features.add("after-exit-task")
        scope.add(
            Task(
                key=scope.free_key("after-" + key),
                component=made.component,
                inputs=made.inputs,
                depends_on=(exit_key,),
                caching=made.caching,
            )
        )
        scope.room -= 1
