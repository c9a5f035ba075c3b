"""Zygotes as the server sees them: started when first needed, asked for runners, ended when nobody needs them."""

import asyncio
import contextlib
import fcntl
import logging
import os
import socket
import subprocess
import sys
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pinnace.launcher import mark, program, records, requests, zygote

_LOG = logging.getLogger(__name__)
_PACKAGE: Final = str(Path(zygote.__file__).resolve().parents[1])
_FAILURE_SECONDS: Final = 60.0
_READY_SECONDS: Final = 60.0
_GIVEN_UP: Final = "The zygote of %s was given up, tasks start cold for a minute: %s"
_LOCK_TRIES: Final = 20
_SMALL_ENVIRONMENT: Final = ("PATH", "LANG", "LC_ALL")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a zygote holds ready.

    Attributes:
        python: The interpreter that has the SDK in memory; "" for plain commands.
        environment: Variables that it is started with.
        preload: Modules that it has imported besides the SDK.
        lock: File that protects the environment of *python* from removal, or "".
        stamp: State of that environment: what was imported from another state does not go with its files.
    """

    python: str = ""
    environment: tuple[tuple[str, str], ...] = ()
    preload: tuple[str, ...] = ()
    lock: str = ""
    stamp: str = ""


PLAIN: Final = Kind()


class Zygote:
    """One living zygote. Belongs to one event loop."""

    def __init__(self, kind: Kind) -> None:
        """Start it. Raises OSError."""
        self.used_at = 0.0
        self.failure = ""
        self._is_ready = False
        self._lock = _shared(kind.lock) if kind.lock else -1
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            command, environment = _plain(theirs.fileno()) if kind == PLAIN else _warm(kind, theirs.fileno())
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                cwd="/",
                start_new_session=True,
                pass_fds=[theirs.fileno()],
            )
        except OSError:
            self._control.close()
            self._unlock()
            raise
        finally:
            theirs.close()
        self._control.setblocking(False)
        self.is_open = True
        loop = asyncio.get_running_loop()
        loop.add_reader(self._control, self._read)
        self._limit = loop.call_later(_READY_SECONDS, self._expect_ready)

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def request(self, directory: str, output: int, errors: int) -> None:
        """Ask for a runner. Raises OSError where it does not listen."""
        requests.send(self._control, directory, output, errors)

    def close(self) -> None:
        """Have it end; the runners that it has forked go on."""
        if not self.is_open:
            return
        self.is_open = False
        self._limit.cancel()
        asyncio.get_running_loop().remove_reader(self._control)
        self._control.close()
        self._unlock()
        _end(self._process)

    def give_up(self, reason: str) -> None:
        """End it, since it does nothing. What it was asked for meanwhile is asked for again, elsewhere."""
        if self.is_open:
            self.failure = reason
            self.close()

    def _expect_ready(self) -> None:
        if not self._is_ready:
            self.give_up(f"it was not ready after {_READY_SECONDS:g} s")

    def _read(self) -> None:
        try:
            words = self._control.recv(4096)
        except OSError:
            words = b""
        if words.startswith(zygote.FAILED):
            self.failure = words[len(zygote.FAILED) :].decode(errors="replace").strip()
        elif not words and not self._is_ready:
            self.failure = "it ended while it was starting"
        self._is_ready = words.startswith(zygote.READY)
        if not self._is_ready:
            self.close()

    def _unlock(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


class Zygotes:
    """At most one zygote of a kind, and not many kinds at a time.

    Args:
        idle_seconds: After that time without a request a zygote ends.
        limit: Zygotes at a time, besides the one for plain commands; the one that was not used for longest makes room.
        preloaded_limit: The same for those with preloaded modules, which take the memory of these.
    """

    def __init__(self, *, idle_seconds: float = 300.0, limit: int = 8, preloaded_limit: int = 3) -> None:
        self._idle_seconds = idle_seconds
        self._limit = limit
        self._preloaded_limit = preloaded_limit
        self._living: OrderedDict[Kind, Zygote] = OrderedDict()
        self._failures: dict[Kind, tuple[str, float]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def failure(self, kind: Kind) -> str:
        """Why a zygote of that kind could not get ready a short time ago, or ""."""
        self.sweep()
        text, at = self._failures.get(kind, ("", 0.0))
        return text if asyncio.get_running_loop().time() - at < _FAILURE_SECONDS else ""

    def request(self, kind: Kind, directory: str, output: int, errors: int) -> Zygote:
        """Have a runner forked for the attempt of *directory*; the zygote that is to do it. Raises OSError.

        Whether that worked is seen in the directory once the descriptors are closed at the other side.
        """
        found = self._find(kind)
        try:
            found.request(directory, output, errors)
        except OSError:
            found.close()
            found = self._find(kind)
            try:
                found.request(directory, output, errors)
            except OSError:
                found.close()
                raise
        found.used_at = asyncio.get_running_loop().time()
        return found

    def close(self) -> None:
        """End all of them."""
        if self._timer is not None:
            self._timer.cancel()
        for living in self._living.values():
            living.close()
        self._living.clear()

    def pids(self) -> Mapping[Kind, int]:
        """The processes that live."""
        return {kind: living.pid for kind, living in self._living.items() if living.is_open}

    def sweep(self) -> None:
        """Forget those that have ended, and end those that were idle for long."""
        now = asyncio.get_running_loop().time()
        for kind, living in list(self._living.items()):
            if living.failure:
                self._failures[kind] = (living.failure, now)
                _LOG.warning(_GIVEN_UP, kind.python or "plain commands", living.failure)
            if living.is_open and now - living.used_at > self._idle_seconds:
                living.close()
            if not living.is_open:
                del self._living[kind]
        self._schedule()

    def _find(self, kind: Kind) -> Zygote:
        self.sweep()
        if kind not in self._living:
            self._make_room(kind)
            self._living[kind] = Zygote(kind)
            self._living[kind].used_at = asyncio.get_running_loop().time()
            self._schedule()
        self._living.move_to_end(kind)
        return self._living[kind]

    def _make_room(self, kind: Kind) -> None:
        warm = [other for other in self._living if other != PLAIN]
        preloaded = [other for other in warm if other.preload]
        leaving = preloaded[: 1 + len(preloaded) - self._preloaded_limit] if kind.preload else []
        leaving = leaving or (warm[: 1 + len(warm) - self._limit] if kind != PLAIN else [])
        for other in leaving:
            self._living.pop(other).close()

    def _schedule(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._living:
            self._timer = asyncio.get_running_loop().call_later(self._idle_seconds, self.sweep)


def _plain(control: int) -> tuple[list[str], dict[str, str]]:
    environment = {name: os.environ[name] for name in _SMALL_ENVIRONMENT if name in os.environ}
    environment[records.MARK_VARIABLE] = mark.BLANK
    return [sys.executable, "-I", "-S", "-c", zygote.BOOTSTRAP, _PACKAGE, str(control)], environment


def _warm(kind: Kind, control: int) -> tuple[list[str], dict[str, str]]:
    environment = program.variables(dict(kind.environment), control, kind.preload)
    return [kind.python, "-m", program.MODULE], environment


def _shared(path: str) -> int:
    """A descriptor that holds a shared lock on *path*. Raises OSError.

    Whoever looks whether it is in use holds it for microseconds, so a few tries are enough.
    """
    descriptor = os.open(path, os.O_RDONLY)
    for _ in range(_LOCK_TRIES):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return descriptor
        time.sleep(0.001)
    os.close(descriptor)
    raise BlockingIOError(f"the environment of {path} is being removed")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """It ends by itself at once, unless it is just importing: then it is killed, since it has no runner yet."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    process.wait()
