"""Tasks and artifacts that can be found by themselves."""

from typing import Final

revision: Final = "0006"
down_revision: Final = "0005"


def upgrade() -> None:
    """Nothing yet."""
