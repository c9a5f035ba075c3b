"""Types of columns that both databases hold alike."""

import re
import uuid
from typing import Any, Final

from sqlalchemy import LargeBinary, Text, TypeDecorator
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeEngine

from pinnace.errors import InvalidInput


class Name(TypeDecorator[str]):
    """Text that compares by code points. PostgreSQL cannot hold NUL in it, so neither database is given any."""

    impl = Text
    cache_ok = True

    @property
    def python_type(self) -> type[str]:
        """Filters ask the column what it holds."""
        return str

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """PostgreSQL's own default would be the server's language."""
        return Text(collation="C") if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Refuse what one of the databases cannot hold."""
        if value is not None and "\x00" in value:
            raise InvalidInput(f"The text {value!r} holds a NUL character, which cannot be stored. Remove it.")
        return value


_CANONICAL: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class TaskId(TypeDecorator[str]):
    """A UUID as text to us, as its 16 bytes to the database. What is no UUID is that of no task."""

    impl = LargeBinary
    cache_ok = True

    @property
    def python_type(self) -> type[str]:
        """Filters ask the column what it holds."""
        return str

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> bytes | None:
        """The bytes."""
        try:
            if value is None or _CANONICAL.fullmatch(value) is None:
                return None if value is None else uuid.UUID(value).bytes
            return bytes.fromhex(value.replace("-", ""))
        except ValueError:
            return b""

    def process_result_value(self, value: bytes | None, _dialect: Dialect) -> str | None:
        """The text."""
        return None if value is None else str(uuid.UUID(bytes=bytes(value)))
