"""The environment variables that a task starts with."""

import os
from collections.abc import Collection, Mapping
from typing import Final

from pinnace.launcher.records import MARK_VARIABLE
from pinnace.ports.environments import Environment

_OWN_PREFIX: Final = "PINNACE_"
_NOT_PASSED_ON: Final = frozenset(
    {
        "DATABASE_URL",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONEXECUTABLE",
        "PYTHONHOME",
        "PYTHONINSPECT",
        "PYTHONSTARTUP",
        "VIRTUAL_ENV",
        "VIRTUAL_ENV_PROMPT",
        "_KFP_RUNTIME",
        "__PYVENV_LAUNCHER__",
    }
)


def child_environment(
    inherited: Mapping[str, str],
    environment: Environment,
    wanted: Mapping[str, str],
    mark: str,
    secrets: Collection[str],
) -> dict[str, str]:
    """What the server has, without what is the server's own; then the interpreter's; then *wanted* over all.

    Credentials of the user's (cloud keys, proxies, index settings) are passed on: tasks run as that user, on that
    user's machine. Not passed on: variables of Pinnace itself, any variable that holds one of *secrets*, database
    URLs, what changes how a Python starts, and PYTHONPATH into an isolated environment.
    """
    hidden = [secret for secret in secrets if secret]
    passed = {
        name: value
        for name, value in inherited.items()
        if not name.startswith(_OWN_PREFIX)
        and name not in _NOT_PASSED_ON
        and not any(secret in value for secret in hidden)
    }
    if environment.is_isolated:
        passed.pop("PYTHONPATH", None)
    passed["PATH"] = os.pathsep.join([*environment.directories, passed.get("PATH") or os.defpath])
    passed.setdefault("PYTHONUNBUFFERED", "1")  # A log that is read live must not wait in a buffer.
    if environment.virtual_env:
        passed["VIRTUAL_ENV"] = environment.virtual_env
    passed.update(wanted)
    passed[MARK_VARIABLE] = mark
    return passed
