"""What the system knows of processes: who they are, whose children, and which belong to an attempt.

Linux is read from ``/proc``; elsewhere ``ps`` and ``sysctl`` are asked, which is slower and serves the same.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from functools import lru_cache
from typing import NamedTuple

SCARCE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""Errors of a system that has no descriptor or memory left. They say nothing of what was asked for."""

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


class Identity(NamedTuple):
    """A process that cannot be mistaken for a later one with the same pid."""

    boot: str
    pid: int
    start: str


class Process(NamedTuple):
    """One row of the process table."""

    pid: int
    parent: int
    session: int


@lru_cache(maxsize=1)
def boot_id() -> str:
    """A value that changes with every start of the machine; no process lives to see that."""
    if sys.platform == "linux":
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    return _ask("sysctl", "-n", "kern.bootsessionuuid").strip()


def start_time(pid: int) -> str | None:
    """When a process began, in the system's own unit, or None where there is no such process (or only its zombie).

    Raises OSError where the system cannot tell now (:data:`SCARCE`), as everything here does that asks for processes.
    """
    if sys.platform == "linux":
        fields = _stat_fields(pid)
        return None if fields is None or fields[0] in "ZX" else fields[19]
    return _ask("ps", "-o", "lstart=", "-p", str(pid)).strip() or None


def identify(pid: int) -> Identity:
    """The identity of a living process."""
    return Identity(boot_id(), pid, start_time(pid) or "")


def is_alive(identity: Identity) -> bool:
    """Whether exactly that process still runs."""
    return identity.boot == boot_id() and identity.start != "" and start_time(identity.pid) == identity.start


def become_subreaper() -> bool:
    """Have orphaned descendants handed to this process. False where the system cannot."""
    if sys.platform != "linux":
        return False
    failed: int = ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    return failed == 0


def end_with_parent(number: int) -> None:
    """Have this process get that signal when its parent dies, 0 for none. Nothing happens where the system cannot."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)


def table() -> list[Process]:
    """Every process that can be seen."""
    if sys.platform == "linux":
        found = []
        for name in os.listdir("/proc"):
            fields = _stat_fields(int(name)) if name.isdigit() else None
            if fields is not None and fields[0] not in "ZX":
                found.append(Process(int(name), int(fields[1]), int(fields[3])))
        return found
    return [_with_session(line) for line in _ask("ps", "-A", "-o", "pid=,ppid=").splitlines()]


def descendants(root: int) -> list[int]:
    """Children of a process, their children, and so on; parents come first."""
    children: dict[int, list[int]] = {}
    for process in table():
        children.setdefault(process.parent, []).append(process.pid)
    found = list(children.get(root, ()))
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def members(mark: str, session: int) -> list[int]:
    """Processes that belong to an attempt, whoever their parent is.

    They carry its mark in the environment that they were started with, or are in the command's session. A process
    that left the session and was started with an emptied environment is not found this way.
    """
    wanted = mark.encode()
    own = os.getpid()
    marked = None if sys.platform == "linux" else _marked_by_ps(mark)
    found = []
    for process in table():
        if process.pid == own:
            continue
        in_session = session > 1 and process.session == session
        if in_session or (wanted in _environment(process.pid) if marked is None else process.pid in marked):
            found.append(process.pid)
    return found


def oom_kills() -> int:
    """How many processes the kernel has killed for memory since the start of the machine; 0 where it does not say."""
    try:
        with open("/proc/vmstat", "rb") as file:
            found = file.read().partition(b"\noom_kill ")[2]
    except OSError:
        return 0
    return int(found.partition(b"\n")[0] or 0)


def _stat_fields(pid: int) -> list[str] | None:
    """Fields of /proc/PID/stat from the third (the state) on; the second, the name, may hold anything."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].decode("ascii").split()
    except UnicodeDecodeError:
        return None
    except OSError as error:
        if error.errno in SCARCE:
            raise
        return None


def _environment(pid: int) -> list[bytes]:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return file.read().split(b"\0")
    except OSError as error:
        if error.errno in SCARCE:
            raise
        return []


def _with_session(line: str) -> Process:
    pid, parent = (int(word) for word in line.split()[:2])
    try:
        return Process(pid, parent, os.getsid(pid))
    except OSError:
        return Process(pid, parent, 0)


def _marked_by_ps(mark: str) -> list[int]:
    lines = _ask("ps", "-A", "-E", "-ww", "-o", "pid=,command=").splitlines()
    return [int(line.split(None, 1)[0]) for line in lines if mark in line.split()]


def _ask(*command: str) -> str:
    # Only systems without /proc get here; the import would cost every task of the others a tenth of its runner's start.
    import subprocess  # noqa: PLC0415

    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return done.stdout
