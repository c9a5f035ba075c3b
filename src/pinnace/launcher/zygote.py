"""A process that is ready, and forks a runner for every attempt that the server names.

The server speaks to it through a socket: each request is the directory of an attempt, with two descriptors for the
runner's standard output and errors. When the socket closes, whether the server wanted that or died, the zygote ends,
and the runner that waits for a request. Those that have one go on.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable

from pinnace.launcher import command, processes, requests, runner

BOOTSTRAP = (
    "import sys; package = type(sys)('pinnace'); package.__path__ = [sys.argv[1]]; sys.modules['pinnace'] = package; "
    "from pinnace.launcher.zygote import main; main(int(sys.argv[2]))"
)
"""Program of a zygote for plain commands, for ``python -I -S -c``. Arguments: the directory of the package ``pinnace``,
and the descriptor of the socket. The package's own ``__init__`` and everything else of it stays out."""

READY = b"ready\n"
FAILED = b"failed "

_TAKEN = b"1"


Prepare = Callable[[], "command.Spare | None"]
"""Called in a runner that waits for its request: forks the task ahead of need, too, where that pays."""


def _no_spare() -> None:
    return None


def serve(control: socket.socket, start: runner.Start, prepare: Prepare = _no_spare) -> None:
    """Have runners forked until the server has gone, then end the process. Raises InTask in a process that is a task.

    One runner is forked ahead of need, and waits for its request itself. As long as it waits nobody counts on it: where
    it is killed another one is forked for the next request.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # Nobody waits for runners: their records say what became of them.
    processes.boot_id()  # It is remembered, by all that are forked.
    control.sendall(READY)
    is_wanted = False
    while True:
        try:
            has_taken = _keep_spare(control, start, prepare)
        except OSError:
            traceback.print_exc()
            has_taken = False
            if is_wanted:
                _refuse(control)
        is_wanted = not has_taken
        if is_wanted and requests.is_over(control):
            os._exit(0)


def _keep_spare(control: socket.socket, start: runner.Start, prepare: Prepare) -> bool:
    """Fork a runner, and return when it has taken a request, or is gone without. Raises OSError where none can be."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            if command.fork() == 0:
                ours.close()
                _become_runner(control, theirs, start, prepare)
        try:
            return ours.recv(1) == _TAKEN
        except ConnectionResetError:
            return False


def _refuse(control: socket.socket) -> None:
    """Let a request fall for which there is no process: the server sees the descriptors close and asks again."""
    request = requests.receive(control)
    if request is not None:
        os.close(request.output)
        os.close(request.errors)


def _become_runner(control: socket.socket, parent: socket.socket, start: runner.Start, prepare: Prepare) -> None:
    """Wait for an attempt, run it and end the process. Raises InTask in the task."""
    try:
        processes.end_with_parent(signal.SIGKILL)  # Though somebody has stopped it: it may hold a request by then.
        os.setsid()
        os.chdir("/")
        spare = prepare()
        runner.prepare()
        request = requests.first_of(control, parent)
        if request is None:
            os._exit(0)
        processes.end_with_parent(0)
        with contextlib.suppress(OSError):  # Who is gone needs not know.
            parent.send(_TAKEN)
        parent.close()
        control.close()
        os.dup2(request.output, 1)
        os.dup2(request.errors, 2)
        os.close(request.output)
        os.close(request.errors)
        runner.run_attempt(request.directory, start, spare)
        os._exit(0)
    except command.InTask:
        control.detach()  # Nothing is open any more, and what the numbers mean is up to the task.
        parent.detach()
        raise
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)


def main(descriptor: int) -> None:
    """Serve plain commands."""
    serve(socket.socket(fileno=descriptor), runner.start_command)
