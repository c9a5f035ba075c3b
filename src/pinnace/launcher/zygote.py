"""A process that is ready, and forks a runner for every attempt that the server names.

The server speaks to it through a socket: each request is the directory of an attempt, with two descriptors for the
runner's standard output and errors. When the socket closes, whether the server wanted that or died, the zygote ends.
Its runners go on.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import sys
import traceback
from typing import NamedTuple

from pinnace.launcher import command, runner

BOOTSTRAP = (
    "import sys; package = type(sys)('pinnace'); package.__path__ = [sys.argv[1]]; sys.modules['pinnace'] = package; "
    "from pinnace.launcher.zygote import main; main(int(sys.argv[2]))"
)
"""Program of a zygote for plain commands, for ``python -I -S -c``. Arguments: the directory of the package ``pinnace``,
and the descriptor of the socket. The package's own ``__init__`` and everything else of it stays out."""

READY = b"ready\n"
FAILED = b"failed "

_LENGTH = struct.Struct("=I")
_DESCRIPTORS = struct.Struct("=ii")


class Request(NamedTuple):
    """An attempt to run; *output* and *errors* are descriptors of the runner."""

    directory: str
    output: int
    errors: int


def send(control: socket.socket, directory: str, output: int, errors: int) -> None:
    """Ask for a runner. Raises OSError where nobody listens any more."""
    path = os.fsencode(directory)
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, _DESCRIPTORS.pack(output, errors))]
    message = _LENGTH.pack(len(path)) + path
    if control.sendmsg([message], ancillary) != len(message):
        raise BrokenPipeError("the zygote does not listen")


def receive(control: socket.socket) -> Request | None:
    """The next request, or None when there will be none."""
    header, ancillary, _, _ = control.recvmsg(_LENGTH.size, socket.CMSG_SPACE(_DESCRIPTORS.size))
    if len(header) < _LENGTH.size or not ancillary:
        return None
    output, errors = _DESCRIPTORS.unpack(ancillary[0][2])
    path = b""
    (length,) = _LENGTH.unpack(header)
    while len(path) < length:
        piece = control.recv(length - len(path))
        if not piece:
            return None
        path += piece
    return Request(os.fsdecode(path), output, errors)


def serve(control: socket.socket, start: runner.Start) -> None:
    """Fork runners until the server has gone, then end the process. Raises InTask in a process that is a task."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # Nobody waits for runners: their records say what became of them.
    control.sendall(READY)
    while True:
        request = receive(control)
        if request is None:
            os._exit(0)
        try:
            child = command.fork()
        except OSError:
            traceback.print_exc()  # No runner, no claim: the server sees the descriptors close and asks again.
            child = 1
        if child == 0:
            _become_runner(control, request, start)
        os.close(request.output)
        os.close(request.errors)


def _become_runner(control: socket.socket, request: Request, start: runner.Start) -> None:
    """Run the attempt and end the process. Raises InTask in the task."""
    try:
        control.close()
        os.setsid()
        os.chdir("/")
        os.dup2(request.output, 1)
        os.dup2(request.errors, 2)
        os.close(request.output)
        os.close(request.errors)
        runner.run_attempt(request.directory, start)
        os._exit(0)
    except command.InTask:
        raise
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)


def main(descriptor: int) -> None:
    """Serve plain commands."""
    serve(socket.socket(fileno=descriptor), runner.start_command)
