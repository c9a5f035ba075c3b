"""Whose turn it is to write."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class WriterLock:
    """One writer at a time in this process; a second one waits without polling the database.

    Histories of runs go ahead of everything else. One commit of theirs holds what many runs wait for, and only one
    asks at a time, so the others get every second turn at least.
    """

    def __init__(self) -> None:
        self._queue = threading.Lock()
        self._changed = threading.Condition()
        self._ahead = 0
        self._holder = 0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Write, after those that came before.

        Raises:
            RuntimeError: this thread writes already.
        """
        self._refuse_second()
        with self._queue:
            self._take(lambda: not self._holder and not self._ahead)
            try:
                yield
            finally:
                self._release()

    @contextmanager
    def next_turn(self) -> Iterator[None]:
        """Write as soon as the one that writes now is done. Raises as :meth:`turn`."""
        self._refuse_second()
        with self._changed:
            self._ahead += 1
        self._take(lambda: not self._holder, ahead=True)
        try:
            yield
        finally:
            self._release()

    def _refuse_second(self) -> None:
        if self._holder == threading.get_ident():
            raise RuntimeError(
                "a transaction that writes is open in this thread already; a second one would wait for it"
            )

    def _take(self, is_free: Callable[[], bool], *, ahead: bool = False) -> None:
        with self._changed:
            self._changed.wait_for(is_free)
            self._ahead -= ahead
            self._holder = threading.get_ident()

    def _release(self) -> None:
        with self._changed:
            self._holder = 0
            self._changed.notify_all()
