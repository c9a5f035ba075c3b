"""The schema: one chain of migrations, equal to a fresh one; newer ones refused, older ones backed up and migrated."""

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import make_url

from pinnace.domain.environments import EnvironmentMode
from pinnace.domain.ids import RunId
from pinnace.errors import SetupError
from pinnace.ports.store import Store
from pinnace.store import open_store, schema
from pinnace.store.dialects import Database, PostgresDatabase, SqliteDatabase
from pinnace.store.large_values import LargeValues
from pinnace.store.rows import run_values
from pinnace.store.tables import metadata
from pinnace.testing.records import a_run

NEXT = f"{int(schema.SCHEMA_VERSION) + 1:04}"
_NEXT = """
from alembic import op
import sqlalchemy as sa
revision = "{revision}"
down_revision = "{down_revision}"

def upgrade():
    with op.batch_alter_table("runs", recreate="auto") as batch:
        batch.add_column(sa.Column("owner", sa.Text(), nullable=False, server_default="nobody"))
        batch.alter_column("description", nullable=True)
    {last}
"""


@pytest.fixture
def database(address: str) -> Database:
    return PostgresDatabase(make_url(address)) if "://" in address else SqliteDatabase(Path(address))


@pytest.fixture
def engine(database: Database) -> Iterator[Engine]:
    opened = database.migrator()
    yield opened
    opened.dispose()


def _shape(connection: Connection) -> dict[str, Any]:
    """Everything that tells one schema from another."""
    found = inspect(connection)
    shape: dict[str, Any] = {}
    for table in found.get_table_names():
        shape[table] = {
            "columns": [(c["name"], repr(c["type"]), c["nullable"], c["default"]) for c in found.get_columns(table)],
            "key": found.get_pk_constraint(table),
            "indexes": sorted(map(repr, found.get_indexes(table))),
            "unique": sorted(map(repr, found.get_unique_constraints(table))),
            "foreign": sorted(map(repr, found.get_foreign_keys(table))),
            "rows": connection.execute(text(f"SELECT * FROM {table}")).all(),
            "triggers": _triggers(connection, table),
        }
    return shape


def _triggers(connection: Connection, table: str) -> list[str]:
    if connection.dialect.name == "postgresql":
        found = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = :table ::regclass AND NOT tgisinternal"
    else:
        found = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
    return sorted(connection.execute(text(found), {"table": table}).scalars())


def test_migrations_lead_to_the_schema_of_a_fresh_database(engine: Engine) -> None:
    schema.migrate(engine)
    with engine.begin() as connection:
        migrated = _shape(connection)
        # Types are compared below, collations too, which Alembic does not look at.
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": False}), metadata) == []
        names = ", ".join(f'"{name}"' for name in migrated)
        for name in names.split(", ") if connection.dialect.name == "sqlite" else [names]:
            connection.execute(text(f"DROP TABLE {name}"))
        schema.create(connection)
        assert _shape(connection) == migrated
    assert set(migrated) == {*metadata.tables, "alembic_version"}
    assert migrated["alembic_version"]["rows"] == [(schema.SCHEMA_VERSION,)]
    assert migrated["counters"]["rows"] == [("change", 0), ("forgotten", 0)]


def test_the_chain_has_one_head_and_the_code_knows_it() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [schema.SCHEMA_VERSION]
    revisions = [script.revision for script in scripts.walk_revisions()]
    assert revisions == sorted(revisions, reverse=True)
    assert all(len(revision) == 4 and revision.isdigit() for revision in revisions)


def test_every_resource_has_a_namespace_and_a_creator_from_the_first_migration() -> None:
    for name in ("experiments", "pipelines", "pipeline_versions", "runs", "artifacts", "cache_entries"):
        assert {"namespace", "creator"} <= set(metadata.tables[name].columns.keys())


@pytest.mark.parametrize("version", [NEXT, "9999", "f00d"])
def test_a_newer_schema_is_refused_with_both_versions_and_the_cure(address: str, engine: Engine, version: str) -> None:
    open_store(address).close()
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{version}'"))
    with pytest.raises(SetupError) as caught:
        open_store(address)
    assert version in str(caught.value)
    assert schema.SCHEMA_VERSION in str(caught.value)
    assert "pip install -U pinnace" in str(caught.value)


