"""What changed in the server, in order."""

from typing import Final

revision: Final = "0004"
down_revision: Final = "0003"


def upgrade() -> None:
    """Nothing yet."""
