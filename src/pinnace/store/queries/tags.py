"""Tags of pipelines and of versions: the same shape in two tables."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Table, delete, insert, select

from pinnace.store import values


def put(connection: Connection, table: Table, owner: str, tags: Mapping[str, str]) -> None:
    """Replace the tags of an owner."""
    connection.execute(delete(table).where(table.c.owner_id == owner))
    if tags:
        connection.execute(
            insert(table), [{"owner_id": owner, "key": key, "value": value} for key, value in tags.items()]
        )


def of(connection: Connection, table: Table, owners: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    """The tags of some owners, each's in the order of their keys."""
    found: dict[str, dict[str, str]] = {owner: {} for owner in owners}
    for some in values.chunks(owners):
        rows = connection.execute(select(table).where(table.c.owner_id.in_(some)).order_by(table.c.key))
        for row in rows:
            found[row.owner_id][row.key] = row.value
    return found
