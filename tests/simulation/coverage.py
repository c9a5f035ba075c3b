"""Counts which features of pipelines met which misfortunes."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from tests.simulation import misfortune
from tests.simulation.simulate import Report

FEATURES: Final = (
    "order-only",
    "artifact",
    "artifact-list",
    "default",
    "optional-input",
    "omitted-input",
    "undeclared-input",
    "task-config",
    "placeholder",
    "loop-over-text",
    "untyped-items",
    "loop-over-task",
    "condition-on-loop",
    "literals",
    "selector",
    "type-mismatch",
    "if",
    "elif",
    "else",
    "oneof-parameter",
    "oneof-artifact",
    "loop",
    "nested-loop",
    "empty-loop",
    "loop-over-constants",
    "loop-over-input",
    "loop-over-output",
    "artifact-iterator",
    "parallelism",
    "collected-parameter",
    "collected-artifact",
    "exit-handler",
    "exit-task-is-dag",
    "final-status",
    "status-of-a-task",
    "after-exit-task",
    "ignore-upstream-failure",
    "group-ignoring-failure",
    "task-retry",
    "group-retry",
    "nested-pipeline",
    "nested-pipeline-twice",
    "importer",
    "importer-in-loop",
    "caching-on",
    "caching-off-task",
    "caching-off-group",
    "caching-off-run",
    "run-deadline",
    "hundred-nodes",
    "type-number_integer",
    "type-number_double",
    "type-string",
    "type-boolean",
    "type-list",
    "type-struct",
)
"""Every feature that the generator can use."""

UNREACHABLE: Final = frozenset({("caching-off-run", "cache-hit")})
"""Cells that cannot be: without the cache there are no hits."""


@dataclass(slots=True)
class Coverage:
    """Seeds by feature and misfortune.

    Attributes:
        undisturbed: Seeds whose whole outcome the straight-line meaning decided by itself.
    """

    seeds: int = 0
    events: int = 0
    undisturbed: int = 0
    cells: Counter[tuple[str, str]] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)

    def add(self, report: Report) -> None:
        """Count one seed."""
        self.seeds += 1
        self.events += report.events
        self.undisturbed += report.undisturbed
        self.ended.update(state.value for state in report.ended)
        self.cells.update((feature, what) for feature in report.features for what in report.happened)

    def merge(self, other: "Coverage") -> None:
        """Count what another process counted."""
        self.seeds += other.seeds
        self.events += other.events
        self.undisturbed += other.undisturbed
        self.ended.update(other.ended)
        self.cells.update(other.cells)

    def empty_cells(self) -> list[tuple[str, str]]:
        """Cells that should have been met and were not."""
        wanted = ((feature, what) for feature in FEATURES for what in misfortune.ALL)
        return [cell for cell in wanted if cell not in UNREACHABLE and not self.cells[cell]]

    def table(self) -> str:
        """The counts as a table: a row a feature, a column a misfortune, named below by letters."""
        letters = {what: chr(ord("A") + index) for index, what in enumerate(misfortune.ALL)}
        lines = ["features by misfortunes, in seeds:", *(f"  {letter}  {what}" for what, letter in letters.items())]
        lines.append(_row("", letters.values()))
        lines += [_row(name, (str(self.cells[name, what]) for what in misfortune.ALL)) for name in FEATURES]
        ends = ", ".join(f"{count} {state}" for state, count in sorted(self.ended.items()))
        lines.append(f"{self.seeds} seeds, {self.events} events; runs ended: {ends}")
        lines.append(f"{self.undisturbed} seeds were compared with the straight-line meaning in full")
        return "\n".join(lines)


def _row(name: str, cells: Iterable[str]) -> str:
    return f"{name:24}" + "".join(f"{cell:>6}" for cell in cells)
