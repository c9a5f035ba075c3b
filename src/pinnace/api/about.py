"""What the server says about itself."""

from dataclasses import dataclass

from pinnace.domain.values import Instant


@dataclass(frozen=True, slots=True)
class About:
    """Version of Pinnace, the data directory, and the address that the server was started on, and when."""

    version: str
    data_directory: str
    address: str
    started_at: Instant | None = None
