"""What the server is."""

from pydantic import Field

from pinnace.api.extensions.wire_base import Time, View


class WireServerStatus(View):
    """The server, and how much it holds."""

    version: str
    data_directory: str
    address: str = Field(description="Where it was started.")
    started_at: Time | None
    runs_unfinished: int
    change_number: int = Field(description="Grows with everything that is written.")
