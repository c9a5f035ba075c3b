"""Rules of proto3 JSON that hold for every KFP message.

In: unknown fields are refused, ``snake_case`` and ``camelCase`` are both read, null is the same as absent, int64 comes
as string or number. Out: ``snake_case``, fields at their default are left out, int64 as string, times in whole seconds.
"""

import json
import math
import re
from typing import Annotated, Any, Final

from fastapi import Response
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasGenerator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core.core_schema import CoreSchema, no_info_before_validator_function

_RFC3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
_MAX_DEPTH: Final = 100


def _spellings(name: str) -> AliasChoices:
    return AliasChoices(name, to_camel(name))


class Message(BaseModel):
    """Base of all messages."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=AliasGenerator(validation_alias=_spellings))

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        return {key: value for key, value in data.items() if value is not None} if isinstance(data, dict) else data

    @field_validator("*", mode="before")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        return _text(value) if isinstance(value, str) else value


def _text(value: str) -> str:
    """Text that every database and every command line can hold."""
    if "\0" in value:
        raise ValueError("holds a NUL character")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise ValueError("holds half of a surrogate pair, which is no character") from error
    return value


def _int64(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,19}", value):
        return int(value)
    return value


def _timestamp(value: str) -> str:
    if value and not _RFC3339.fullmatch(value):
        raise ValueError("must be a time like 2026-01-31T12:00:00Z")
    return value


def _struct(value: Any) -> Any:
    """JSON as protobuf's Struct has it: one kind of number, all of them finite, and bounded nesting."""
    return _plain(value, _MAX_DEPTH)


def _plain(value: Any, depth: int) -> Any:
    if depth < 0:
        raise ValueError(f"has more than {_MAX_DEPTH} levels of nesting")
    if isinstance(value, dict):
        return {_text(key): _plain(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, depth - 1) for item in value]
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("holds a number that JSON does not have")
        return int(value) if value.is_integer() and abs(value) < 1e21 else value
    return value


class OneOf:
    """Marks an enum of protobuf, which comes by name or by number."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Pydantic's hook."""
        return no_info_before_validator_function(self._named, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Pydantic's hook."""
        return {**handler(schema), "enum": list(self._names)}

    def _named(self, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(self._names):
            return self._names[value]
        if value not in self._names:
            raise ValueError(f"must be one of {', '.join(self._names)}")
        return value


_INT64: Final[dict[str, Any]] = {"type": "string", "format": "int64", "pattern": "^-?[0-9]{1,19}$"}

Int64 = Annotated[
    int,
    BeforeValidator(_int64),
    Field(ge=-(2**63), lt=2**63),
    PlainSerializer(str, return_type=str),
    WithJsonSchema(_INT64),
]
Int32 = Annotated[int, BeforeValidator(_int64), Field(ge=-(2**31), lt=2**31)]
Timestamp = Annotated[str, AfterValidator(_timestamp), Field(json_schema_extra={"format": "date-time"})]
RuntimeState = Annotated[
    str,
    OneOf(
        "RUNTIME_STATE_UNSPECIFIED",
        "PENDING",
        "RUNNING",
        "SUCCEEDED",
        "SKIPPED",
        "FAILED",
        "CANCELING",
        "CANCELED",
        "PAUSED",
    ),
]
StorageState = Annotated[str, OneOf("STORAGE_STATE_UNSPECIFIED", "AVAILABLE", "ARCHIVED")]
Struct = Annotated[dict[str, Any], BeforeValidator(_struct)]


class Status(Message):
    """An error, as google.rpc.Status has it: a code of gRPC, and what to do about it."""

    code: int = 0
    message: str = ""
    details: tuple[Struct, ...] = ()


class Empty(Message):
    """Nothing: the request was carried out."""


def answer(message: Message) -> Response:
    """The response that carries *message*."""
    content = message.model_dump(exclude_defaults=True)
    return Response(json.dumps(content, ensure_ascii=False, separators=(",", ":")), media_type="application/json")
