"""Plugins of runs, and what retention needs."""

from typing import Final

revision: Final = "0007"
down_revision: Final = "0006"


def upgrade() -> None:
    """Nothing yet."""
