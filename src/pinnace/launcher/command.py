"""Starts the user's command as a process of its own."""

from __future__ import annotations

import errno
import os
import signal
import struct
from typing import NamedTuple, NoReturn

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


def spawn(command: list[str], environment: dict[str, str], work: str, log: int) -> Spawned:
    """Start *command* in a session of its own and return when it has begun.

    It gets default signals, umask 022, standard input from /dev/null, output and errors into the descriptor *log*,
    and no other descriptor.
    """
    receiver, sender = os.pipe()
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        pid = os.fork()
        if pid == 0:
            _become(command, environment, work, log, sender)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.close(sender)
    with os.fdopen(receiver, "rb") as answers:
        answer = answers.read()
    if not answer:
        return Spawned(pid, None)
    step, number = _FAILURE.unpack(answer)
    return Spawned(pid, Failure(_STEPS[step], number))


def _become(command: list[str], environment: dict[str, str], work: str, log: int, sender: int) -> NoReturn:
    """In the child: set everything up and exec. Reports an OSError through *sender*; never returns."""
    step = 0
    try:
        os.setsid()
        os.umask(_UMASK)
        os.chdir(work)
        sender = _arrange_descriptors(log, sender)
        _raise_oom_score()
        _reset_signals()
        step = 1
        os.execvpe(command[0], command, environment)
    except OSError as error:
        os.write(sender, _FAILURE.pack(step, error.errno or 0))
    except ValueError:
        os.write(sender, _FAILURE.pack(step, errno.EINVAL))
    finally:
        os._exit(127)


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
    for number in signal.valid_signals():
        try:
            signal.signal(number, signal.SIG_DFL)
        except (OSError, ValueError):
            continue  # SIGKILL, SIGSTOP and those that the C library keeps for itself.
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
