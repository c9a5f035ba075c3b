"""Plugins of runs, and what retention needs."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from pinnace.domain.places import place_of

revision: Final = "0007"
down_revision: Final = "0006"

NAME: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add what is to be known of runs and artifacts; runs that are there leave it open."""
    _add_plugins()
    _add_retention()


def _add_plugins() -> None:
    op.add_column("runs", sa.Column("plugins_input", sa.Text(), nullable=True))
    op.add_column("runs", sa.Column("plugins_output", sa.Text(), nullable=True))
    op.add_column("recurring_runs", sa.Column("plugins_input", sa.Text(), nullable=True))


def _add_retention() -> None:
    op.add_column("runs", sa.Column("artifact_root", NAME, nullable=False, server_default=""))
    op.add_column("runs", sa.Column("archived_at", INSTANT, nullable=True))
    op.create_index("ix_runs_artifact_root", "runs", ["artifact_root"])
    op.create_index("ix_runs_storage_state_finished_at_id", "runs", ["storage_state", "finished_at", "id"])
    op.add_column("artifacts", sa.Column("place", NAME, nullable=False, server_default=""))
    op.execute("UPDATE artifacts SET place = uri")
    artifacts = sa.table("artifacts", sa.column("uri", sa.Text), sa.column("place", sa.Text))
    connection = op.get_bind()
    for uri in connection.execute(sa.select(artifacts.c.uri).distinct()).scalars().all():
        if place_of(uri) != uri:
            connection.execute(sa.update(artifacts).where(artifacts.c.uri == uri).values(place=place_of(uri)))
    op.create_index("ix_artifacts_place", "artifacts", ["place"])
