"""Kept counts and a text index for lists."""

from typing import Final

revision: Final = "0005"
down_revision: Final = "0004"


def upgrade() -> None:
    """Nothing yet."""
