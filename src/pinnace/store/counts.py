"""Kept counts: how many rows of a table have the same values in some columns, so that a list knows its total at once.

Triggers keep them, in the transaction that changes the table: no writer can forget them, whatever it writes with. They
are no part of the migrations' history. SQLite loses the triggers of a table that a migration makes anew, so they are
removed before migrations, laid down after them, and everything is counted once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Table, delete, func, insert, inspect, select, text

from pinnace.store.tables import artifact_counts, artifacts, run_counts, runs, task_counts, tasks

_PREFIX: Final = "keep_count_of_"

# In all of these: "of" is the counted table, "kept" the table of its counts, "keys" the columns by which is counted.
# SQLite sees one row at a time.
_SQLITE_CAME: Final = """
INSERT INTO {kept} ({keys}, count) VALUES ({new}, 1) ON CONFLICT ({keys}) DO UPDATE SET count = count + 1;"""
_SQLITE_GONE: Final = """
UPDATE {kept} SET count = count - 1 WHERE ({keys}) = ({old});
DELETE FROM {kept} WHERE ({keys}) = ({old}) AND count = 0;"""
_SQLITE: Final = (
    f"CREATE TRIGGER {{name}}_insert AFTER INSERT ON {{of}} BEGIN {_SQLITE_CAME} END",
    f"CREATE TRIGGER {{name}}_delete AFTER DELETE ON {{of}} BEGIN {_SQLITE_GONE} END",
    f"""
CREATE TRIGGER {{name}}_update AFTER UPDATE OF {{keys}} ON {{of}} WHEN ({{old}}) <> ({{new}})
BEGIN {_SQLITE_GONE} {_SQLITE_CAME} END""",
)

# PostgreSQL sums all rows of a statement: one update of a count for each of thousands of rows would take minutes, since
# every version of it stays until the transaction ends. Counts are locked in the order of their keys, so that writers
# that lock several never wait for each other.
_POSTGRESQL_EVENTS: Final = {
    "insert": ("NEW TABLE AS came", "SELECT {keys}, 1 AS one FROM came"),
    "delete": ("OLD TABLE AS gone", "SELECT {keys}, -1 AS one FROM gone"),
    "update": (
        "NEW TABLE AS came OLD TABLE AS gone",
        "SELECT {keys}, 1 AS one FROM came UNION ALL SELECT {keys}, -1 FROM gone",
    ),
}
_POSTGRESQL_FUNCTION: Final = """
CREATE FUNCTION {name}_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO {kept} ({keys}, count)
    SELECT {keys}, sum(one) FROM ({changes}) AS change GROUP BY {keys} HAVING sum(one) <> 0 ORDER BY {keys}
    ON CONFLICT ({keys}) DO UPDATE SET count = {kept}.count + excluded.count;
  IF FOUND THEN
    DELETE FROM {kept} WHERE count = 0 AND ({keys}) IN (SELECT {keys} FROM ({changes}) AS change);
  END IF;
  RETURN NULL;
END $$"""
_POSTGRESQL_TRIGGER: Final = """
CREATE TRIGGER {name}_{event} AFTER {event} ON {of} REFERENCING {tables}
FOR EACH STATEMENT EXECUTE FUNCTION {name}_{event}()"""


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
        for statement in _postgresql(kept) if connection.dialect.name == "postgresql" else _sqlite(kept):
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
    """Those that the schema has: migrations may be run up to an earlier version only."""
    schema = inspect(connection)
    tables = set(schema.get_table_names())
    for kept in ALL:
        if kept.table.name in tables and set(kept.keys) <= {each["name"] for each in schema.get_columns(kept.of.name)}:
            yield kept


def _recount(connection: Connection, kept: KeptCounts) -> None:
    columns = [kept.of.c[name] for name in kept.keys]
    connection.execute(delete(kept.table))
    counted = select(*columns, func.count()).group_by(*columns)
    connection.execute(insert(kept.table).from_select([*kept.keys, "count"], counted))


def _sqlite(kept: KeptCounts) -> Iterator[str]:
    old, new = (", ".join(f"{row}.{key}" for key in kept.keys) for row in ("OLD", "NEW"))
    for statement in _SQLITE:
        yield statement.format(**_words(kept), old=old, new=new)


def _postgresql(kept: KeptCounts) -> Iterator[str]:
    words = _words(kept)
    for event, (tables, changes) in _POSTGRESQL_EVENTS.items():
        yield _POSTGRESQL_FUNCTION.format(**words, event=event, changes=changes.format(**words))
        yield _POSTGRESQL_TRIGGER.format(**words, event=event, tables=tables)


def _words(kept: KeptCounts) -> dict[str, str]:
    name = f"{_PREFIX}{kept.of.name}"
    return {"name": name, "of": kept.of.name, "kept": kept.table.name, "keys": ", ".join(kept.keys)}
