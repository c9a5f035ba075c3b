"""Instants on the wire: RFC 3339, UTC, whole seconds; an unset one is the epoch."""

from datetime import UTC, datetime, timedelta
from typing import Final

from pinnace.domain.values import SECOND, Instant
from pinnace.errors import InvalidInput

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)
"""An offset can lead out of the years 1 to 9999, and such a time could not be shown again."""


def timestamp(instant: Instant | None) -> str:
    """*instant* as the wire has it."""
    moment = _EPOCH + timedelta(seconds=(instant or 0) // SECOND)
    return moment.isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def parse_timestamp(text: str, where: str) -> Instant:
    """The instant that RFC 3339 text names. Raises InvalidInput, with *where* it stands."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not _FIRST <= moment <= _LAST:
        raise InvalidInput(f'{where}: "{text[:80]}" is not a time. Write it like 2026-01-31T12:00:00Z.')
    return Instant((moment - _EPOCH) // timedelta(microseconds=1))
