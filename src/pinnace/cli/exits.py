"""Errors of the command line, and the exit codes that programs may rely on."""

from typing import Final

from pinnace.errors import PinnaceError

NO_SERVER: Final = 3


class CommandError(PinnaceError):
    """A command cannot be carried out; the text says what to do. Exit code 1."""


class NoServer(PinnaceError):
    """The command needs a server, and none runs on the data directory. Exit code 3."""
