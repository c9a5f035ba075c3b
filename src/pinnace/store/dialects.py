"""All that differs between SQLite and PostgreSQL."""

import os
import sqlite3
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

from sqlalchemy import Connection, Engine, Executable, Table, create_engine, event, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, NullPool
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.elements import KeyedColumnElement

from pinnace.errors import SetupError
from pinnace.store.tables import counters

CHANGE: Final = "change"
FORGOTTEN: Final = "forgotten"
IDENTITY: Final = "identity"
"""The rows of ``counters``."""

_BUSY_MILLISECONDS: Final = 30_000
_READERS: Final = 8
_EXTRA_READERS: Final = 32
_OLDEST_SQLITE: Final = (3, 35)

_WAL: Final = "PRAGMA journal_mode = WAL"

# FULL: a commit is on the disk when it returns, so that an effect that goes out after it never outlives its cause.
# The fsync pragmas make macOS flush the drive's own cache too; other systems ignore them.
_SQLITE_WRITER: Final = (
    f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}",
    _WAL,
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = ON",
    "PRAGMA checkpoint_fullfsync = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA journal_size_limit = 67108864",
)
_SQLITE_READER: Final = (f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}", "PRAGMA query_only = ON")
_SQLITE_MIGRATION: Final = (f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}", "PRAGMA foreign_keys = OFF")

_MIGRATION_LOCK: Final = 0x70696E6E


class Database(Protocol):
    """A database that the store can live in."""

    @property
    def name(self) -> str:
        """Where it is, for messages; no password in it."""
        ...

    @property
    def file(self) -> Path | None:
        """Its file, if it is one."""
        ...

    def writer(self) -> Engine:
        """An engine with one connection."""
        ...

    def reader(self) -> Engine:
        """An engine whose transactions see one consistent state and cannot write."""
        ...

    def migrator(self) -> Engine:
        """An engine for changes of the schema. Its transactions exclude every other one, or at least each other."""
        ...

    def become_writer(self, connection: Connection) -> None:
        """Wait, inside a transaction just begun, until no other writes."""
        ...

    def upsert(
        self, connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], keep: Sequence[str]
    ) -> None:
        """Insert rows; where the primary key exists, replace all but the columns *keep* (which may be all)."""
        ...


class SqliteDatabase:
    """One file, in WAL mode. Writers of this process queue at a lock of it, others at SQLite's own."""

    def __init__(self, file: Path) -> None:
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            raise SetupError(
                f"This Python carries SQLite {sqlite3.sqlite_version}, and Pinnace needs 3.35 or newer. "
                "Use a newer build of Python."
            )
        self.file: Path | None = file
        self.name = str(file)
        self._path = file

    def prepare(self) -> None:
        """Make an empty file that only its owner can read, if there is none."""
        try:
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise SetupError(
                f"The database {self._path} cannot be opened: {error.strerror}. "
                "Check that its directory exists and that you may write there."
            ) from error

    def writer(self) -> Engine:
        """See :class:`Database`."""
        engine = create_engine(self._url(), pool_size=1, max_overflow=0, connect_args=self._arguments())
        return _configured(engine, _SQLITE_WRITER, "BEGIN IMMEDIATE")

    def reader(self) -> Engine:
        """See :class:`Database`."""
        engine = create_engine(
            self._url(), pool_size=_READERS, max_overflow=_EXTRA_READERS, connect_args=self._arguments()
        )
        return _configured(engine, _SQLITE_READER, "BEGIN")

    def migrator(self) -> Engine:
        """See :class:`Database`."""
        engine = create_engine(self._url(), poolclass=NullPool, connect_args=self._arguments())
        return _configured(engine, _SQLITE_MIGRATION, "BEGIN EXCLUSIVE")

    def become_writer(self, connection: Connection) -> None:
        """Nothing to do: BEGIN IMMEDIATE has waited already."""

    def upsert(
        self, connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], keep: Sequence[str]
    ) -> None:
        """See :class:`Database`."""
        connection.execute(_sqlite_upsert(table, tuple(keep)), rows)

    def _url(self) -> URL:
        return URL.create("sqlite", database=str(self._path))

    def _arguments(self) -> dict[str, object]:
        # autocommit by the driver: transactions begin with the statement that _configured gives.
        return {"check_same_thread": False, "isolation_level": None, "timeout": _BUSY_MILLISECONDS / 1000}


