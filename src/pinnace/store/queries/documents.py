"""Submitted documents, byte for byte, by their SHA-256."""

import hashlib
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, exists, insert, select

from pinnace.errors import NotFound
from pinnace.store import values
from pinnace.store.tables import documents, pipeline_versions, recurring_runs, runs


def add(connection: Connection, content: bytes) -> str:
    """Keep a document, once; its digest."""
    digest = hashlib.sha256(content).hexdigest()
    known = connection.execute(select(documents.c.digest).where(documents.c.digest == digest)).first()
    if known is None:
        connection.execute(insert(documents), {"digest": digest, "content": content})
    return digest


def get(connection: Connection, digest: str) -> bytes:
    """A document. Raises NotFound."""
    content = connection.execute(select(documents.c.content).where(documents.c.digest == digest)).scalar()
    if content is None:
        raise NotFound("Document", digest)
    return bytes(content)


def get_all(connection: Connection, digests: Iterable[str]) -> Mapping[str, bytes]:
    """Those of the documents that exist."""
    found: dict[str, bytes] = {}
    for some in values.chunks(set(digests)):
        rows = connection.execute(select(documents).where(documents.c.digest.in_(some)))
        found.update({row.digest: bytes(row.content) for row in rows})
    return found


def drop_unused(connection: Connection, digests: Iterable[str]) -> None:
    """Remove those of the documents that no run, recurring run or version needs any more."""
    for digest in set(digests):
        connection.execute(
            delete(documents).where(
                documents.c.digest == digest,
                ~exists().where(runs.c.document == digest),
                ~exists().where(pipeline_versions.c.document == digest),
                ~exists().where(recurring_runs.c.document == digest),
            )
        )
