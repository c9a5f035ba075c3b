"""Tasks and artifacts that can be found by themselves."""

import uuid
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0006"
down_revision: Final = "0005"

NAME: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_NAMESPACE: Final = uuid.UUID("6f1b6a0e-3c57-5f0e-9d0c-70696e6e6163")
_PORTION: Final = 5_000
_KINDS: Final = {
    "system.Model": "Model",
    "system.Dataset": "Dataset",
    "system.HTML": "HTML",
    "system.Markdown": "Markdown",
    "system.Metrics": "Metric",
    "system.ClassificationMetrics": "ClassificationMetric",
    "system.SlicedClassificationMetrics": "SlicedClassificationMetric",
}


def upgrade() -> None:
    """Add the columns, fill them for what is there, and index them."""
    _tasks()
    _links()
    _artifacts()
    op.add_column("cache_entries", sa.Column("component", NAME, nullable=False, server_default=""))
    _index("cache_entries", "namespace", "pipeline_name", "component", "created_at")


def _tasks() -> None:
    op.add_column("tasks", sa.Column("id", sa.LargeBinary(), nullable=True))
    op.add_column("tasks", sa.Column("parent_id", sa.LargeBinary(), nullable=True))
    op.add_column("tasks", sa.Column("iterations", sa.Integer(), nullable=True))
    _give_ids()
    with op.batch_alter_table("tasks") as batch:
        batch.alter_column("id", existing_type=sa.LargeBinary(), nullable=False)
    _index("tasks", "id", unique=True)
    _index("tasks", "namespace", "created_at", "id", "name")
    _index("tasks", "phase", "namespace", "created_at", "id")
    _index("tasks", "run_id", "created_at", "id")
    _index("tasks", "parent_id", "created_at", "id")
    # Of a loop that succeeded every iteration is there; how many another was to have is in its history alone.
    op.execute(
        "UPDATE tasks SET iterations = (SELECT count(*) FROM tasks AS one WHERE one.parent_id = tasks.id) "
        "WHERE kind = 'LOOP' AND phase = 'SUCCEEDED'"
    )


def _give_ids() -> None:
    """Portion by portion: there may be millions of tasks."""
    connection = op.get_bind()
    tasks = sa.table("tasks", *(sa.column(name) for name in ("run_id", "node", "parent", "id", "parent_id")))
    key = sa.tuple_(tasks.c.run_id, tasks.c.node)
    write = (
        sa.update(tasks)
        .where(tasks.c.run_id == sa.bindparam("of_run"), tasks.c.node == sa.bindparam("of_node"))
        .values(id=sa.bindparam("own", type_=sa.LargeBinary()), parent_id=sa.bindparam("above", type_=sa.LargeBinary()))
    )
    read = sa.select(tasks.c.run_id, tasks.c.node, tasks.c.parent).order_by(tasks.c.run_id, tasks.c.node)
    last: tuple[str, str] = ("", "")
    while rows := connection.execute(read.where(key > last).limit(_PORTION)).all():
        connection.execute(write, [_ids(row) for row in rows])
        last = (rows[-1].run_id, rows[-1].node)


def _ids(row: Any) -> dict[str, Any]:
    above = None if row.parent is None else _task_id(row.run_id, row.parent)
    return {"of_run": row.run_id, "of_node": row.node, "own": _task_id(row.run_id, row.node), "above": above}


def _task_id(run: str, node: str) -> bytes:
    return uuid.uuid5(_NAMESPACE, f"{run}\n{node}").bytes


def _links() -> None:
    op.add_column("task_artifacts", sa.Column("role", NAME, nullable=True))
    op.add_column("task_artifacts", sa.Column("created_at", INSTANT, nullable=True))
    op.execute(
        """
        UPDATE task_artifacts SET (role, created_at) = (
          SELECT
            CASE
              WHEN task_artifacts.direction = 'INPUT' AND kind IN ('DAG', 'LOOP') THEN 'PASSED'
              WHEN task_artifacts.direction = 'INPUT' THEN 'USED'
              WHEN kind IN ('DAG', 'LOOP') THEN 'EXPOSED'
              WHEN cached THEN 'REUSED'
              ELSE 'PRODUCED'
            END,
            created_at
          FROM tasks WHERE tasks.run_id = task_artifacts.run_id AND tasks.node = task_artifacts.node)
        """
    )
    op.drop_index("ix_task_artifacts_artifact_id", "task_artifacts")
    with op.batch_alter_table("task_artifacts") as batch:
        batch.alter_column("role", existing_type=NAME, nullable=False)
        batch.alter_column("created_at", existing_type=INSTANT, nullable=False)
    _index("task_artifacts", "artifact_id", "role", "created_at")


def _artifacts() -> None:
    op.add_column("artifacts", sa.Column("kind", NAME, nullable=False, server_default="Artifact"))
    op.add_column("artifacts", sa.Column("description", NAME, nullable=False, server_default=""))
    op.add_column("artifacts", sa.Column("number_value", sa.Float(), nullable=True))
    artifacts = sa.table("artifacts", sa.column("schema_title"), sa.column("kind"))
    op.execute(
        sa.update(artifacts)
        .where(artifacts.c.schema_title.in_(list(_KINDS)))
        .values(kind=sa.case(_KINDS, value=artifacts.c.schema_title))
    )
    # What a B-tree of PostgreSQL takes is bounded, and so are names from now on.
    op.execute("UPDATE artifacts SET name = substr(name, 1, 500) WHERE length(name) > 500")
    op.drop_index("ix_artifacts_namespace_created_at_id", "artifacts")
    _index("artifacts", "namespace", "created_at", "id", "name")
    _index("artifacts", "namespace", "kind", "created_at", "id", "name")


def _index(table: str, *columns: str, unique: bool = False) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns), unique=unique)