class PostgresDatabase:
    """A database of a PostgreSQL server."""

    def __init__(self, url: URL) -> None:
        self.file: Path | None = None
        self.name = url.render_as_string(hide_password=True)
        self._url = url.set(drivername="postgresql+psycopg")

    def writer(self) -> Engine:
        """See :class:`Database`."""
        return self._engine(pool_size=1, max_overflow=0, options=f"-c lock_timeout={_BUSY_MILLISECONDS}")

    def reader(self) -> Engine:
        """See :class:`Database`."""
        return self._engine(
            pool_size=_READERS,
            max_overflow=_EXTRA_READERS - _READERS,
            isolation_level="REPEATABLE READ",
            # A list is read in tens of milliseconds: to start parallel workers for it takes about as long, on
            # processors that tasks want.
            options="-c default_transaction_read_only=on -c max_parallel_workers_per_gather=0",
        )

    def migrator(self) -> Engine:
        """See :class:`Database`."""
        engine = self._engine(poolclass=NullPool, options="")

        @event.listens_for(engine, "begin")
        def exclude_others(connection: Connection) -> None:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")

        return engine

    def become_writer(self, connection: Connection) -> None:
        """Lock the row of the change number until the transaction ends."""
        connection.execute(_LOCK_COUNTER)

    def upsert(
        self, connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], keep: Sequence[str]
    ) -> None:
        """See :class:`Database`."""
        connection.execute(_postgres_upsert(table, tuple(keep)), rows)

    def _engine(self, *, options: str, **settings: Any) -> Engine:
        try:
            return create_engine(
                self._url,
                pool_pre_ping=True,
                connect_args={"options": options, "application_name": "pinnace", "connect_timeout": 10},
                **settings,
            )
        except ModuleNotFoundError as error:
            raise SetupError(
                "A PostgreSQL database needs the driver psycopg. Install it with: pip install 'pinnace[postgres]'"
            ) from error


_LOCK_COUNTER: Final = select(counters.c.value).where(counters.c.name == CHANGE).with_for_update()


@cache
def _sqlite_upsert(table: Table, keep: tuple[str, ...]) -> sqlite.Insert:
    statement = sqlite.insert(table)
    key, changed = _parts(statement.excluded, table, keep)
    if not changed:
        return statement.on_conflict_do_nothing(index_elements=key)
    return statement.on_conflict_do_update(index_elements=key, set_=changed)


@cache
def _postgres_upsert(table: Table, keep: tuple[str, ...]) -> Executable:
    # Most servers live on SQLite; the dialect would cost each of their starts 30 ms.
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    statement = postgresql.insert(table)
    key, changed = _parts(statement.excluded, table, keep)
    if not changed:
        return statement.on_conflict_do_nothing(index_elements=key)
    return statement.on_conflict_do_update(index_elements=key, set_=changed)


def _parts(
    excluded: ReadOnlyColumnCollection[str, KeyedColumnElement[Any]], table: Table, keep: Sequence[str]
) -> tuple[list[str], dict[str, KeyedColumnElement[Any]]]:
    """Names of the key, and what the other columns become."""
    key = [column.name for column in table.primary_key]
    return key, {c.name: excluded[c.name] for c in table.columns if c.name not in key and c.name not in keep}


def _configured(engine: Engine, pragmas: Sequence[str], begin: str) -> Engine:
    """Run pragmas on every new connection, and begin transactions with a statement of our own."""

    @event.listens_for(engine, "connect")
    def configure(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
            if pragma == _WAL and cursor.fetchone() != ("wal",):
                raise SetupError(
                    "The file system of the database has no shared memory, which SQLite's write-ahead log needs. "
                    "Choose a directory on a local disk with --data-dir."
                )
        cursor.close()

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
