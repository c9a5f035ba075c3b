"""Arguments that are longer than the system lets through.

Linux takes no single argument of 128 KiB or more. The SDK's entry point gets its whole input in one, behind
``--executor_input``. For that command, and only for it, the argument is put into a file and given back to Python's
``sys.argv`` by a ``sitecustomize`` before any code of the component runs.
"""

from __future__ import annotations

import os

LIMIT = 128 * 1024 - 1
"""Bytes that one argument can have on Linux, without its closing zero byte."""

_ENTRY_POINT = "kfp.dsl.executor_main"
_OPTION = "--executor_input"
_HOOK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hook")
PREFIX = "pinnace-long-argument:"


def too_long(command: list[str]) -> int | None:
    """The position of the first argument that the system would refuse, or None."""
    for position, word in enumerate(command):
        if len(os.fsencode(word)) > LIMIT:
            return position
    return None


def shorten(command: list[str], environment: dict[str, str], directory: str) -> list[str]:
    """Put the SDK's input into a file of *directory* if it is too long; changes *environment* then. Raises OSError."""
    position = too_long(command)
    if position is None or not _is_input_of_sdk(command, position):
        return command
    path = os.path.join(directory, "executor_input.json")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(os.fsencode(command[position]))
    search = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = _HOOK + (os.pathsep + search if search else "")
    return [*command[:position], PREFIX + path, *command[position + 1 :]]


def _is_input_of_sdk(command: list[str], position: int) -> bool:
    return position > 0 and command[position - 1] == _OPTION and any(_ENTRY_POINT in word for word in command)
