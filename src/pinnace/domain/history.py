"""An event of a run's history in the form in which it is kept."""

from dataclasses import dataclass

from pinnace.domain.values import Instant, JsonObject


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One event of a run's history: its position from 1, its time, its type and its body in versioned JSON."""

    sequence: int
    at: Instant
    type: str
    body: JsonObject
