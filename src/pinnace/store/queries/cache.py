"""Results of earlier tasks."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select

from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.values import Instant
from pinnace.ports.store import CacheEntry
from pinnace.store import values
from pinnace.store.rows import binding_from
from pinnace.store.tables import cache_entries, events

_ENTRY = cache_entries.c
_FIND = (
    select(cache_entries)
    .where(
        _ENTRY.fingerprint == bindparam("fingerprint"),
        _ENTRY.namespace == bindparam("namespace"),
        _ENTRY.pipeline_name == bindparam("pipeline_name"),
        _ENTRY.created_at >= bindparam("not_before"),
    )
    .order_by(_ENTRY.created_at.desc(), _ENTRY.run_id.desc(), _ENTRY.node.desc())
    .limit(1)
)


class SqlCache:
    """``ports.store.Cache`` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, namespace: str, pipeline_name: str, fingerprint: str, not_before: Instant) -> CacheEntry | None:
        """See the port. Of two entries of the same moment the one with the higher run and node is taken."""
        row = self._connection.execute(
            _FIND,
            {
                "fingerprint": fingerprint,
                "namespace": namespace,
                "pipeline_name": pipeline_name,
                "not_before": not_before,
            },
        ).one_or_none()
        return None if row is None else self._entries([row])[0]

    def entry_of(self, run: RunId, node: NodeId) -> CacheEntry | None:
        """See the port."""
        row = self._connection.execute(
            select(cache_entries)
            .where(_ENTRY.run_id == run, _ENTRY.node == node)
            .order_by(_ENTRY.created_at.desc(), _ENTRY.fingerprint)
            .limit(1)
        ).one_or_none()
        return None if row is None else self._entries([row])[0]

    def looked_up(self, run: RunId, node: NodeId) -> tuple[str, Mapping[str, str]] | None:
        """See the port."""
        rows = self._connection.execute(
            select(events.c.body)
            .where(
                events.c.run_id == run,
                events.c.type.in_(("CacheMissed", "CacheHit")),
                events.c.body.contains(f'"node": {json.dumps(node)}', autoescape=True),
            )
            .order_by(events.c.sequence.desc())
        ).scalars()
        for body in values.load(self._connection, rows):
            if body["node"] == node and body.get("fingerprint"):
                return body["fingerprint"], body.get("parts", {})
        return None

    def others(self, like: CacheEntry, limit: int) -> Sequence[CacheEntry]:
        """See the port."""
        rows = self._connection.execute(
            select(cache_entries)
            .where(
                _ENTRY.namespace == like.namespace,
                _ENTRY.pipeline_name == like.pipeline_name,
                _ENTRY.component == like.component,
                _ENTRY.created_at < like.created_at,
            )
            .order_by(_ENTRY.created_at.desc(), _ENTRY.run_id.desc(), _ENTRY.node.desc())
            .limit(limit)
        ).all()
        return self._entries(rows)

    def expire(self, namespace: str, pipeline_name: str, fingerprint: str) -> int:
        """See the port."""
        return self._connection.execute(
            delete(cache_entries).where(
                _ENTRY.fingerprint == fingerprint,
                _ENTRY.namespace == namespace,
                _ENTRY.pipeline_name == pipeline_name,
            )
        ).rowcount

    def _entries(self, rows: Sequence[Row[Any]]) -> Sequence[CacheEntry]:
        loaded = values.load(self._connection, [text for row in rows for text in (row.outputs, row.parts)])
        return [
            CacheEntry(
                fingerprint=row.fingerprint,
                pipeline_name=row.pipeline_name,
                namespace=row.namespace,
                run=RunId(row.run_id),
                node=NodeId(row.node),
                created_at=Instant(row.created_at),
                outputs=binding_from(outputs),
                parts=parts,
                component=row.component,
            )
            for row, outputs, parts in zip(rows, loaded[::2], loaded[1::2], strict=True)
        ]
