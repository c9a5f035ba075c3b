"""The runner of one attempt: starts the command, watches it, ends its whole tree, and says how it ended.

A process forked from a zygote, in a session of its own, that outlives zygote and server. Its standard output is a
pipe to the server, on which it says ``claimed`` when the attempt is its own and ``running MICROSECONDS`` when the
command has begun; its end is the server's sign to read ``result.json``.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable

from pinnace.launcher import arguments, command, mark, processes, records
from pinnace.launcher.log_cap import LogCap
from pinnace.launcher.tree import Tree

CANCEL = "cancel"
INTERRUPT = "interrupt"
DEADLINE = "deadline"
EXITED = "exited"
SETUP = "setup"
DELETED = "deleted"

CLAIMED = b"claimed\n"
RUNNING = b"running "

_TICK = 0.5
_BUSY_TICK = 0.05
_INTERRUPT_GRACE = 2.5

Start = Callable[["records.Record", str, int], command.Spawned]
"""Starts what a task is to run. Gets the task's record, the attempt's directory and the descriptor of the log. Raises
OSError where it cannot; an OSError of the new process itself is in what it returns."""


class Runner:
    """One attempt, from the claim of its directory to its result."""

    def __init__(
        self, directory: str, task: records.Record, wakeups: int, start: Start, spare: command.Spare | None
    ) -> None:
        self._directory = directory
        self._start = start
        self._spare = spare
        self._task = task
        self._wakeups = wakeups
        self._tree = Tree("{}={}".format(records.MARK_VARIABLE, task["mark"]))
        self._cap = LogCap(os.path.join(directory, records.LOG), task["log_cap"])
        self._oom_kills = processes.oom_kills()
        self._reason: str | None = None
        self._kill_at: float | None = None
        self._began_at: int | None = None
        self._failure: records.Record | None = None

    def run(self) -> None:
        """Carry the attempt out and write its result."""
        self._obey_stop_file()
        if self._reason is None and self._prepare():
            self._begin()
        if self._began_at is not None:
            self._watch()
        self._tree.kill()
        with contextlib.suppress(OSError):
            self._cap.enforce()
        if self._reason != DELETED:
            records.write_result(self._directory, self._result())
            os.close(1)  # The server need not wait for the rest.
        if self._task["temporary"]:
            shutil.rmtree(self._task["temporary"], ignore_errors=True)
        if self._reason == DELETED:
            sys.exit(f"{records.STARTED} in {self._directory} was deleted, so the attempt counts no more")

    def _prepare(self) -> bool:
        """Make the directories; False when that failed."""
        path = self._task["lock"]
        try:
            if path:
                fcntl.flock(os.open(path, os.O_RDONLY), fcntl.LOCK_SH)  # Held until this process ends.
            for path in (os.path.join(self._directory, records.WORK), *self._task["parents"]):
                os.makedirs(path, exist_ok=True)
            path = self._task["temporary"]
            if path:
                os.mkdir(path, 0o700)
        except OSError as error:
            self._fail("create the directory", path, error.errno or 0)
            return False
        return True

    def _begin(self) -> None:
        try:
            log = os.open(os.path.join(self._directory, records.LOG), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            spawned = self._spare.begin(self._directory, log) if self._spare else None
            spawned = spawned or self._start(self._task, self._directory, log)
        except OSError as error:
            self._fail("write into", self._directory, error.errno or 0)
            return
        os.close(log)
        self._tree.main = spawned.pid
        if spawned.failure is not None:
            words = self._task["command"]
            longest = max(len(os.fsencode(word)) for word in words)
            self._fail(spawned.failure.step, words[0], spawned.failure.number, longest)
            return
        self._began_at = _microseconds()
        with contextlib.suppress(OSError):
            os.write(1, RUNNING + b"%d\n" % self._began_at)

    def _watch(self) -> None:
        """Until the command has ended, or had its time to obey."""
        deadline = _clock() + self._task["deadline"] if self._task["deadline"] else None
        stop_at = None if self._task["stop_at"] is None else _clock() + self._task["stop_at"] / 1e6 - time.time()
        while True:
            gone = self._tree.is_gone()
            if gone or (self._tree.status is not None and self._reason is None):
                return
            now = _clock()
            if deadline is not None and now >= deadline:
                self._stop(DEADLINE, self._task["grace"])
            if stop_at is not None and now >= stop_at:
                self._stop(CANCEL, self._task["grace"])
            if self._kill_at is not None and now >= self._kill_at:
                return
            with contextlib.suppress(OSError):
                self._cap.enforce()
            moments = (deadline, stop_at, self._kill_at)
            self._sleep([moment - now for moment in moments if moment is not None and moment > now])
            self._obey_stop_file()

    def _sleep(self, waits: list[float]) -> None:
        """Until a signal comes, or the shortest of *waits* or a tick has passed."""
        busy = self._cap.is_near() or self._reason is not None
        waits.append(_BUSY_TICK if busy else _TICK)
        select.select([self._wakeups], [], [], min(waits))
        with contextlib.suppress(BlockingIOError):
            if set(os.read(self._wakeups, 4096)) - {signal.SIGCHLD}:
                self._stop(*self._stop_request(INTERRUPT))

    def _obey_stop_file(self) -> None:
        if os.path.exists(os.path.join(self._directory, records.STOP)):
            self._stop(*self._stop_request(CANCEL))
        elif not records.is_claimed(self._directory):
            self._stop(DELETED, 0.0)  # Another attempt may begin in its place at any moment.

    def _stop_request(self, default: str) -> tuple[str, float]:
        request = records.read(self._directory, records.STOP) or {}
        return str(request.get("reason", default)), float(request.get("grace", _INTERRUPT_GRACE))

    def _stop(self, reason: str, grace: float) -> None:
        """Ask the tree to end. A second call can only shorten the grace; the first reason stays."""
        if self._tree.status is not None and self._reason is None:
            return  # The command has ended by itself; that is what counts.
        kill_at = _clock() + grace
        if self._reason is None:
            self._reason = reason
            self._tree.terminate()
        if self._kill_at is None or kill_at < self._kill_at:
            self._kill_at = kill_at

    def _fail(self, step: str, path: str, number: int, longest: int = 0) -> None:
        self._failure = {"step": step, "path": path, "errno": number, "longest": longest}

    def _result(self) -> records.Record:
        status = self._tree.status if self._failure is None else None
        killed = status is not None and os.WIFSIGNALED(status)
        number = os.WTERMSIG(status) if status is not None and killed else None
        exit_code = None if status is None or killed else os.WEXITSTATUS(status)
        died_hard = number == signal.SIGKILL or exit_code == 128 + signal.SIGKILL
        return {
            "boot": processes.boot_id(),
            "outcome": self._reason or (EXITED if self._failure is None else SETUP),
            "deadline": self._task["deadline"],
            "failure": self._failure,
            "exit_code": exit_code,
            "signal": number,
            "began_at": self._began_at,
            "ended_at": _microseconds(),
            "max_rss": self._tree.max_rss * (1 if sys.platform == "darwin" else 1024),
            "cpu_seconds": round(self._tree.cpu_seconds, 6),
            "out_of_memory": died_hard and self._reason is None and processes.oom_kills() > self._oom_kills,
            "log_size": self._cap.size(),
            "disk_free": _free_bytes(self._directory),
        }


def run_attempt(directory: str, start: Start, spare: command.Spare | None = None) -> None:
    """Run the attempt of *directory*, unless it was begun before. Raises InTask in the task.

    Args:
        directory: The attempt's.
        start: Starts its task.
        spare: A process that was forked for the task ahead of need; the claim names it, since it has no mark yet.
    """
    wakeups = _catch_signals()
    os.umask(0o077)
    task = records.read(directory, records.TASK)
    if task is None:
        sys.exit(f"there is no readable {records.TASK} in {directory}")
    mark.put(task["mark"])  # Before anything is forked: what is left of a killed runner is found by it.
    claim = processes.identify(os.getpid())._asdict()
    if spare is not None:
        claim["spare"] = spare.identity._asdict()
    if records.claim(directory, claim):
        with contextlib.suppress(OSError):
            os.write(1, CLAIMED)
        records.reserve_result(directory)
        Runner(directory, task, wakeups, start, spare).run()


def prepare() -> None:
    """Do what the runner of any attempt does, so that the pages which that writes to are its own before it has to."""
    itself = processes.identify(os.getpid())._asdict()
    json.loads(json.dumps({"itself": itself, "text": "x" * 4096, "variables": dict(os.environ)}))
    processes.oom_kills()
    processes.become_subreaper()


def start_command(task: records.Record, directory: str, log: int) -> command.Spawned:
    """Start the task's command line; see :data:`Start`."""
    environment = dict(task["environment"])
    words = arguments.shorten(list(task["command"]), environment, directory)
    return command.spawn(lambda: os.execvpe(words[0], words, environment), directory, log)


def _catch_signals() -> int:
    """Have signals arrive as bytes on a descriptor; returns its reading end."""
    receiver, sender = os.pipe()
    os.set_blocking(receiver, False)
    os.set_blocking(sender, False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, lambda _number, _frame: None)
    signal.set_wakeup_fd(sender, warn_on_full_buffer=False)
    return receiver


def _clock() -> float:
    """Seconds that go on while the machine sleeps, where the system has such a clock."""
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


def _microseconds() -> int:
    return time.time_ns() // 1000


def _free_bytes(directory: str) -> int:
    try:
        found = os.statvfs(directory)
    except OSError:
        return -1
    return found.f_bavail * found.f_frsize
