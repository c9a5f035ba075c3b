"""Files that a URL names."""

from typing import Protocol


class Downloads(Protocol):
    """Fetches files from the hosts that the server's user allowed, and from nowhere else."""

    def fetch(self, url: str, limit: int) -> bytes:
        """The content of the file at *url*, at most *limit* bytes.

        Raises:
            InvalidInput: the URL cannot be used, or what is there is no file within the limit.
            FailedPrecondition: the server is not allowed to ask this host, or the address behind its name.
            Unavailable: the host did not answer in time, or not completely.
        """
        ...
