"""From an address to a store."""

from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from pinnace.errors import SetupError
from pinnace.ports.store import Store
from pinnace.store import schema
from pinnace.store.dialects import Database, PostgresDatabase, SqliteDatabase
from pinnace.store.sql_store import SqlStore


def open_store(address: str | Path) -> Store:
    """Open a database; make its schema, or back it up and migrate it, if need be.

    Args:
        address: The path of a SQLite file in an existing directory, or ``postgresql://user:password@host/database``.

    Raises:
        SetupError: it cannot be opened, is not Pinnace's, or is of a newer Pinnace.
    """
    database = _database(address)
    schema.prepare(database)
    return SqlStore(database)


def _database(address: str | Path) -> Database:
    if isinstance(address, str) and "://" in address:
        try:
            url = make_url(address)
        except (ArgumentError, ValueError) as error:
            raise SetupError(
                "The database address cannot be read. Write it as postgresql://user:password@host/database."
            ) from error
        if url.get_backend_name() == "postgresql":
            return PostgresDatabase(url)
        raise SetupError(
            f"Databases of the kind {url.get_backend_name()} are not supported. Use a SQLite file or PostgreSQL."
        )
    database = SqliteDatabase(Path(address))
    database.prepare()
    return database
