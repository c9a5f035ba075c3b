"""A run as a tree of lines: nested pipelines and conditions indented, the iterations of a loop folded into one line."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pinnace.cli.task_view import ENDED, RUNNING, RunView, TaskView, duration

_SHOWN_FAILURES: Final = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the tree.

    Attributes:
        depth: How deep it is indented.
        phase: Decides mark and colour.
        text: Name of the task.
        note: What there is to say besides, already in words.
        time: Duration in words.
    """

    depth: int
    phase: str
    text: str
    note: str = ""
    time: str = ""


def lines(run: RunView, now: float) -> list[Line]:
    """The whole tree, without the root."""
    children = _children(run.tasks)
    root = next((task for task in run.tasks if task.is_root), None)
    tops = children[root.node] if root is not None else children[None]
    return [line for task in tops for line in _subtree(task, children, 0, now)]


def fit(tree: Sequence[Line], height: int) -> list[Line]:
    """At most *height* lines: what ended well goes first, then what waits, then the rest from the top."""
    if len(tree) <= height:
        return list(tree)
    room = max(0, height - 1)
    shown = list(tree)
    for dropped in ({"SUCCEEDED", "SKIPPED"}, {"WAITING"}):
        if len(shown) > room:
            shown = [line for line in shown if line.phase not in dropped]
    shown = shown[max(0, len(shown) - room) :]
    return [Line(0, "", f"({len(tree) - len(shown)} more)"), *shown]


def _children(tasks: Sequence[TaskView]) -> Mapping[str | None, list[TaskView]]:
    found: dict[str | None, list[TaskView]] = defaultdict(list)
    for task in tasks:
        found[task.parent].append(task)
    for siblings in found.values():
        # In the order in which they began; what has not begun keeps the server's order, at the end.
        siblings.sort(key=lambda task: task.started_at or task.ended_at or math.inf)
    return found


def _subtree(task: TaskView, children: Mapping[str | None, list[TaskView]], depth: int, now: float) -> Iterator[Line]:
    inner = children.get(task.node, [])
    yield Line(depth, task.phase, task.name, _note(task, inner), duration(task.seconds(now)))
    if task.kind == "LOOP":
        failed = [child for child in inner if child.phase == "FAILED"]
        for child in failed[:_SHOWN_FAILURES]:
            yield Line(depth + 1, child.phase, f"[{child.index}]", child.error, duration(child.seconds(now)))
        return
    for child in inner:
        yield from _subtree(child, children, depth + 1, now)


def _note(task: TaskView, inner: Sequence[TaskView]) -> str:
    if task.kind == "LOOP" and inner:
        return _folded(inner)
    if task.cached:
        return "from the cache"
    if task.phase == "FAILED" and task.runs_code:
        return task.error
    retried = f"attempt {task.attempts}" if task.attempts > 1 else ""
    return ", ".join(part for part in (retried, task.detail) if part)


def _folded(iterations: Sequence[TaskView]) -> str:
    counts = Counter(task.phase for task in iterations)
    ended = sum(counts[phase] for phase in ENDED)
    running = sum(counts[phase] for phase in RUNNING)
    parts = [f"{ended} of {len(iterations)} done"]
    if running:
        parts.append(f"{running} running")
    if counts["FAILED"]:
        parts.append(f"{counts['FAILED']} failed")
    return ", ".join(parts)
