"""Faults and warnings about a pipeline document, each with its place and its cure."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pinnace.errors import InvalidPipeline

_PLAIN_KEY: Final = re.compile(r"[A-Za-z0-9_\-]+\Z")
_LONGEST_KEY_SHOWN: Final = 80


class Severity(StrEnum):
    """Whether a pipeline can run in spite of it."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    Attributes:
        path: Where in the document, like ``root.dag.tasks.train.inputs.parameters.x``; "" for the whole of it.
        message: What is wrong and what to do about it, in plain sentences.
        code: A stable word for programs.
    """

    path: str
    message: str
    code: str
    severity: Severity = Severity.ERROR


@dataclass(slots=True)
class Diagnostics:
    """Collects findings, so that a user learns of all of them at once."""

    found: list[Diagnostic] = field(default_factory=list)

    def error(self, path: str, message: str, code: str = "invalid") -> None:
        """Record a fault that keeps the pipeline from running."""
        self.found.append(Diagnostic(path, message, code))

    def warning(self, path: str, message: str, code: str = "ignored") -> None:
        """Record something that the user should know and that keeps nothing from running."""
        self.found.append(Diagnostic(path, message, code, Severity.WARNING))

    @property
    def errors(self) -> list[Diagnostic]:
        """The faults alone, in the order in which they were found, none twice."""
        return list(dict.fromkeys(item for item in self.found if item.severity is Severity.ERROR))

    def raise_errors(self) -> None:
        """Raise ``InvalidPipeline`` with every fault, if there is one."""
        if self.errors:
            raise InvalidPipeline(self.errors)


def at(path: str, *keys: str | int) -> str:
    """The path of *keys* (fields, map keys, list indexes), each below the one before it, under *path*."""
    for key in keys:
        if isinstance(key, int):
            path = f"{path}[{key}]"
        elif _PLAIN_KEY.match(key) and len(key) <= _LONGEST_KEY_SHOWN:
            path = f"{path}.{key}" if path else key
        else:
            shown = key if len(key) <= _LONGEST_KEY_SHOWN else key[:_LONGEST_KEY_SHOWN] + "…"
            path = f"{path}[{shown!r}]"
    return path


def suggestion(name: str, known: Iterable[str]) -> str:
    """A sentence with the nearest known name, else one that lists the known names, else ""."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f' Did you mean "{near[0]}"?'
    if not names:
        return ""
    shown = ", ".join(f'"{item}"' for item in names[:8])
    return f" Known here: {shown}{', …' if len(names) > 8 else ''}."
