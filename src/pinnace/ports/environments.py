"""The seam to whatever makes Python environments."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pinnace.domain.environments import EnvironmentSpec
from pinnace.errors import PinnaceError


@dataclass(frozen=True, slots=True)
class Environment:
    """A Python that has what a task needs.

    Attributes:
        python: The interpreter, absolute.
        directories: Come first on the task's PATH, so that ``python3``, ``python`` and ``pip`` are its own.
        virtual_env: Root of the virtual environment, "" where it is none.
        lock: A file that whoever uses the environment holds a shared ``flock`` on, so that it is not removed
            meanwhile; "" for one that is never removed. Where the file is gone once the lock is held, or cannot be
            opened, the environment was removed since it was prepared: prepare it again.
        stamp: Changes when something is installed in it, or in what it sees behind itself; "" where nothing ever is.
        is_isolated: Whether it is to see no packages but its own.
        note: What the task's log is to say about it; "" for nothing.
    """

    python: str
    directories: tuple[str, ...]
    virtual_env: str = ""
    lock: str = ""
    stamp: str = ""
    is_isolated: bool = False
    note: str = ""


class EnvironmentFailed(PinnaceError):
    """The packages cannot be installed. Carries the resolver's own words; trying again does not help by itself."""


class Environments(Protocol):
    """Finds or builds environments."""

    async def prepare(self, spec: EnvironmentSpec, announce: Callable[[str], None]) -> Environment:
        """An environment that has what *spec* declares.

        Callers that ask for the same together share one build. *announce* gets a sentence when there is something
        to wait for, and another one whenever that has come further, about once a second at most. Cancelling one caller
        does not end a build that others wait for. Raises EnvironmentFailed.
        """
        ...
