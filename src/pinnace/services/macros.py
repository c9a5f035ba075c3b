"""What is filled into parameters when a run is made. Upstream: ``common/util/parameter_formatter.go``.

``[[RunUUID]]``, ``[[Index]]``, ``[[ScheduledTime]]`` and ``[[CurrentTime]]``, the times also with a layout of Go
(``[[ScheduledTime.2006-01-02]]``) or as ``{{$.scheduledTime.strftime('%Y-%m-%d')}}``. They count in texts only, not
inside of lists and objects. What a run does not have, like an index outside of a schedule, stays as it is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pinnace.domain.ids import RunId
from pinnace.domain.values import Instant, JsonValue
from pinnace.services.go_time import go_format, strftime

_DEFAULT_LAYOUT: Final = "20060102150405"
_MACRO: Final = re.compile(
    r"\[\[(?P<plain>RunUUID|Index)\]\]"
    r"|\[\[(?P<time>ScheduledTime|CurrentTime)(?:\.(?P<layout>.*?))?\]\]"
    r"|\{\{\$\.(?P<other>scheduledTime|currentTime)\.strftime\('(?P<form>.*?)'\)\}\}"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """What macros stand for in one run. None where the run has no such thing."""

    run: RunId
    now: Instant
    scheduled: Instant | None = None
    index: int | None = None


def fill_in(parameters: Mapping[str, JsonValue], moment: Moment) -> dict[str, JsonValue]:
    """The parameters with every macro replaced."""
    return {
        name: _MACRO.sub(lambda found: _value(found, moment), value) if isinstance(value, str) else value
        for name, value in parameters.items()
    }


def _value(found: "re.Match[str]", moment: Moment) -> str:
    if found["plain"] == "RunUUID":
        return moment.run
    if found["plain"] == "Index":
        return found[0] if moment.index is None else str(moment.index)
    at = moment.now if (found["time"] or found["other"]).lower() == "currenttime" else moment.scheduled
    if at is None:
        return found[0]
    if found["other"]:
        text = strftime(at, found["form"])
        return found[0] if text is None else text
    return go_format(at, found["layout"] or _DEFAULT_LAYOUT)
