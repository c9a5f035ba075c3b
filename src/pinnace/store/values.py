"""Large JSON values in the database: kept once, referred to by runs, gone with the last run."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, delete, exists, select

from pinnace.domain.ids import RunId
from pinnace.store.dialects import Database
from pinnace.store.large_values import LargeValues, decode_all
from pinnace.store.tables import blob_references, blobs

CHUNK: Final = 500
"""Values in one IN list; SQLite takes 999 at least."""


def chunks(ids: Iterable[str]) -> Iterable[Sequence[str]]:
    """The ids in portions for an IN list."""
    given = list(ids)
    return (given[start : start + CHUNK] for start in range(0, len(given), CHUNK))


def keep(connection: Connection, database: Database, run: RunId, large: LargeValues) -> None:
    """Store what an encoder found to be too large, as the run's."""
    if large.found:
        found = [{"digest": digest, "content": content} for digest, content in large.found.items()]
        database.upsert(connection, blobs, found, keep=["content"])
        references = [{"run_id": run, "digest": digest} for digest in large.found]
        database.upsert(connection, blob_references, references, keep=[])


def load(connection: Connection, texts: Iterable[str]) -> list[Any]:
    """The JSON values of encoded texts."""

    def fetch(digests: Iterable[str]) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for some in chunks(digests):
            rows = connection.execute(select(blobs.c.digest, blobs.c.content).where(blobs.c.digest.in_(some)))
            found.update({row.digest: row.content for row in rows})
        return found

    return decode_all(texts, fetch)


def referred_by(connection: Connection, run: RunId) -> Sequence[str]:
    """The digests of a run's large values."""
    return connection.execute(select(blob_references.c.digest).where(blob_references.c.run_id == run)).scalars().all()


def drop_unused(connection: Connection, digests: Iterable[str]) -> None:
    """Remove those of the values to which no run refers any more."""
    unused = ~exists().where(blob_references.c.digest == blobs.c.digest)
    for some in chunks(digests):
        connection.execute(delete(blobs).where(blobs.c.digest.in_(some), unused))
