"""Cron expressions in KFP's dialect: that of robfig/cron v1.2, which upstream parses with.

Fields are seconds, minutes, hours, day of month, month and, optionally, day of week: an expression of five fields
begins with seconds too. A day matches if day of month *or* day of week does; if one of the two has a star, both must.
``TZ=Asia/Seoul`` in front, our extension, names the time zone. A time that a zone leaves out in spring does not come;
one that it has twice in autumn comes twice, as upstream.

cronsim finds the times; here expressions are brought into the form in which it means the same.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from pinnace.domain.values import SECOND, Instant
from pinnace.errors import InvalidInput

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DESCRIPTORS: Final = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
_EVERY: Final = "@every "
_ZONE: Final = re.compile(r"(?:CRON_)?TZ=(\S+)\s+(.*)", re.DOTALL)
_DURATION: Final = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_UNITS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_LONGEST: Final = 100 * 366 * 86400
_MINUTE: Final = 60

LAST: Final = Instant(221_845_392_000 * SECOND)
"""The beginning of the year 9000. No schedule goes further."""


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    first: int
    last: int
    names: Mapping[str, int]
    is_day: bool = False


_FIELDS: Final = (
    _Field("seconds", 0, 59, {}),
    _Field("minutes", 0, 59, {}),
    _Field("hours", 0, 23, {}),
    _Field("day of month", 1, 31, {}, is_day=True),
    _Field("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    _Field("day of week", 0, 6, {name: number for number, name in enumerate(_DAYS)}, is_day=True),
)


@dataclass(frozen=True, slots=True)
class CronExpression:
    """A parsed expression.

    Attributes:
        fields: Its six fields for cronsim; "" for ``@every``.
        every: The seconds of ``@every``; 0 for all others.
        zone: The time zone that it names itself; "" for none.
        in_one_minute: How many seconds of a minute it names; 1 for ``@every``.
        reads_five: Whether it was written with five fields.
    """

    fields: str
    every: int
    zone: str
    in_one_minute: int
    reads_five: bool

    def after(self, instant: Instant, zone: str) -> Instant | None:
        """The first time later than *instant*; *zone* counts where the expression names none. None: never again."""
        if self.every:
            found = Instant((instant // SECOND + self.every) * SECOND)
            return found if found <= LAST else None
        return next((each for each in self._walk(instant, zone) if each > instant), None)

    def latest(self, first: Instant, until: Instant, zone: str) -> Instant:
        """The last time not later than *until*, given that *first* is one of its times."""
        if self.every:
            return Instant(first + (until - first) // (self.every * SECOND) * (self.every * SECOND))
        behind = Instant((until // SECOND + 1) * SECOND)
        found = next((each for each in self._walk(behind, zone, reverse=True) if each <= until), first)
        return max(first, found)

    def _walk(self, start: Instant, zone: str, *, reverse: bool = False) -> Iterator[Instant]:
        moment = datetime.fromtimestamp(start // SECOND, zone_of(self.zone or zone))
        try:
            for each in CronSim(self.fields, moment, reverse=reverse):
                found = Instant(int(each.timestamp()) * SECOND)
                if found > LAST:
                    return
                yield found
        except (CronSimError, OverflowError):
            # Its days are in none of its months; or the calendar has ended.
            return

    def warnings(self) -> tuple[str, ...]:
        """What its author may not have meant."""
        found = []
        if 0 < self.every < _MINUTE:
            found.append(f"This fires more often than once a minute: every {self.every} seconds.")
        elif self.in_one_minute > 1:
            found.append(f"This fires more often than once a minute: {self.in_one_minute} times in one minute.")
        if self.reads_five:
            found.append(
                "With five fields the first one is seconds, as in Kubeflow Pipelines. "
                "If you mean minutes first, put a 0 in front."
            )
        return tuple(found)


@lru_cache(maxsize=1024)
def parse_cron(text: str) -> CronExpression:
    """Read an expression. Raises InvalidInput, with what is wrong."""
    zone, rest = "", text.strip()
    named = _ZONE.fullmatch(rest)
    if named is not None:
        zone, rest = named[1], named[2].strip()
        zone_of(zone)
    if rest.startswith(_EVERY):
        seconds = _duration(rest.removeprefix(_EVERY).strip(), text)
        return CronExpression("", seconds, zone, 1, reads_five=False)
    if rest.startswith("@"):
        if rest not in _DESCRIPTORS:
            known = ", ".join(_DESCRIPTORS)
            raise _wrong(text, f"{rest[:40]} is unknown; there are {known} and @every 1h30m")
        rest = _DESCRIPTORS[rest]
    words = rest.split()
    if len(words) not in {5, 6}:
        raise _wrong(text, f"it has {len(words)} fields instead of 6 (seconds first) or 5")
    fields = [_field(word, field, text) for word, field in zip([*words, "*"], _FIELDS, strict=False)]
    expression = CronExpression(" ".join(fields), 0, zone, _count(fields[0]), reads_five=len(words) == 5)
    if expression.after(Instant(0), "UTC") is None:
        raise _wrong(text, "no date has that day and that month")
    return expression


def coming(expression: CronExpression, instant: Instant, zone: str, count: int) -> list[Instant]:
    """The next *count* times later than *instant*, or as many as there are."""

    def times() -> Iterator[Instant]:
        found = expression.after(instant, zone)
        while found is not None:
            yield found
            found = expression.after(found, zone)

    return list(islice(times(), count))


def zone_of(name: str) -> tzinfo:
    """A time zone of the IANA database; "" is UTC. Raises InvalidInput."""
    if name in {"", "UTC"}:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InvalidInput(
            f'There is no time zone "{name[:80]}". Give a name of the IANA database, like Asia/Seoul or UTC.'
        ) from None


def _field(text: str, field: _Field, whole: str) -> str:
    """One field as cronsim reads it: the values in full; those of days behind what makes a star of them."""
    found: set[int] = set()
    star = 0
    for part in filter(None, text.split(",")):
        first, last, step, is_star = _range(part, field, whole)
        found.update(range(first, last + 1, step))
        if is_star:
            star = min(star or step, step)
    if not found:
        raise _wrong(whole, f"the field {field.name} names no value")
    if star == 1:
        return "*"
    values = ",".join(str(value) for value in sorted(found))
    return f"*/{star},{values}" if star and field.is_day else values


def _range(part: str, field: _Field, whole: str) -> tuple[int, int, int, bool]:
    """First value, last value, step, and whether it is a star."""
    bounds, slash, step_text = part.partition("/")
    low, hyphen, high = bounds.partition("-")
    step = _number(step_text, field, whole) if slash else 1
    if step == 0:
        raise _wrong(whole, f'"{part}" has a step of 0')
    if low in {"*", "?"}:
        return field.first, field.last, step, True
    first = _value(low, field, whole)
    last = _value(high, field, whole) if hyphen else (field.last if slash else first)
    if not field.first <= first <= last <= field.last:
        raise _wrong(whole, f'"{part}" is not in {field.first} to {field.last}, which the field {field.name} allows')
    return first, last, step, False


def _value(text: str, field: _Field, whole: str) -> int:
    named = field.names.get(text.lower())
    return _number(text, field, whole) if named is None else named


def _number(text: str, field: _Field, whole: str) -> int:
    if not re.fullmatch(r"\+?[0-9]{1,9}", text):
        raise _wrong(whole, f'"{text[:40]}" is no value of the field {field.name}')
    return int(text)


def _count(seconds: str) -> int:
    return _MINUTE if seconds == "*" else len(seconds.split(","))


def _duration(text: str, whole: str) -> int:
    """Whole seconds, at least one, of a duration as Go writes it."""
    parts = list(_DURATION.finditer(text))
    if not parts or "".join(part[0] for part in parts) != text:
        raise _wrong(whole, f'"{text[:40]}" is no duration; write it like 1h30m or 90s')
    seconds = sum(float(part[1]) * _UNITS[part[2]] for part in parts)
    if seconds > _LONGEST:
        raise _wrong(whole, "the duration is longer than a hundred years")
    return max(1, int(seconds))


def _wrong(text: str, why: str) -> InvalidInput:
    return InvalidInput(
        f'Schedule cron is not a supported format: in "{text[:120]}" {why}. '
        "The fields are: second, minute, hour, day of month, month, and optionally day of week."
    )
