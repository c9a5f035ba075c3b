"""Makes the tasks of a generated DAG: leaves, and groups of every kind with what is inside them."""

from dataclasses import replace
from typing import Final

from tests.simulation import shapes
from tests.simulation.channels import ArtifactValue, Parameter, Scope
from tests.simulation.group_parts import GroupParts, input_name, outputs_of
from tests.simulation.scenario import Comparison
from tests.simulation.shapes import Shape, is_iterable, list_of, make_value

from pinnace.domain.artifacts import ArtifactType
from pinnace.ir.model import (
    ArtifactSource,
    ArtifactSpec,
    ComponentInput,
    Dag,
    InputsSpec,
    ItemsInput,
    Iterator,
    OutputsSpec,
    ParameterBinding,
    ParameterSpec,
    ParameterType,
    RawItems,
    Task,
    TaskInputs,
    TaskOutput,
    TriggerStrategy,
)

_DEEPEST: Final = 4
_KINDS: Final = (("leaf", 11), ("nested", 2), ("condition", 2), ("branches", 2), ("loop", 4), ("task-loop", 1))


class GroupMaker(GroupParts):
    """Makes groups, with tasks and groups inside them."""

    def fill(self, scope: Scope) -> None:
        """Add tasks until the room is used up, or chance ends it."""
        while scope.room > 0 and (not scope.tasks or self.source.random() > 0.07):
            kinds = [kind for kind, weight in _KINDS for _ in range(weight)]
            kind = "leaf" if scope.depth >= _DEEPEST or scope.room < 2 else self.source.choice(kinds)
            match kind:
                case "nested":
                    self._add_nested(scope)
                case "condition":
                    self._add_condition(scope)
                case "branches":
                    self._add_branches(scope)
                case "loop":
                    self._add_loop(scope)
                case "task-loop":
                    self._add_task_loop(scope)
                case _:
                    self.add_leaf(scope)

    def add_group(self, scope: Scope, stem: str, *, room: int, takes_status: bool = False) -> str:
        """Add a DAG task that always runs, and return its key."""
        inner, inputs, bindings, artifacts = self._hand_down(scope, room)
        if takes_status:
            inputs = replace(
                inputs, parameters={**inputs.parameters, "status": ParameterSpec(ParameterType.FINAL_STATUS)}
            )
        self.fill(inner)
        component = self._close(inner, stem, inputs)
        key = scope.free_key(f"{stem}-1")
        self._place(scope, Task(key, component.name, inputs=TaskInputs(bindings, artifacts)), inner)
        scope.room -= room - inner.room
        return key

    def _add_nested(self, scope: Scope) -> None:
        """A nested pipeline: a new one, or one that is used already."""
        known = [entry for entry in self.pipelines if entry[3] <= scope.room]
        if known and self.source.random() < 0.5:
            component, taken, given, size = self.source.choice(known)
            self.features.add("nested-pipeline-twice")
            parameters = self.bind_all(scope, component.inputs.parameters, taken)
            artifacts = self.bind_artifacts(scope, component.inputs.artifacts)
            if artifacts is None:
                return
            task = Task(
                scope.free_key(component.name.removeprefix("comp-")),
                component.name,
                inputs=TaskInputs(parameters, artifacts),
                depends_on=self.some_tasks(scope, 0.15),
                caching=self._group_caching(),
                retry=self._group_retry(),
            )
            scope.add(task)
            for name, shape in given.items():
                scope.offer(task.key, name, shape, doubtful=True)
            scope.room -= size
            return
        self.features.add("nested-pipeline")
        room = self.source.randint(1, max(1, scope.room // 2))
        tolerant = bool(scope.tasks) and self.source.random() < 0.25
        inner, inputs, bindings, artifacts = self._hand_down(
            scope, room, extra=self._list_of_a_task(scope) if tolerant else None, tolerant=tolerant
        )
        if tolerant and inner.room > 1 and inner.depth < _DEEPEST:
            self._add_loop(inner)
        self.fill(inner)
        component = self._close(inner, "nested", inputs)
        task = Task(
            scope.free_key(component.name.removeprefix("comp-")),
            component.name,
            inputs=TaskInputs(bindings, artifacts),
            depends_on=self.some_tasks(scope, 0.15),
        )
        if tolerant:
            self.features.add("group-ignoring-failure")
            depends_on = task.depends_on or (self.source.choice(list(scope.tasks)),)
            task = replace(task, strategy=TriggerStrategy.COMPLETED, depends_on=depends_on)
        self._place(scope, replace(task, caching=self._group_caching()), inner)
        used = room - inner.room
        scope.room -= used
        taken = {name: self.input_shapes[component.name][name] for name in inputs.parameters}
        given = {name: self.group_shapes[component.name][name] for name in component.outputs.parameters}
        self.pipelines.append((component, taken, given, used))

    def _list_of_a_task(self, scope: Scope) -> dict[str, Parameter]:
        """A list that a task makes, for a group that does without it if need be, and may find another one later."""
        lists = [v for v in scope.parameters if is_iterable(v.shape) and isinstance(v.source, TaskOutput)]
        return {"pipelinechannel--list": self.source.choice(lists)} if lists else {}

    def _add_condition(self, scope: Scope) -> None:
        comparison = self._comparison(scope)
        if comparison is None:
            return self._fallback(scope)
        value, test = comparison
        self.features.add("if")
        room = self.source.randint(1, max(1, scope.room // 2))
        inner, inputs, bindings, artifacts = self._hand_down(scope, room, extra={test.name: value})
        self.fill(inner)
        component = self._close(inner, "condition", inputs)
        task = Task(
            scope.free_key("condition-1"),
            component.name,
            inputs=TaskInputs(bindings, artifacts),
            condition=self._condition((test,)),
        )
        self._place(scope, task, inner, may_skip=True)
        scope.room -= room - inner.room
        return None

    def _add_branches(self, scope: Scope) -> None:
        """If / Elif / Else: a DAG of which at most one branch runs; OneOf gives what that branch gave."""
        tests: dict[str, tuple[Parameter, Comparison]] = {}
        for _ in range(self.source.choice((1, 2))):
            made = self._comparison(scope)
            if made is not None:
                tests.setdefault(made[1].name, made)
        if not tests:
            return self._fallback(scope)
        room = max(1, min(scope.room // 2, 8))
        extra = {name: value for name, (value, _) in tests.items()}
        middle, inputs, bindings, artifacts = self._hand_down(scope, room, extra=extra)
        before: tuple[Comparison, ...] = ()
        chains = []
        for _, test in tests.values():
            chains.append((*before, test))
            before = (*before, replace(test, negated=not test.negated))
        with_else = self.source.random() < 0.7
        if with_else:
            chains.append(before)
            self.features.add("else")
        if len(tests) > 1:
            self.features.add("elif")
        shape = self.source.choice(shapes.SCALARS)
        names = [self._add_branch(middle, chain, shape, extra, room) for chain in chains]
        self._place_branches(scope, middle, inputs, bindings, artifacts, names, shape, with_else=with_else)
        scope.room -= len(chains)
        return None

    def _add_branch(
        self,
        middle: Scope,
        chain: tuple[Comparison, ...],
        shape: Shape,
        extra: dict[str, Parameter],
        room: int,
    ) -> str:
        """One branch; its first leaf gives what OneOf will pick."""
        wanted = {name: value for value in middle.parameters if (name := input_name(value)) in extra}
        inner, inputs, bindings, artifacts = self._hand_down(middle, max(1, room // 2), extra=wanted)
        leaf = self.add_leaf(inner, gives=shape)
        if self.source.random() < 0.4:
            self.fill(inner)
        parameters, artifact_outputs, outputs = outputs_of(self, inner)
        parameters["one"] = (TaskOutput(leaf, "one"),)
        artifact_outputs["one-artifact"] = (TaskOutput(leaf, "one-artifact"),)
        outputs = OutputsSpec(
            {**outputs.parameters, "one": shape.type},
            {**outputs.artifacts, "one-artifact": ArtifactSpec(ArtifactType())},
        )
        component = self.keep("condition", Dag(inner.tasks, parameters, artifact_outputs), inputs, outputs)
        key = middle.free_key("condition-1")
        task = Task(key, component.name, inputs=TaskInputs(bindings, artifacts), condition=self._condition(chain))
        middle.add(task, may_skip=True)
        return key

    def _place_branches(
        self,
        scope: Scope,
        middle: Scope,
        inputs: InputsSpec,
        bindings: dict[str, ParameterBinding],
        artifacts: dict[str, ArtifactSource],
        names: list[str],
        shape: Shape,
        *,
        with_else: bool,
    ) -> None:
        dag = Dag(
            middle.tasks,
            {"picked": tuple(TaskOutput(name, "one") for name in names)},
            {"picked-artifact": tuple(TaskOutput(name, "one-artifact") for name in names)},
        )
        outputs = OutputsSpec({"picked": shape.type}, {"picked-artifact": ArtifactSpec(ArtifactType())})
        component = self.keep("condition-branches", dag, inputs, outputs)
        self.features |= {"oneof-parameter", "oneof-artifact"}
        task = Task(
            scope.free_key("condition-branches-1"),
            component.name,
            inputs=TaskInputs(bindings, artifacts),
            retry=self._group_retry(),
        )
        scope.add(task)
        scope.offer(task.key, "picked", shape, doubtful=not with_else)
        scope.artifacts.append(ArtifactValue(TaskOutput(task.key, "picked-artifact"), doubtful=not with_else))

    def _add_loop(self, scope: Scope) -> None:
        over_artifacts = self.source.random() < 0.3 and any(value.is_list for value in scope.artifacts)
        items = None if over_artifacts else self._items(scope)
        count = self.source.choice((0, 1, 2, 2, 3, 3, 4)) if items is None else 3
        room = max(1, scope.room // 2 // max(count, 1))
        inner, inputs, bindings, artifacts = self._hand_down(scope, room)
        inner.in_loop = True
        self.features.add("nested-loop" if scope.in_loop else "loop")
        if over_artifacts:
            inputs, iterator = self._artifact_items(scope, inner, inputs, artifacts)
        else:
            inputs, iterator = self._parameter_items(inner, inputs, bindings, items, count)
        if iterator.parallelism:
            self.features.add("parallelism")
        self.fill(inner)
        component = self._close(inner, "for-loop", inputs, collected=True)
        task = Task(
            scope.free_key("for-loop-1"),
            component.name,
            inputs=TaskInputs(bindings, artifacts),
            iterator=iterator,
            condition=self._loop_condition(items),
        )
        self._place(
            scope,
            replace(task, depends_on=self.some_tasks(scope, 0.15)),
            inner,
            may_skip=bool(task.condition),
            collected=True,
        )
        scope.room -= max(1, (room - inner.room) * count)

    def _loop_condition(self, items: Parameter | None) -> str:
        """A condition on the loop itself, over its items: the iterations do not see what it looks at."""
        if items is None or not items.shape.json_text or self.source.random() < 0.5:
            return ""
        self.features.add("condition-on-loop")
        return self._condition((Comparison("pipelinechannel--items", "!=", "[]", cast=False, negated=False),))

    def _add_task_loop(self, scope: Scope) -> None:
        """A loop whose body is a container or importer task itself: valid, though the SDK always puts a DAG between."""
        count = self.source.choice((1, 2, 3))
        view = Scope(depth=scope.depth, room=1, parameters=list(scope.parameters), artifacts=list(scope.artifacts))
        key = self.add_leaf(view)
        made = view.tasks[key]
        component = self.components[made.component]
        taken = [n for n in made.inputs.parameters if n in component.inputs.parameters]
        if not taken:
            return self._fallback(scope)
        self.features.add("loop-over-task")
        item = self.source.choice(taken)
        shape = self.input_shapes[component.name].get(item, shapes.TEXT)
        outputs = OutputsSpec(
            dict.fromkeys(component.outputs.parameters, ParameterType.LIST),
            {name: replace(spec, is_list=True) for name, spec in component.outputs.artifacts.items()},
        )
        body = replace(component, name=f"{component.name}-loop-{len(self.components)}", outputs=outputs)
        self.components[body.name] = body
        self.shapes[body.name] = self.shapes.get(component.name, {})
        self.input_shapes[body.name] = self.input_shapes[component.name]
        bindings = {name: given for name, given in made.inputs.parameters.items() if name != item}
        made_of = shapes.NUMBER if shape == shapes.TEXT and self.source.random() < 0.5 else shape
        items = RawItems(tuple(make_value(made_of, self.source) for _ in range(count)))
        task = replace(
            made,
            key=scope.free_key("for-loop-1"),
            component=body.name,
            inputs=TaskInputs(bindings, made.inputs.artifacts),
            iterator=Iterator(items, item, parallelism=self._parallelism()),
        )
        scope.add(task)
        scope.room -= count
        for name, given in self.shapes[body.name].items():
            scope.offer(task.key, name, list_of(given))
        scope.artifacts += [ArtifactValue(TaskOutput(task.key, name), is_list=True) for name in outputs.artifacts]
        return None

    def _items(self, scope: Scope) -> Parameter | None:
        if self.source.random() < 0.04 and scope.parameters:
            self.features.add("loop-over-text")
            value = self.source.choice(scope.parameters)
            return replace(value, shape=shapes.LISTED_TEXT)
        values = [value for value in scope.parameters if is_iterable(value.shape)]
        if self.source.random() < 0.8:
            values = [value for value in values if not value.doubtful]
        return self.source.choice(values) if values and self.source.random() < 0.75 else None

    def _artifact_items(
        self, scope: Scope, inner: Scope, inputs: InputsSpec, artifacts: dict[str, ArtifactSource]
    ) -> tuple[InputsSpec, Iterator]:
        self.features.add("artifact-iterator")
        lists = [value for value in scope.artifacts if value.is_list]
        artifacts["pipelinechannel--files"] = self.source.choice(lists).source
        specs = {
            **inputs.artifacts,
            "pipelinechannel--files": ArtifactSpec(ArtifactType(), is_list=True),
            "pipelinechannel--files-loop-item": ArtifactSpec(ArtifactType()),
        }
        inner.artifacts.append(ArtifactValue(ComponentInput("pipelinechannel--files-loop-item")))
        iterator = Iterator(
            ItemsInput("pipelinechannel--files"),
            "pipelinechannel--files-loop-item",
            over_artifacts=True,
            parallelism=self._parallelism(),
        )
        return replace(inputs, artifacts=specs), iterator

    def _parameter_items(
        self,
        inner: Scope,
        inputs: InputsSpec,
        bindings: dict[str, ParameterBinding],
        items: Parameter | None,
        count: int,
    ) -> tuple[InputsSpec, Iterator]:
        name = "pipelinechannel--loop-item-param-1"
        specs = dict(inputs.parameters)
        over: RawItems | ItemsInput
        if items is None:
            element = self.source.choice((shapes.NUMBER, shapes.TEXT, shapes.RECORD, shapes.LISTS[0]))
            over = RawItems(tuple(make_value(element, self.source) for _ in range(count)))
            self.features.add("loop-over-constants" if count else "empty-loop")
        else:
            assert items.shape.element is not None
            element = items.shape.element
            over = ItemsInput("pipelinechannel--items")
            specs["pipelinechannel--items"] = ParameterSpec(items.shape.type)
            bindings["pipelinechannel--items"] = items.binding()
            self.features.add("loop-over-output" if isinstance(items.source, TaskOutput) else "loop-over-input")
            if self.source.random() < 0.15:
                inner.parameters.append(Parameter(ComponentInput("pipelinechannel--items"), items.shape))
        untyped = element == shapes.NUMBER and self.source.random() < 0.3
        if untyped:
            # The compiler declares items of untyped lists as text; the tasks inside know what they are.
            self.features.add("untyped-items")
        specs[name] = ParameterSpec(ParameterType.STRING if untyped else element.type)
        item = Parameter(ComponentInput(name), element)
        inner.parameters += [item, item]
        if element == shapes.RECORD:
            self.features.add("selector")
            selector = f'parseJson(string_value)["{shapes.RECORD_KEY}"]'
            inner.parameters.append(replace(item, shape=shapes.NUMBER, selector=selector))
        return replace(inputs, parameters=specs), Iterator(over, name, parallelism=self._parallelism())

    def _parallelism(self) -> int:
        return self.source.choice((0, 0, 0, 1, 2))

    def _fallback(self, scope: Scope) -> None:
        self.add_leaf(scope)
