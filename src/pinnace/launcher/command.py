"""Starts what the user wants to run as a process of its own."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import struct
import time
import warnings
from collections.abc import Callable
from typing import NamedTuple

from pinnace.launcher import processes, records, requests

OOM_SCORE = "500"
"""Makes the kernel, when memory runs out, pick a task rather than the server."""

_UMASK = 0o022
_HIGHEST_DESCRIPTOR = 65_536  # Some containers allow a billion; the runner has a dozen.
_FAILURE = struct.Struct("=ii")
_STEPS = ("start the command in", "run")


class Failure(NamedTuple):
    """The command could not be started: *step* says what was tried, *number* is the errno."""

    step: str
    number: int


class Spawned(NamedTuple):
    """The process that was started, and why it could not become the command, if it could not."""

    pid: int
    failure: Failure | None


class InTask(BaseException):
    """Raised in a forked process that is the task from here on: everything above it on the stack has to let it pass."""


def fork() -> int:
    """``os.fork`` without Python's warning about threads: those that libraries leave behind are known to bear it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def spawn(enter: Callable[[], None], directory: str, log: int) -> Spawned:
    """Start a process in a session of its own, have it call *enter*, and return when that has happened.

    It records itself as what is running in the attempt's *directory* first, so that its session is known before it
    can have a child, whoever is killed meanwhile.

    It gets default signals, umask 022, standard input from /dev/null, output and errors into the descriptor *log*,
    and no other descriptor. *enter* replaces the process by a program; or it returns, and InTask is raised in the
    new process.
    """
    receiver, sender = os.pipe()
    pid = _fork(lambda: _become(lambda _: enter(), requests.Request(directory, log, log), sender))
    os.close(sender)
    with os.fdopen(receiver, "rb") as answers:
        return _spawned(pid, answers.read())


class Spare:
    """A process that was forked ahead of need, to become a command as by :func:`spawn`. Ends with its parent."""

    def __init__(self, prepare: Callable[[], Callable[[str], None]]) -> None:
        """Fork it. Raises OSError, and InTask in the new process.

        Args:
            prepare: Called in the process at once. What it returns enters: it is told the attempt's directory.
        """
        self._orders, theirs = socket.socketpair()
        with theirs:
            pid = _fork(lambda: _await_order(prepare, self._orders, theirs))
        self.identity = processes.identify(pid)

    def begin(self, directory: str, log: int) -> Spawned | None:
        """Have it become the command, or None where it is gone."""
        with self._orders as orders:
            try:
                requests.send(orders, directory, log, log)
                answer = orders.recv(_FAILURE.size)
            except OSError:
                return None
        return _spawned(self.identity.pid, answer)


def _fork(become: Callable[[], None]) -> int:
    """Fork with all signals blocked until the child has its own ways with them; it calls *become*."""
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        pid = fork()
        if pid == 0:
            become()
        return pid
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _spawned(pid: int, answer: bytes) -> Spawned:
    if not answer:
        return Spawned(pid, None)
    step, number = _FAILURE.unpack(answer)
    return Spawned(pid, Failure(_STEPS[step], number))


def _await_order(prepare: Callable[[], Callable[[str], None]], parents: socket.socket, orders: socket.socket) -> None:
    """In a spare: wait for the order and carry it out. Never returns."""
    parents.close()
    try:
        _stand_alone()
        enter = prepare()
        itself = processes.identify(os.getpid())
        request = requests.receive(orders)
    except BaseException:
        os._exit(127)
    if request is None:
        os._exit(0)
    _become(enter, request, orders.detach(), itself)


def _become(
    enter: Callable[[str], None], request: requests.Request, sender: int, itself: processes.Identity | None = None
) -> None:
    """In the child: set everything up and enter. Reports an OSError through *sender*; never returns.

    It stands alone already where it knows *itself*.
    """
    step = 0
    directory = request.directory
    try:
        if itself is None:
            _stand_alone()
            itself = processes.identify(os.getpid())
        _record(directory, itself)
        os.chdir(os.path.join(directory, records.WORK))
        sender = _arrange_descriptors(request.output, sender)
        step = 1
        enter(directory)
        os.close(sender)
    except OSError as error:
        os.write(sender, _FAILURE.pack(step, error.errno or 0))
        os._exit(127)
    except ValueError:
        os.write(sender, _FAILURE.pack(step, errno.EINVAL))
        os._exit(127)
    except BaseException:
        os._exit(127)
    raise InTask


def _stand_alone() -> None:
    os.setsid()
    os.umask(_UMASK)
    _raise_oom_score()
    _reset_signals()


def _record(directory: str, itself: processes.Identity) -> None:
    with contextlib.suppress(OSError):  # A full disk: what belongs to it is found by the mark alone.
        record = {"pid": itself.pid, "start": itself.start, "at": time.time_ns() // 1000}
        records.write(directory, records.RUNNING, record)


def _arrange_descriptors(log: int, sender: int) -> int:
    """Standard streams, and *sender* as the only other descriptor; returns its new number."""
    null = os.open(os.devnull, os.O_RDONLY)
    high_sender = os.dup(sender) if sender <= 3 else sender
    high_log = os.dup(log) if log <= 3 else log
    os.dup2(null, 0)
    os.dup2(high_log, 1)
    os.dup2(high_log, 2)
    os.dup2(high_sender, 3, inheritable=False)
    os.closerange(4, min(os.sysconf("SC_OPEN_MAX"), _HIGHEST_DESCRIPTOR))
    return 3


def _raise_oom_score() -> None:
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write(OOM_SCORE)
    except OSError:
        pass  # Not Linux, or forbidden here: it only makes the choice of a victim better.


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        try:
            signal.signal(number, signal.SIG_DFL)
        except (OSError, ValueError):
            continue  # SIGKILL, SIGSTOP and those that the C library keeps for itself.
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
