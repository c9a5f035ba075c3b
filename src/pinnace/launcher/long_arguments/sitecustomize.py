"""Gives an argument that was too long for the system back to ``sys.argv``; see ``pinnace.launcher.arguments``.

Runs in the task's own Python at its start, then takes itself out of the way of a ``sitecustomize`` of the user's.
"""

import contextlib
import os
import sys

_PREFIX = "pinnace-long-argument:"
_OWN = os.path.dirname(os.path.abspath(__file__))


def _restore() -> None:
    for position, word in enumerate(sys.argv):
        if word.startswith(_PREFIX):
            with open(word[len(_PREFIX) :], "rb") as file:
                sys.argv[position] = os.fsdecode(file.read())


def _step_aside() -> None:
    rest = [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part and part != _OWN]
    if rest:
        os.environ["PYTHONPATH"] = os.pathsep.join(rest)
    else:
        os.environ.pop("PYTHONPATH", None)
    sys.path[:] = [part for part in sys.path if part != _OWN]
    sys.modules.pop("sitecustomize", None)
    with contextlib.suppress(ImportError):
        __import__("sitecustomize")


_restore()
_step_aside()
