"""Kept counts for the totals of lists, and the namespace of each task."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0005"
down_revision: Final = "0004"

NAME: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
COUNT: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, which are filled when all migrations are done; tasks get the namespace of their run."""
    for table, *keys in (
        ("run_counts", "experiment_id", "namespace", "storage_state", "state"),
        ("task_counts", "namespace"),
        ("artifact_counts", "namespace"),
    ):
        op.create_table(
            table,
            *(sa.Column(key, NAME, nullable=False) for key in keys),
            sa.Column("count", COUNT, nullable=False),
            sa.PrimaryKeyConstraint(*keys, name=f"pk_{table}"),
        )
    op.add_column("tasks", sa.Column("namespace", NAME, nullable=False, server_default=""))
    op.execute("UPDATE tasks SET namespace = (SELECT namespace FROM runs WHERE runs.id = tasks.run_id)")
