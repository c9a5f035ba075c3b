"""Kept counts for the totals of lists, wider indexes for their searches, and the namespace of each task."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0005"
down_revision: Final = "0004"

NAME: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
COUNT: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

LISTED: Final = ("created_at", "id", "display_name", "state", "finished_at", "scheduled_at")


def upgrade() -> None:
    """Make the tables, which are filled when all migrations are done; tasks get the namespace of their run."""
    for table, *keys in (
        ("run_counts", "experiment_id", "namespace", "storage_state", "state"),
        ("task_counts", "namespace", "kind"),
        ("artifact_counts", "namespace", "kind"),
    ):
        op.create_table(
            table,
            *(sa.Column(key, NAME, nullable=False) for key in keys),
            sa.Column("count", COUNT, nullable=False),
            sa.PrimaryKeyConstraint(*keys, name=f"pk_{table}"),
        )
    op.add_column("tasks", sa.Column("namespace", NAME, nullable=False, server_default=""))
    op.execute("UPDATE tasks SET namespace = (SELECT namespace FROM runs WHERE runs.id = tasks.run_id)")
    for columns in (
        ("storage_state", "created_at", "id"),
        ("storage_state", "state", "created_at", "id"),
        ("namespace", "created_at", "id"),
        ("namespace", "storage_state", "created_at", "id"),
        ("experiment_id", "created_at", "id"),
        ("experiment_id", "storage_state", "created_at", "id"),
    ):
        op.drop_index(f"ix_runs_{'_'.join(columns)}", "runs")
    for name, *wide in (
        ("ix_runs_in_namespace", "namespace", *LISTED),
        ("ix_runs_in_namespace_by_storage_state", "namespace", "storage_state", *LISTED),
        ("ix_runs_in_experiment", "experiment_id", *LISTED),
        ("ix_runs_in_experiment_by_storage_state", "experiment_id", "storage_state", *LISTED),
        ("ix_runs_recurring_run_id_namespace_created_at_id", "recurring_run_id", "namespace", "created_at", "id"),
    ):
        op.create_index(name, "runs", wide)
