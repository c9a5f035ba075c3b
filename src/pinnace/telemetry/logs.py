"""The server's log: one line an event, for people or as JSON, and never a secret in it."""

import json
import logging
import re
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Final, TextIO

from pinnace.ports.log_context import Fields, log_fields

_QUIET: Final = ("uvicorn.error", "uvicorn.asgi", "alembic", "asyncio", "urllib3", "httpx", "fsspec")
"""Libraries that say at INFO what no operator asks for."""

_URL_PASSWORDS: Final = re.compile(r"(://[^/@:\s]*):[^/@\s]+@")
_CREDENTIALS: Final = re.compile(
    r"(?i)(\b(?:proxy-)?authorization\b['\"]?\s*[:=]\s*['\"]?|\bbearer\s+|[?&](?:access_|id_)?token=|[?&]sig(?:nature)?=)"
    r"(?:(?:bearer|basic)\s+)?[^\s'\"&,)\]}]+"
)
_CONTROL: Final = {number: f"\\x{number:02x}" for number in (*range(0x20), *range(0x7F, 0xA0))}
_BELOW: Final = "\n    "
_HIDDEN: Final = "***"


class LogFormat(StrEnum):
    """How lines look."""

    TEXT = "text"
    JSON = "json"


class Redaction:
    """Takes secrets out of text.

    Args:
        secrets: Values that must not appear. Short ones are left alone, since they would be found everywhere.
    """

    def __init__(self, secrets: Collection[str]) -> None:
        self._secrets = sorted({secret for secret in secrets if len(secret) > 3}, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """*text* with stars where a secret, or the password of a URL or header, was."""
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return _CREDENTIALS.sub(rf"\1{_HIDDEN}", _URL_PASSWORDS.sub(rf"\1:{_HIDDEN}@", text))


class _Lines(logging.Formatter):
    """What both formats have in common: the time, the fields, and the texts without secrets."""

    def __init__(self, redact: Redaction) -> None:
        super().__init__()
        self._redact = redact

    def _time(self, record: logging.LogRecord) -> str:
        whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        return f"{whole}.{int(record.msecs):03d}Z"

    def _trouble(self, record: logging.LogRecord) -> str:
        """The traceback, and the stack, that the line carries."""
        parts = [self.formatException(record.exc_info)] if record.exc_info else []
        parts += [self.formatStack(record.stack_info)] if record.stack_info else []
        return self._redact("\n".join(parts))

    def _message(self, record: logging.LogRecord) -> str:
        return self._redact(record.getMessage())

    def _fields(self, record: logging.LogRecord) -> Fields:
        own = getattr(record, "fields", {})
        found = {**log_fields(), **own}
        return {name: self._redact(value) if isinstance(value, str) else value for name, value in found.items()}


class TextLines(_Lines):
    """Lines for people."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; a traceback follows below."""
        fields = " ".join(f"{name}={value}".translate(_CONTROL) for name, value in self._fields(record).items())
        message = _BELOW.join(line.translate(_CONTROL) for line in self._message(record).splitlines())
        line = f"{self._time(record)} {record.levelname:<7} {record.name}: {message}{f' ({fields})' if fields else ''}"
        trouble = self._trouble(record)
        return f"{line}\n{trouble}" if trouble else line


class JsonLines(_Lines):
    """Lines for programs."""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object on one line."""
        line: dict[str, str | int | float] = {
            "time": self._time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._message(record),
            **self._fields(record),
        }
        trouble = self._trouble(record)
        if trouble:
            line["exception"] = trouble
        return json.dumps(line, ensure_ascii=False)


@contextmanager
def logged(format_: str, level: str, secrets: Collection[str], stream: TextIO | None = None) -> Iterator[None]:
    """For as long as the block lasts, write what this process logs, from *level* on, to *stream* (standard error)."""
    redact = Redaction(secrets)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines(redact) if format_ == LogFormat.JSON else TextLines(redact))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(level.upper())
    if root.level > logging.DEBUG:
        for name in _QUIET:
            logging.getLogger(name).setLevel(max(root.level, logging.WARNING))
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
