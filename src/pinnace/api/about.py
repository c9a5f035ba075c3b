"""What the server says about itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class About:
    """Version of Pinnace, the data directory, and the address that the server was started on."""

    version: str
    data_directory: str
    address: str