def test_a_database_of_something_else_is_refused(address: str, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE customers (id INTEGER)"))
    with pytest.raises(SetupError, match="something else"):
        open_store(address)
    with engine.begin() as connection:
        assert inspect(connection).get_table_names() == ["customers"]


@pytest.fixture
def older(store: Store) -> RunId:
    """A run in a database of this schema, large value and all."""
    with store.write() as unit:
        unit.runs.add(a_run("one", parameters={"x": "y" * 40_000}))
    store.close()
    return RunId("one")


def _next_chain(tmp_path: Path, last: str) -> Path:
    chain = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, chain)
    migration = _NEXT.format(revision=NEXT, down_revision=schema.SCHEMA_VERSION, last=last)
    (chain / "versions" / f"{NEXT}_next.py").write_text(migration)
    return chain


def test_an_older_schema_is_backed_up_and_migrated(
    older: RunId, database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        schema.prepare(database, _next_chain(tmp_path, "pass"), NEXT)
    engine = database.migrator()
    with engine.begin() as connection:
        assert connection.execute(text("SELECT id, owner FROM runs")).all() == [(older, "nobody")]
        # The table was made anew under the foreign keys that point to it, and they kept their rows.
        assert connection.execute(text("SELECT count(*) FROM blob_references")).scalar() == 1
    engine.dispose()
    with pytest.raises(SetupError, match=NEXT):
        schema.prepare(database)
    if database.file is None:
        assert "pg_dump" in caplog.text
        return
    (copy,) = database.file.parent.glob("*.backup")
    assert copy.name.startswith(f"pinnace.db.schema-{schema.SCHEMA_VERSION}.")
    assert str(copy) in caplog.text
    assert copy.stat().st_mode & 0o077 == 0
    restored = open_store(copy)
    with restored.read() as unit:
        assert unit.runs.get(older).parameters == {"x": "y" * 40_000}
    restored.close()


def test_a_migration_that_fails_changes_nothing(older: RunId, database: Database, address: str, tmp_path: Path) -> None:
    engine = database.migrator()
    with engine.begin() as connection:
        before = _shape(connection)
    with pytest.raises(ZeroDivisionError):
        schema.prepare(database, _next_chain(tmp_path, "1 / 0"), NEXT)
    with engine.begin() as connection:
        assert _shape(connection) == before
    engine.dispose()
    again = open_store(address)
    with again.read() as unit:
        assert unit.runs.get(older).id == older
    again.close()


def test_a_run_of_the_first_schema_has_neither_environment_nor_recurring_run(
    database: Database, address: str, tmp_path: Path
) -> None:
    chain = tmp_path / "first"
    shutil.copytree(schema.MIGRATIONS, chain)
    for later in set((chain / "versions").glob("*.py")) - {chain / "versions" / "0001_first.py"}:
        later.unlink()
    engine = database.migrator()
    schema.migrate(engine, chain)
    with engine.begin() as connection:
        row = run_values(a_run("one"), LargeValues()) | {"last_sequence": 0}
        del row["environment"], row["recurring_run_id"], row["plugins_input"], row["plugins_output"]
        names = ", ".join(row)
        connection.execute(text(f"INSERT INTO runs ({names}) VALUES ({', '.join(f':{name}' for name in row)})"), row)
    engine.dispose()
    store = open_store(address)
    with store.write() as unit:
        assert unit.runs.get(RunId("one")) == a_run("one")
        unit.runs.add(a_run("two", environment=EnvironmentMode.ISOLATED))
    with store.read() as unit:
        assert unit.runs.get(RunId("two")).environment is EnvironmentMode.ISOLATED
    store.close()


def test_addresses_that_cannot_be_opened_are_said(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.db"
    garbage.write_bytes(b"no database" * 1000)
    with pytest.raises(SetupError, match="cannot be opened"):
        open_store(garbage)
    with pytest.raises(SetupError, match="Check that its directory exists"):
        open_store(tmp_path / "nowhere" / "pinnace.db")
    with pytest.raises(SetupError, match="not supported"):
        open_store("mysql://localhost/x")
    with pytest.raises(SetupError, match="cannot be read"):
        open_store("postgresql://host:port/database")
    with pytest.raises(SetupError, match="cannot be opened") as caught:
        open_store(f"postgresql://user:secret@/nowhere?host={tmp_path}")
    assert "secret" not in str(caught.value)
