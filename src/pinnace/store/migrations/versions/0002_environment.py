"""How Python environments are made for a run."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0002"
down_revision: Final = "0001"

NAME: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add ``runs.environment``; runs that are there leave it to the server."""
    op.add_column("runs", sa.Column("environment", NAME, nullable=True))
