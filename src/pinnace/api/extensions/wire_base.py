"""Rules that hold for every answer of our own API.

Every field is always there, null where there is nothing to say; fields are ``snake_case``. Times are RFC 3339 in UTC,
with microseconds: readers show durations below a second, which KFP's times cannot.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from pinnace.domain.values import Instant

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class View(BaseModel):
    """Base of all answers. Fields have no defaults, so that none can be forgotten."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def time_of(instant: Instant) -> str:
    """*instant* as our API writes it."""
    return (_EPOCH + timedelta(microseconds=instant)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def time_or_none(instant: Instant | None) -> str | None:
    """The same for a time that may not have come."""
    return None if instant is None else time_of(instant)


def shown(view: View) -> Response:
    """The response that carries *view*."""
    return Response(view.model_dump_json(), media_type="application/json")
