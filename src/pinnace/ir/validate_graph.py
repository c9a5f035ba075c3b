"""Checks of order and size: no task waits for itself, no component contains itself, no pipeline unfolds without end."""

from collections.abc import Collection, Mapping
from typing import Final

from pinnace.ir.diagnostics import Diagnostics, at
from pinnace.ir.model import Component, Dag, FinalStatus, Pipeline, Task, TaskOutput

MAX_TASKS: Final = 50_000
"""Tasks and iterations that a run may have: all of them are in memory while it goes on."""


def producers(task: Task) -> set[str]:
    """The tasks that *task* names as sources of its inputs."""
    sources = [binding.source for binding in task.inputs.parameters.values()]
    return {
        source.task
        for source in (*sources, *task.inputs.artifacts.values())
        if isinstance(source, TaskOutput | FinalStatus)
    }


def check_order(dag: Dag, path: str, diagnostics: Diagnostics) -> None:
    """Record a cycle among the tasks of a DAG."""
    before = {key: sorted({*task.depends_on, *producers(task)} & dag.tasks.keys()) for key, task in dag.tasks.items()}
    cycle = find_cycle(before)
    if cycle:
        diagnostics.error(
            at(f"{path}.tasks", cycle[0]),
            f"Tasks wait for each other: {' waits for '.join(cycle)}. Remove one of these dependencies.",
            "cycle",
        )


def check_containment(pipeline: Pipeline, diagnostics: Diagnostics) -> None:
    """Record a component that contains itself, directly or through others."""
    inside = {
        name: sorted(
            {task.component for task in component.implementation.tasks.values()} & pipeline.components.keys()
            if isinstance(component.implementation, Dag)
            else ()
        )
        for name, component in pipeline.components.items()
    }
    cycle = find_cycle(inside)
    if cycle:
        diagnostics.error(
            at("components", cycle[0]),
            f"The component contains itself: {' contains '.join(cycle)}. KFP has no recursion; use a loop.",
            "recursion",
        )
    elif _is_too_large(pipeline, inside):
        diagnostics.error(
            "root",
            f"The pipeline has more than {MAX_TASKS:,} tasks, those of a nested pipeline counted as often as it is "
            "used. Split it.",
            "size",
        )


def _is_too_large(pipeline: Pipeline, inside: Mapping[str, Collection[str]]) -> bool:
    """Whether the pipeline unfolds to more than MAX_TASKS tasks, with one iteration of each loop."""
    sizes: dict[str, int] = {}

    def size(component: Component) -> int:
        dag = component.implementation
        if not isinstance(dag, Dag):
            return 0
        return sum(1 + sizes.get(task.component, 0) for task in dag.tasks.values())

    stack = list(inside)
    while stack:
        name = stack[-1]
        missing = [inner for inner in inside[name] if inner not in sizes]
        if name in sizes or not missing:
            sizes[stack.pop()] = min(size(pipeline.components[name]), MAX_TASKS + 1)
        else:
            stack.extend(missing)
    return size(pipeline.root) > MAX_TASKS


def find_cycle(edges: Mapping[str, Collection[str]]) -> list[str]:
    """A cycle as the nodes on it with the first one again at the end, or [] if there is none."""
    done: set[str] = set()
    for start in edges:
        trail: list[str] = []
        on_trail: set[str] = set()
        stack: list[tuple[str, bool]] = [(start, True)]
        while stack:
            node, entering = stack.pop()
            if not entering:
                on_trail.discard(trail.pop())
                done.add(node)
            elif node in on_trail:
                return [*trail[trail.index(node) :], node]
            elif node not in done:
                trail.append(node)
                on_trail.add(node)
                stack.append((node, False))
                stack.extend((target, True) for target in edges.get(node, ()))
    return []
