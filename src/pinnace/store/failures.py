"""Errors of the databases in the project's own words."""

import errno
import sqlite3
from typing import Final

from sqlalchemy.exc import DataError, DBAPIError, InternalError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pinnace.errors import InvalidInput, PinnaceError, Unavailable

_DISK_FULL: Final = "The disk that holds the database is full. Make room on it; nothing of this change was stored."
_BUSY: Final = "The database is locked by another program. Try again, or end the program that holds it."
_DISK_ERROR: Final = "The database cannot be read or written: {}. Check the disk that holds it."
_READ_ONLY: Final = (
    "The database takes no changes: it is read-only now. Check its disk, or which server is the primary."
)
_UNREACHABLE: Final = "The database server cannot be reached. Try again when it runs."
_OVERLOADED: Final = "The database server has no room for this now. Try again."
_UNSTORABLE: Final = "A text or number of the request cannot be stored: {}. Change it."

_SQLITE: Final = {
    sqlite3.SQLITE_FULL: _DISK_FULL,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_IOERR: _DISK_ERROR,
    sqlite3.SQLITE_CORRUPT: _DISK_ERROR,
    sqlite3.SQLITE_NOTADB: _DISK_ERROR,
    sqlite3.SQLITE_CANTOPEN: _DISK_ERROR,
    sqlite3.SQLITE_PERM: _DISK_ERROR,
    sqlite3.SQLITE_PROTOCOL: _BUSY,
    sqlite3.SQLITE_NOMEM: _DISK_ERROR,
}

# SQLSTATE, or its class of two characters.
_POSTGRESQL: Final = {
    "53100": _DISK_FULL,
    "53": _OVERLOADED,
    "40": _OVERLOADED,
    "55P03": _OVERLOADED,
    "08": _UNREACHABLE,
    "57": _UNREACHABLE,
    "58": _DISK_ERROR,
    "XX": _DISK_ERROR,
}


def translated(error: BaseException) -> PinnaceError | None:
    """What an error from below means to a user; None for one that is a fault of the program."""
    if isinstance(error, PinnaceError):
        return error
    if isinstance(error, UnicodeEncodeError):
        return InvalidInput(_UNSTORABLE.format("it is not valid Unicode"))
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Unavailable(_DISK_FULL)
    if isinstance(error, PoolTimeout):
        return Unavailable(_OVERLOADED)
    if isinstance(error, DBAPIError):
        return _from_driver(error)
    if isinstance(error, StatementError) and error.orig is not None:
        return translated(error.orig)
    return None


def _from_driver(error: DBAPIError) -> PinnaceError | None:
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        # The low byte is the primary code; drivers' own errors have none.
        code = getattr(cause, "sqlite_errorcode", None)
        sentence = None if code is None else _SQLITE.get(code & 0xFF)
    else:
        state = getattr(cause, "sqlstate", None)
        if isinstance(error, DataError) or (state is not None and state.startswith("22")):
            return InvalidInput(_UNSTORABLE.format("the database refuses it"))
        # Operational errors are the server's, never the program's; one of a connection that was not made has no state.
        is_unreachable = error.connection_invalidated or isinstance(error, OperationalError)
        sentence = _UNREACHABLE if is_unreachable else None
        if state is not None:
            sentence = _POSTGRESQL.get(state, _POSTGRESQL.get(state[:2], sentence))
    return None if sentence is None else Unavailable(sentence.format(cause))


def refused_write(error: BaseException) -> Unavailable | None:
    """What it means that a database takes no writes: its disk was mounted anew, or another server is the primary now.

    None for any other error. In a transaction that is only to read, a write is a fault of the program.
    """
    cause = error.orig if isinstance(error, DBAPIError) else None
    code = getattr(cause, "sqlite_errorcode", None)
    if (code is not None and code & 0xFF == sqlite3.SQLITE_READONLY) or getattr(cause, "sqlstate", None) == "25006":
        return Unavailable(_READ_ONLY)
    return None


def spoils_transaction(error: BaseException) -> bool:
    """Whether the database itself failed, so that nothing of the transaction can be saved by a savepoint."""
    return isinstance(error, OperationalError | InternalError | PoolTimeout) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )
