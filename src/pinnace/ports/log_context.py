"""What lines of the server's log are about: whoever works on something says it, whoever writes lines reads it.

The fields follow calls, tasks of the event loop and threads that are given the context.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Final, TypeAlias

Fields: TypeAlias = Mapping[str, str | int | float]

_FIELDS: Final[ContextVar[Fields]] = ContextVar("pinnace_log_fields", default=MappingProxyType({}))


def log_fields() -> Fields:
    """What is being worked on here."""
    return _FIELDS.get()


@contextmanager
def about(fields: Fields) -> Iterator[None]:
    """Within the block lines are about *fields*, and about nothing that was set outside of it."""
    token = _FIELDS.set(fields)
    try:
        yield
    finally:
        _FIELDS.reset(token)
