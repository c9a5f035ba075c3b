"""Brings a database to this release's schema: makes it, checks it, or backs it up and migrates it."""

import logging
import re
import secrets
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, inspect, select, text
from sqlalchemy.exc import DBAPIError

from pinnace import __version__
from pinnace.errors import SetupError
from pinnace.store import counts
from pinnace.store.dialects import CHANGE, FORGOTTEN, IDENTITY, Database
from pinnace.store.tables import counters, metadata

SCHEMA_VERSION: Final = "0007"
"""The head of the migrations. Versions are numbers, so that older and newer can be told apart."""

MIGRATIONS: Final = Path(__file__).parent / "migrations"

_VERSION_TABLE: Final = "alembic_version"
_log: Final = logging.getLogger(__name__)


def prepare(database: Database, chain: Path = MIGRATIONS, head: str = SCHEMA_VERSION) -> None:
    """Make the schema, or bring an older one up to date.

    Args:
        database: Where.
        chain: Alembic's directory of migrations.
        head: The version to which it leads.

    Raises:
        SetupError: the schema is of a newer release, or the database is not Pinnace's.
    """
    engine = database.migrator()
    try:
        found = _version(engine, database.name, head)
        if found is None:
            with engine.begin() as connection:
                if _stored_version(connection) is None:
                    create(connection)
        elif int(found) < int(head):
            _back_up(database, found, head)
            migrate(engine, chain)
        if head == SCHEMA_VERSION:
            _identify(engine)
    finally:
        engine.dispose()


def create(connection: Connection) -> None:
    """Make the schema of this release in an empty database."""
    metadata.create_all(connection)
    counts.install(connection)
    connection.execute(counters.insert(), [{"name": name, "value": 0} for name in (CHANGE, FORGOTTEN)])
    connection.execute(
        text(
            f"CREATE TABLE {_VERSION_TABLE} "
            "(version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
    )
    connection.execute(text(f"INSERT INTO {_VERSION_TABLE} VALUES ('{SCHEMA_VERSION}')"))  # noqa: S608 - a constant


def migrate(engine: Engine, chain: Path = MIGRATIONS) -> None:
    """Run all migrations that are missing, in one transaction."""
    # Only an upgrade needs Alembic; importing it would cost every start a tenth of a second.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(chain).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        counts.remove(connection)
        command.upgrade(config, "head")
        counts.install(connection)


def _identify(engine: Engine) -> None:
    """Give the database a number by which it is told from others, unless it has one."""
    with engine.begin() as connection:
        if connection.execute(select(counters).where(counters.c.name == IDENTITY)).first() is None:
            connection.execute(counters.insert(), [{"name": IDENTITY, "value": secrets.randbits(62)}])


def _version(engine: Engine, name: str, head: str) -> str | None:
    try:
        with engine.connect() as connection:
            found = _stored_version(connection)
            if found is None and inspect(connection).get_table_names():
                raise SetupError(
                    f"The database {name} holds something else than Pinnace's data. Choose another, or an empty one."
                )
    except DBAPIError as error:
        raise SetupError(
            f"The database {name} cannot be opened: {error.orig}. Check that it runs, and that it is Pinnace's."
        ) from error
    if found is None:
        return None
    if re.fullmatch(r"\d{4}", found) is None or int(found) > int(head):
        raise SetupError(
            f"The database {name} has schema {found}, of a newer Pinnace; this one, {__version__}, knows schemas up to "
            f"{head}. Install the newer Pinnace (pip install -U pinnace), or use another data directory."
        )
    return found


def _stored_version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar()  # noqa: S608
    return found


def _back_up(database: Database, version: str, head: str) -> None:
    """Copy a database file beside itself; a server's database is its owner's to dump."""
    if database.file is None:
        _log.warning(
            "Migrating %s from schema %s to %s in one transaction. Pinnace makes no backup of a PostgreSQL database: "
            "pg_dump does.",
            database.name,
            version,
            head,
        )
        return
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    copy = database.file.with_name(f"{database.file.name}.schema-{version}.{moment}.backup")
    unfinished = copy.with_name(f"{copy.name}.part")
    with closing(sqlite3.connect(database.file)) as source, closing(sqlite3.connect(unfinished)) as target:
        source.backup(target)
    unfinished.chmod(0o600)
    unfinished.rename(copy)
    _log.warning("Migrating %s from schema %s to %s. A copy is in %s.", database.name, version, SCHEMA_VERSION, copy)
