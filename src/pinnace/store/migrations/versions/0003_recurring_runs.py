"""Recurring runs, and which runs they made."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0003"
down_revision: Final = "0002"

NAME: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table; runs that are there were made by nobody's schedule."""
    op.add_column("runs", sa.Column("recurring_run_id", NAME, nullable=False, server_default=""))
    op.create_index("ix_runs_recurring_run_id_state", "runs", ["recurring_run_id", "state"])
    op.create_table(
        "recurring_runs",
        sa.Column("id", NAME, nullable=False),
        sa.Column("namespace", NAME, nullable=False),
        sa.Column("creator", NAME, nullable=False),
        sa.Column("display_name", NAME, nullable=False),
        sa.Column("description", NAME, nullable=False),
        sa.Column("experiment_id", NAME, nullable=False),
        sa.Column("document", NAME, nullable=False),
        sa.Column("pipeline_id", NAME, nullable=True),
        sa.Column("pipeline_version_id", NAME, nullable=True),
        sa.Column("pipeline_root", NAME, nullable=False),
        sa.Column("service_account", NAME, nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("no_catchup", sa.Boolean(), nullable=False),
        sa.Column("max_concurrency", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=True),
        sa.Column("last_index", sa.Integer(), nullable=False),
        sa.Column("resumed_at", INSTANT, nullable=True),
        sa.Column("next_at", INSTANT, nullable=True),
        sa.Column("error", NAME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recurring_runs"),
    )
    for columns in (
        ("created_at", "id"),
        ("namespace", "created_at", "id"),
        ("experiment_id", "created_at", "id"),
        ("next_at",),
        ("document",),
    ):
        op.create_index(f"ix_recurring_runs_{'_'.join(columns)}", "recurring_runs", list(columns))
