"""Transactions over a database: one writer at a time, readers beside it, group commit."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Connection

from pinnace.ports.changes import Listener
from pinnace.ports.store import LogAppend, RunLog, UnitOfWork
from pinnace.store.changes import ChangeRecorder, FeedGrowth
from pinnace.store.dialects import Database
from pinnace.store.failures import refused_write, spoils_transaction, translated
from pinnace.store.run_log import SqlRunLog
from pinnace.store.unit_of_work import SqlUnitOfWork
from pinnace.store.writer_lock import WriterLock


class SqlStore:
    """``ports.store.Store``. Safe to use from any thread; the schema must be there already."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writer = database.writer()
        self._reader = database.reader()
        self._lock = WriterLock()
        self._growth = FeedGrowth()
        self._listeners: tuple[Listener, ...] = ()

    def write(self) -> AbstractContextManager[UnitOfWork]:
        """See the port.

        Raises:
            Unavailable: the disk is full, or the database cannot be reached; nothing was stored.
            RuntimeError: this thread has opened a writing transaction already.
        """
        return self._unit_of_work()

    @contextmanager
    def _unit_of_work(self) -> Iterator[UnitOfWork]:
        with self._writing(self._lock.turn()) as recorder:
            yield SqlUnitOfWork(recorder.connection, self._database, recorder)

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """See the port.

        Raises:
            Unavailable: the database cannot be read.
        """
        with _own_errors(), self._reader.begin() as connection:
            yield SqlUnitOfWork(connection, self._database, ChangeRecorder(connection, self._growth))

    def append(self, entries: Sequence[LogAppend]) -> Sequence[Exception | None]:
        """See the port.

        Raises:
            Unavailable: the disk is full, or the database cannot be reached; no entry was stored.
        """
        with self._writing(self._lock.next_turn()) as recorder:
            connection = recorder.connection
            log = SqlRunLog(connection, self._database, recorder)
            return [_attempt(connection, log, entry, alone=len(entries) == 1) for entry in entries]

    def listen(self, listener: Listener) -> None:
        """See the port."""
        self._listeners = (*self._listeners, listener)

    def close(self) -> None:
        """See the port."""
        with self._lock.turn():
            self._reader.dispose()
            self._writer.dispose()

    @contextmanager
    def _writing(self, turn: AbstractContextManager[None]) -> Iterator[ChangeRecorder]:
        with turn, _own_errors(writing=True), self._writer.begin() as connection:
            self._database.become_writer(connection)
            recorder = ChangeRecorder(connection, self._growth)
            yield recorder
        news = recorder.news()
        if news is not None:
            for listener in self._listeners:
                listener(news)


def _attempt(connection: Connection, log: RunLog, entry: LogAppend, *, alone: bool) -> Exception | None:
    """Append one entry; its error, unless the whole transaction has to fail with it.

    An entry that is *alone* in its transaction needs no savepoint.
    """
    savepoint = None if alone else connection.begin_nested()
    try:
        log.append(entry)
    except Exception as error:
        if spoils_transaction(error):
            raise  # a full disk has made SQLite drop the whole transaction already, savepoints and all
        if savepoint is None:
            connection.rollback()
        else:
            savepoint.rollback()
        return translated(error) or error
    if savepoint is not None:
        savepoint.commit()
    return None


@contextmanager
def _own_errors(*, writing: bool = False) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        own = (refused_write(error) if writing else None) or translated(error)
        if own is None or own is error:
            raise
        raise own from error
