"""Ids of traces and spans, from what they are about: the same after a restart, so that nothing is shown twice."""

import hashlib
import uuid
from typing import Final

from pinnace.domain.ids import RunId
from pinnace.domain.tasks import AttemptKey

TRACEPARENT: Final = "TRACEPARENT"


def trace_id(run: RunId) -> int:
    """The trace of a run: the run's id itself, if it is a UUID, without the hyphens."""
    try:
        return uuid.UUID(run).int or 1
    except ValueError:
        return _number(f"trace\n{run}", 16)


def span_id(key: AttemptKey) -> int:
    """The span of an attempt, or of an opening of a DAG or a loop."""
    return _number(f"span\n{key.run}\n{key.node}\n{key.attempt}", 8)


def traceparent(key: AttemptKey) -> str:
    """The span of *key* as W3C's header and variable name the parent of others; it is recorded."""
    return f"00-{trace_id(key.run):032x}-{span_id(key):016x}-01"


def _number(text: str, size: int) -> int:
    """Never 0, which means "none"."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:size]) or 1
