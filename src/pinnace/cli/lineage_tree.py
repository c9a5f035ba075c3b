"""The lineage of an artifact as trees of lines: what made it, and what it was used for."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pinnace.cli.artifact_api import short_type
from pinnace.cli.results import shorten

SEEN: Final = "(as above)"


@dataclass(frozen=True, slots=True)
class Branch:
    """One line, and those below it."""

    text: str
    branches: tuple["Branch", ...] = ()


class LineageTree:
    """One direction of a lineage, as the server answers it: from an artifact back, or on."""

    def __init__(self, graph: Mapping[str, Any], *, backward: bool) -> None:
        self._nodes = {node["id"]: node for node in graph["nodes"]}
        self._backward = backward
        self._next: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for edge in graph["edges"]:
            self._next[edge["target" if backward else "source"]].append(edge)
        self._shown: set[str] = set()

    def below(self, artifact: str) -> tuple[Branch, ...]:
        """What an artifact came from, or led to. What is met again is not followed again."""
        return tuple(self._branches(artifact))

    def _branches(self, node: str) -> Iterator[Branch]:
        for edge in self._next[node]:
            other = edge["source" if self._backward else "target"]
            text = self._line(self._nodes[other], edge)
            if other in self._shown:
                more = bool(self._next[other])
                yield Branch(f"{text} {SEEN}" if more else text)
            else:
                self._shown.add(other)
                yield Branch(text, self.below(other))

    def _line(self, node: Mapping[str, Any], edge: Mapping[str, Any]) -> str:
        if node["kind"] == "ARTIFACT":
            return f"{edge['key']}: {artifact_line(node['artifact'])}"
        task = node["task"]
        how = "made by" if self._backward else "used by"
        key = "" if self._backward else f" as {edge['key']}"
        state = "" if task["phase"] == "SUCCEEDED" else f", {task['phase'].lower()}"
        cached = ", from the cache" if task["cached"] else ""
        return f"{how} {task['node']}{key} in run {task['run_name']} ({task['run_id'][:8]}{state}{cached})"


def artifact_line(artifact: Mapping[str, Any]) -> str:
    """An artifact in one line."""
    return f"{artifact['name']} [{short_type(artifact['type'])}] {artifact['artifact_id']} {shorten(artifact['uri'])}"


def lines(branches: tuple[Branch, ...], *, unicode: bool, indent: str = "") -> Iterator[str]:
    """The trees as text."""
    fork, last, bar = ("├─ ", "└─ ", "│  ") if unicode else ("|- ", "`- ", "|  ")
    for number, branch in enumerate(branches, 1):
        is_last = number == len(branches)
        yield f"{indent}{last if is_last else fork}{branch.text}"
        yield from lines(branch.branches, unicode=unicode, indent=indent + ("   " if is_last else bar))
