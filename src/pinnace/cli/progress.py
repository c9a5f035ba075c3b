"""Shows a run while it goes on: a live tree on a terminal, a line for each change elsewhere."""

import time
from collections.abc import Callable
from typing import Final, Protocol, Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from pinnace.cli.task_view import RunView, TaskView, duration
from pinnace.cli.tree import Line, fit, lines

_MARKS: Final = {
    "SUCCEEDED": ("✓", "+", "green"),
    "FAILED": ("✗", "x", "red"),
    "SKIPPED": ("–", "-", "dim"),
    "CANCELED": ("■", "#", "yellow"),
    "WAITING": ("○", "o", "dim"),
    "": (" ", " ", "dim"),
}
_ACTIVE: Final = ("●", "*", "cyan")
_FRAME: Final = 4
_SAID: Final = frozenset({"RUNNING", "BACKING_OFF", "SUCCEEDED", "FAILED", "CANCELED", "SKIPPED"})


class Progress(Protocol):
    """Is shown a run again and again."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...
    def show(self, run: RunView) -> None:
        """The run as it is now."""
        ...


class LineProgress:
    """A line for each task whose state has changed, for logs and pipes."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._seen: dict[str, tuple[str, str]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, run: RunView) -> None:
        """Print what has changed since the last call."""
        for task in run.tasks:
            told = (task.phase, task.detail)
            changed = self._seen.get(task.node) != told
            self._seen[task.node] = told
            if changed and not task.is_root and _is_news(task):
                self._write(_sentence(task))


class LiveProgress:
    """A tree that is drawn again in place; the last state stays on the screen."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._last: RunView | None = None

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.__exit__(None, None, None)
        if self._last is not None:
            self._console.print(self._draw(self._last, whole=True))

    def show(self, run: RunView) -> None:
        """Draw the run."""
        self._last = run
        self._live.update(self._draw(run, whole=False), refresh=True)

    def _draw(self, run: RunView, *, whole: bool) -> Group:
        now = time.time()
        tree = lines(run, now)
        shown = tree if whole else fit(tree, max(1, self._console.height - _FRAME))
        width = max((2 * line.depth + len(line.text) for line in shown), default=0)
        title = [] if whole else [Text(f"{run.name}  {run.state.lower()}  {duration(run.seconds(now))}", "bold")]
        unicode = self._console.encoding.startswith("utf")
        return Group(*title, *(_row(line, width, unicode=unicode) for line in shown))


def _row(line: Line, width: int, *, unicode: bool) -> Text:
    mark, plain, style = _MARKS.get(line.phase, _ACTIVE)
    indent = "  " * line.depth
    row = Text(f"  {indent}", no_wrap=True, overflow="ellipsis")
    row.append(mark if unicode else plain, style)
    row.append(f" {line.text}{' ' * (width - len(indent) - len(line.text))}  {line.time:>9}  ")
    row.append(line.note, "red" if line.phase == "FAILED" else "dim")
    return row


def _is_news(task: TaskView) -> bool:
    """Whether a change to this is worth a line: groups are told only when they are skipped."""
    waits_for_something = task.phase == "LAUNCHED" and task.detail != ""
    return (task.phase in _SAID or waits_for_something) if task.runs_code else task.phase == "SKIPPED"


def _sentence(task: TaskView) -> str:
    clock = time.strftime("%H:%M:%S")
    parts = [clock, task.node, "waiting" if task.phase == "LAUNCHED" else task.phase.lower().replace("_", " ")]
    if task.cached:
        parts.append("(from the cache)")
    elif task.phase in {"SUCCEEDED", "FAILED", "CANCELED"} and task.ended_at is not None:
        parts.append(f"after {duration(task.seconds(task.ended_at))}")
    reason = task.error if task.phase == "FAILED" else task.detail
    return "  ".join(parts) + (f": {reason}" if reason else "")
