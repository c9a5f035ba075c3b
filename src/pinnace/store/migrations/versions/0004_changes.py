"""What changed in the server, in order, and the last change of each task."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0004"
down_revision: Final = "0003"

NAME: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the feed, which reaches back to now. Tasks that are there changed at the latest now."""
    op.create_table(
        "changes",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("namespace", NAME, nullable=False),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("id", NAME, nullable=False),
        sa.Column("action", NAME, nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_changes"),
    )
    op.execute("INSERT INTO counters (name, value) SELECT 'forgotten', value FROM counters WHERE name = 'change'")
    op.add_column("tasks", sa.Column("changed", NUMBER, nullable=False, server_default="0"))
    op.execute("UPDATE tasks SET changed = (SELECT value FROM counters WHERE name = 'change')")
    op.create_index("ix_tasks_run_id_changed", "tasks", ["run_id", "changed"])
