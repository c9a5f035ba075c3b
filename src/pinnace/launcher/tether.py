"""Becomes another program that ends with the server, also where that was killed. Linux alone can do this."""

from __future__ import annotations

import os
import signal
import sys

from pinnace.launcher import processes

_BOOTSTRAP = (
    "import sys; package = type(sys)('pinnace'); package.__path__ = [sys.argv[1]]; sys.modules['pinnace'] = package; "
    "from pinnace.launcher.tether import main; main(int(sys.argv[2]), sys.argv[3:])"
)


def tethered(command: list[str]) -> list[str]:
    """The command that does what *command* does, and is killed when the thread that starts it has ended."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return [sys.executable, "-I", "-S", "-c", _BOOTSTRAP, package, str(os.getpid()), *command]


def main(server: int, command: list[str]) -> None:
    """Become *command*, unless the server is gone already."""
    processes.end_with_parent(signal.SIGKILL)
    if os.getppid() != server:
        sys.exit("the server is gone")
    for name in ("SIGPIPE", "SIGXFSZ"):  # Python has changed them for itself.
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    try:
        os.execv(command[0], command)
    except OSError as error:
        sys.exit(f"{command[0]} cannot be run: {error.strerror}")
