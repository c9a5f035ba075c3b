"""Results of earlier tasks."""

from sqlalchemy import Connection, bindparam, delete, select

from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.values import Instant
from pinnace.ports.store import CacheEntry
from pinnace.store import values
from pinnace.store.rows import binding_from
from pinnace.store.tables import cache_entries

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
        if row is None:
            return None
        outputs, parts = values.load(self._connection, [row.outputs, row.parts])
        return CacheEntry(
            fingerprint=row.fingerprint,
            pipeline_name=row.pipeline_name,
            namespace=row.namespace,
            run=RunId(row.run_id),
            node=NodeId(row.node),
            created_at=Instant(row.created_at),
            outputs=binding_from(outputs),
            parts=parts,
        )

    def expire(self, fingerprint: str) -> None:
        """See the port."""
        self._connection.execute(delete(cache_entries).where(cache_entries.c.fingerprint == fingerprint))
