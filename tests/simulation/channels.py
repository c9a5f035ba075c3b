"""What the tasks of a generated DAG can see, and how one of them is bound to it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from tests.simulation import shapes
from tests.simulation.shapes import Shape

from pinnace.domain.values import JsonValue
from pinnace.ir.model import (
    ArtifactSource,
    ComponentInput,
    Constant,
    ParameterBinding,
    ParameterSource,
    ParameterType,
    Task,
    TaskOutput,
)

RECORD_SELECTOR: Final = f'parseJson(string_value)["{shapes.RECORD_KEY}"]'
"""The only expression that the compiler writes: one key of a dictionary."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that tasks can take. ``doubtful``: its producer may leave it out although all went well."""

    source: ParameterSource
    shape: Shape
    doubtful: bool = False
    selector: str = ""

    def binding(self) -> ParameterBinding:
        """The binding that takes it."""
        return ParameterBinding(self.source, self.selector)

    def inside(self, name: str) -> "Parameter":
        """How the tasks of a group see it that receives it as input *name*."""
        return Parameter(ComponentInput(name), self.shape, self.doubtful)


@dataclass(frozen=True, slots=True)
class ArtifactValue:
    """An artifact, or a list of them, that tasks can take."""

    source: ArtifactSource
    is_list: bool = False
    doubtful: bool = False


@dataclass(slots=True)
class Scope:
    """A DAG in the making.

    Attributes:
        skippable: Tasks that may be skipped although all went well.
        depth: How many groups are around it.
        room: How many leaf nodes it may still add, all iterations counted.
    """

    depth: int
    room: int
    parameters: list[Parameter] = field(default_factory=list)
    artifacts: list[ArtifactValue] = field(default_factory=list)
    tasks: dict[str, Task] = field(default_factory=dict)
    skippable: set[str] = field(default_factory=set)
    in_loop: bool = False

    def add(self, task: Task, *, may_skip: bool = False) -> None:
        """Put *task* into the DAG and work out whether it may be skipped."""
        self.tasks[task.key] = task
        if may_skip or (upstream(task) & self.skippable and task.strategy.name == "SUCCEEDED"):
            self.skippable.add(task.key)

    def free_key(self, stem: str) -> str:
        """A task key that is not taken, numbered as the compiler does."""
        if stem not in self.tasks:
            return stem
        number = 2
        while f"{stem}-{number}" in self.tasks:
            number += 1
        return f"{stem}-{number}"

    def offer(self, task: str, key: str, shape: Shape, *, doubtful: bool = False) -> None:
        """Make an output parameter of *task* available, and a key of it where it is a dictionary."""
        value = Parameter(TaskOutput(task, key), shape, doubtful)
        self.parameters.append(value)
        if shape == shapes.RECORD:
            self.parameters.append(replace(value, shape=shapes.NUMBER, selector=RECORD_SELECTOR))

    def pick(self, source: random.Random, shape: Shape) -> Parameter | None:
        """A value that fits an input of *shape*, later ones more likely; None where there is none."""
        fitting = [value for value in self.parameters if fits(value.shape, shape)]
        return _late(fitting, source) if fitting else None

    def pick_artifact(self, source: random.Random, *, is_list: bool) -> ArtifactValue | None:
        """An artifact, or a list of them."""
        fitting = [value for value in self.artifacts if value.is_list == is_list]
        return _late(fitting, source) if fitting else None


def fits(given: Shape, wanted: Shape) -> bool:
    """Whether a value of one shape can be bound to an input of another: text takes anything."""
    return wanted in {shapes.TEXT, given}


def constant(value: JsonValue) -> ParameterBinding:
    """A binding to a value in the document."""
    return ParameterBinding(Constant(value))


def upstream(task: Task) -> set[str]:
    """Tasks that *task* waits for: listed, or producers of its inputs."""
    found = set(task.depends_on)
    found |= {b.source.task for b in task.inputs.parameters.values() if hasattr(b.source, "task")}
    found |= {s.task for s in task.inputs.artifacts.values() if isinstance(s, TaskOutput)}
    return found


def comparable(shape: Shape) -> bool:
    """Whether conditions compare values of that shape."""
    return shape.type in {ParameterType.INTEGER, ParameterType.BOOLEAN, ParameterType.STRING} and not shape.json_text


_Value = TypeVar("_Value")


def _late(fitting: Sequence[_Value], source: random.Random) -> _Value:
    return fitting[max(source.randrange(len(fitting)), source.randrange(len(fitting)))]
