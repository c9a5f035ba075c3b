"""What two pipelines do differently, task by task, in terms of what a person wrote."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pinnace.domain.values import JsonValue
from pinnace.ir.fingerprint import without_credentials
from pinnace.ir.lightweight import split_command
from pinnace.ir.model import Component, Constant, Container, Dag, Importer, Pipeline, RawItems, Task


class Aspect(StrEnum):
    """What of a task differs."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    CODE = "CODE"
    """The source of a Python component."""
    PACKAGES = "PACKAGES"
    IMAGE = "IMAGE"
    COMMAND = "COMMAND"
    VARIABLES = "VARIABLES"
    RESOURCES = "RESOURCES"
    CONSTANTS = "CONSTANTS"
    """Values that the pipeline itself gives to the task."""
    IMPORTED = "IMPORTED"
    """What an importer takes in."""
    CONDITION = "CONDITION"
    LOOP = "LOOP"
    ORDER = "ORDER"
    """What it waits for."""
    RETRIES = "RETRIES"
    CACHING = "CACHING"


@dataclass(frozen=True, slots=True)
class TaskDifference:
    """One aspect of one task; *task* is its path, keys joined by ``/``. None on the side that has no such thing."""

    task: str
    aspect: Aspect
    before: JsonValue = None
    after: JsonValue = None


_Aspects = Mapping[Aspect, JsonValue]

_ONLY_WHERE_BOTH: Final = frozenset({Aspect.ADDED, Aspect.REMOVED})


def task_differences(before: Pipeline, after: Pipeline) -> list[TaskDifference]:
    """What is different in *after*, in the order of its tasks; what it lacks comes last."""
    old, new = dict(_tasks(before)), dict(_tasks(after))
    found: list[TaskDifference] = []
    for path, aspects in new.items():
        if path not in old:
            found.append(TaskDifference(path, Aspect.ADDED))
            continue
        for aspect in Aspect:
            one, other = old[path].get(aspect), aspects.get(aspect)
            if aspect not in _ONLY_WHERE_BOTH and one != other:
                found.append(TaskDifference(path, aspect, one, other))
    found += [TaskDifference(path, Aspect.REMOVED) for path in old if path not in new]
    return found


def _tasks(pipeline: Pipeline) -> Iterator[tuple[str, _Aspects]]:
    return _inside(pipeline, pipeline.root, "", frozenset())


def _inside(
    pipeline: Pipeline, component: Component, prefix: str, around: frozenset[str]
) -> Iterator[tuple[str, _Aspects]]:
    if not isinstance(component.implementation, Dag) or component.name in around:
        return
    for key, task in component.implementation.tasks.items():
        own = pipeline.components[task.component]
        yield f"{prefix}{key}", {**_of_task(task), **_of_component(own)}
        yield from _inside(pipeline, own, f"{prefix}{key}/", around | {component.name})


def _of_task(task: Task) -> _Aspects:
    constants: dict[str, JsonValue] = {
        name: binding.source.value
        for name, binding in task.inputs.parameters.items()
        if isinstance(binding.source, Constant)
    }
    aspects: dict[Aspect, JsonValue] = {
        Aspect.CONSTANTS: constants or None,
        Aspect.CONDITION: task.condition or None,
        Aspect.ORDER: [*sorted(task.depends_on)] or None,
        Aspect.CACHING: task.caching is not None and task.caching.enabled,
        Aspect.RETRIES: task.retry.max_retries if task.retry is not None else 0,
    }
    if task.iterator is not None:
        items = task.iterator.items
        aspects[Aspect.LOOP] = list(items.values) if isinstance(items, RawItems) else items.name
    return aspects


def _of_component(component: Component) -> _Aspects:
    what = component.implementation
    if isinstance(what, Importer):
        return {Aspect.IMPORTED: {"uri": what.uri, "metadata": dict(what.metadata)}}
    if not isinstance(what, Container):
        return {}
    resources: dict[str, JsonValue] = {
        "cpu": [what.resources.cpu_request, what.resources.cpu_limit],
        "memory": [what.resources.memory_request, what.resources.memory_limit],
        "accelerators": [what.resources.accelerator_type, what.resources.accelerator_count],
    }
    aspects: dict[Aspect, JsonValue] = {
        Aspect.IMAGE: what.image,
        Aspect.VARIABLES: dict(what.env) or None,
        Aspect.RESOURCES: resources,
    }
    python = split_command(what.command, what.args)
    if python is None:
        aspects[Aspect.COMMAND] = [*what.command, *what.args]
    else:
        aspects[Aspect.CODE] = python.source
        aspects[Aspect.PACKAGES] = [without_credentials(each) for each in python.requirements]
    return aspects
