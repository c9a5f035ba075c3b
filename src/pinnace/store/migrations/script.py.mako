"""${message}"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "${up_revision}"
down_revision: Final = ${repr(down_revision)}


def upgrade() -> None:
    """Bring the schema here from the one before."""
    ${upgrades if upgrades else "pass"}
