"""Kept counts: how many rows of a table have the same values in some columns, so that a list knows its total at once.

Triggers keep them, in the transaction that changes the table: no writer can forget them, whatever it writes with. They
are no part of the migrations' history. SQLite loses the triggers of a table that a migration makes anew, so they are
removed before migrations, laid down after them, and everything is counted once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Table, delete, func, insert, inspect, select, text

from pinnace.store.tables import artifact_counts, artifacts, run_counts, runs, task_counts, tasks

_PREFIX: Final = "keep_count_of_"


@dataclass(frozen=True, slots=True)
class KeptCounts:
    """The counts of one table.

    Attributes:
        of: What is counted.
        table: Where the counts are: the columns by which is counted are its primary key and named as in ``of``; the
            number itself is ``count``. A combination that no row has is not there.
    """

    of: Table
    table: Table

    @property
    def keys(self) -> Sequence[str]:
        """By what is counted."""
        return [column.name for column in self.table.primary_key]


RUNS: Final = KeptCounts(runs, run_counts)
TASKS: Final = KeptCounts(tasks, task_counts)
ARTIFACTS: Final = KeptCounts(artifacts, artifact_counts)
ALL: Final = (RUNS, TASKS, ARTIFACTS)


def install(connection: Connection) -> None:
    """Lay down the triggers, and count what is there."""
    remove(connection)
    for kept in _present(connection):
        triggers = _postgres_triggers if connection.dialect.name == "postgresql" else _sqlite_triggers
        for statement in triggers(kept):
            connection.exec_driver_sql(statement)
        _recount(connection, kept)


def remove(connection: Connection) -> None:
    """Remove the triggers, also those of other releases."""
    if connection.dialect.name == "postgresql":
        found = text("SELECT proname FROM pg_proc WHERE starts_with(proname, :prefix) AND pg_function_is_visible(oid)")
        drop = "DROP FUNCTION {} CASCADE"
    else:
        found = text(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, length(:prefix)) = :prefix"
        )
        drop = "DROP TRIGGER {}"
    for name in connection.execute(found, {"prefix": _PREFIX}).scalars().all():
        connection.exec_driver_sql(drop.format(name))


def _present(connection: Connection) -> Iterable[KeptCounts]:
    """Those that the schema has: migrations may be run up to an earlier version."""
    tables = set(inspect(connection).get_table_names())
    return [kept for kept in ALL if kept.table.name in tables]


def _recount(connection: Connection, kept: KeptCounts) -> None:
    columns = [kept.of.c[name] for name in kept.keys]
    connection.execute(delete(kept.table))
    counted = select(*columns, func.count()).group_by(*columns)
    connection.execute(insert(kept.table).from_select([*kept.keys, "count"], counted))


def _sqlite_triggers(kept: KeptCounts) -> Sequence[str]:
    """One trigger for what comes, goes and changes; a row at a time, which is all that SQLite has."""
    of, table, keys = kept.of.name, kept.table.name, ", ".join(kept.keys)
    came = (
        f"INSERT INTO {table} ({keys}, count) VALUES ({_of_row('NEW', kept)}, 1) "
        f"ON CONFLICT ({keys}) DO UPDATE SET count = count + 1;"
    )
    this = " AND ".join(f"{key} = OLD.{key}" for key in kept.keys)
    gone = f"UPDATE {table} SET count = count - 1 WHERE {this}; DELETE FROM {table} WHERE {this} AND count = 0;"
    return [
        f"CREATE TRIGGER {_PREFIX}{of}_insert AFTER INSERT ON {of} BEGIN {came} END",
        f"CREATE TRIGGER {_PREFIX}{of}_delete AFTER DELETE ON {of} BEGIN {gone} END",
        f"CREATE TRIGGER {_PREFIX}{of}_update AFTER UPDATE OF {keys} ON {of} WHEN {_changed(kept)} "
        f"BEGIN {gone} {came} END",
    ]


def _postgres_triggers(kept: KeptCounts) -> Sequence[str]:
    """A function for all three. Insertions and deletions, which may be many, are summed a statement.

    Changes are seen a row at a time: only so does an update that leaves the keys alone, as nearly all do, cost nothing.
    """
    of, name = kept.of.name, f"{_PREFIX}{kept.of.name}"
    return [
        _postgres_function(kept, name),
        f"CREATE TRIGGER {name}_insert AFTER INSERT ON {of} REFERENCING NEW TABLE AS came "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
        f"CREATE TRIGGER {name}_delete AFTER DELETE ON {of} REFERENCING OLD TABLE AS gone "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
        f"CREATE TRIGGER {name}_update AFTER UPDATE OF {', '.join(kept.keys)} ON {of} "
        f"FOR EACH ROW WHEN ({_changed(kept)}) EXECUTE FUNCTION {name}()",
    ]


def _postgres_function(kept: KeptCounts, name: str) -> str:
    """Rows are locked in the order of their keys, so that two writers never wait for each other."""
    keys = ", ".join(kept.keys)
    return f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    {_postgres_add(kept, f"SELECT {keys}, count(*) FROM came GROUP BY {keys}")}
  ELSIF TG_OP = 'DELETE' THEN
    {_postgres_add(kept, f"SELECT {keys}, -count(*) FROM gone GROUP BY {keys}")}
    {_postgres_clear(kept, f"SELECT {keys} FROM gone")}
  ELSE
    {_postgres_add(kept, f"VALUES ({_of_row('OLD', kept)}, -1), ({_of_row('NEW', kept)}, 1)")}
    {_postgres_clear(kept, f"VALUES ({_of_row('OLD', kept)})")}
  END IF;
  RETURN NULL;
END $$"""


def _postgres_add(kept: KeptCounts, rows: str) -> str:
    table, keys = kept.table.name, ", ".join(kept.keys)
    return (
        f"INSERT INTO {table} ({keys}, count) SELECT * FROM ({rows}) AS change ({keys}, count) ORDER BY {keys} "
        f"ON CONFLICT ({keys}) DO UPDATE SET count = {table}.count + excluded.count;"
    )


def _postgres_clear(kept: KeptCounts, rows: str) -> str:
    return f"DELETE FROM {kept.table.name} WHERE ({', '.join(kept.keys)}) IN ({rows}) AND count = 0;"


def _of_row(row: str, kept: KeptCounts) -> str:
    return ", ".join(f"{row}.{key}" for key in kept.keys)


def _changed(kept: KeptCounts) -> str:
    return " OR ".join(f"OLD.{key} <> NEW.{key}" for key in kept.keys)
