"""What changed on the server, as lists and watches follow it; and what those who follow a run are told.

Kinds are open text: whatever is listed somewhere has one. The constants name those of the KFP API.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pinnace.domain.ids import NodeId
from pinnace.domain.tasks import TaskRecord
from pinnace.domain.values import Instant, JsonValue

RUN: Final = "run"
EXPERIMENT: Final = "experiment"
PIPELINE: Final = "pipeline"
PIPELINE_VERSION: Final = "pipeline_version"
RECURRING_RUN: Final = "recurring_run"
ARTIFACT: Final = "artifact"
"""One that a client registered; those of tasks come with their runs."""


class ChangeAction(StrEnum):
    """What was done to an object."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    STATE_CHANGED = "STATE_CHANGED"
    ARCHIVED = "ARCHIVED"
    UNARCHIVED = "UNARCHIVED"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one listed object. ``summary`` is what a list shows of it, as far as that can change."""

    number: int
    namespace: str
    kind: str
    id: str
    action: ChangeAction
    summary: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class PlacedTask:
    """A node of a run.

    Attributes:
        changed: The number of the change that it is as of.
        place: Sorts the nodes of a run in the order in which they came to be.
    """

    task: TaskRecord
    changed: int
    place: tuple[int, int]


@dataclass(frozen=True, slots=True)
class RunEvent:
    """One event of a run's history without its values. It may concern no node, or no attempt of it."""

    number: int
    sequence: int
    at: Instant
    type: str
    node: NodeId | None
    attempt: int | None
