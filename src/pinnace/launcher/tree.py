"""Everything that the user's command has started, and how it is brought to an end."""

from __future__ import annotations

import os
import signal
import time

from pinnace.launcher import processes

_PATIENCE_WITH_REFUSED = 5.0
"""Seconds after which processes of another user, which this one may not signal, are left alone."""


class Tree:
    """The processes of one attempt, of which the calling process is the ancestor.

    With a subreaper the kernel answers exactly: no child left means that no descendant is left, however they were
    forked. Without one (macOS) the command's session and the attempt's mark in the environment are searched.
    """

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._adopts = processes.become_subreaper()
        self.main = 0
        self.status: int | None = None
        self.max_rss = 0
        self.cpu_seconds = 0.0

    def reap(self) -> bool:
        """Collect what has ended; whether a child is left. The main command's status goes to :attr:`status`."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            self.cpu_seconds += usage.ru_utime + usage.ru_stime
            self.max_rss = max(self.max_rss, usage.ru_maxrss)
            if pid == self.main:
                self.status = status

    def members(self) -> list[int]:
        """Living processes of the attempt."""
        children_left = self.reap()
        if self._adopts:
            return processes.descendants(os.getpid()) if children_left else []
        return processes.members(self._mark, self.main)

    def is_gone(self) -> bool:
        """Whether nothing is left."""
        return not (self.reap() if self._adopts else self.members())

    def terminate(self) -> None:
        """Ask every process to end."""
        for pid in self.members():
            _send(pid, signal.SIGTERM)

    def kill(self) -> None:
        """Return when no process is left that this user may end."""
        give_up: float | None = None
        pause = 0.001
        while not self.is_gone():
            found = self.members()
            reached = [pid for pid in found if _send(pid, signal.SIGKILL)]
            if found and not reached:
                give_up = give_up or time.monotonic() + _PATIENCE_WITH_REFUSED
                if time.monotonic() > give_up:
                    return
            else:
                give_up = None
            time.sleep(pause)
            pause = min(pause * 2, 0.05)


def kill_members(mark: str, session: int) -> bool:
    """Kill what a dead runner left behind, once; whether anything was found that this user may end."""
    reached = [pid for pid in processes.members(mark, session) if _send(pid, signal.SIGKILL)]
    return bool(reached)


def _send(pid: int, number: int) -> bool:
    """Signal a process; False where this user may not. One that has just ended counts as reached."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return True
