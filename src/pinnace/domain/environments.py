"""What a task says about the Python that it needs."""

from dataclasses import dataclass
from enum import StrEnum


class EnvironmentMode(StrEnum):
    """Where the Python of lightweight components comes from.

    ``INHERIT``: the interpreter of the server's choice, with declared packages that it lacks layered on top.
    ``ISOLATED``: only what the component declares, with its own version of the SDK.
    """

    INHERIT = "inherit"
    ISOLATED = "isolated"


class WarmStart(StrEnum):
    """What a process has in memory before it becomes a task.

    ``OFF``: nothing; every task starts a Python of its own. ``SDK``: the executor of KFP's SDK. ``LIBRARIES``: that,
    and large libraries that the component imports.
    """

    OFF = "off"
    SDK = "sdk"
    LIBRARIES = "libraries"


@dataclass(frozen=True, slots=True)
class EnvironmentSpec:
    """What a component declares.

    Attributes:
        mode: How the environment is made.
        requirements: Packages, in pip's syntax.
        sdk_requirements: What the SDK adds for itself, to be installed without dependencies; in ``INHERIT`` the
            installed SDK takes its place.
        index_urls: Package indexes, the main one first.
        trusted_hosts: Hosts of indexes that are trusted without TLS.
        python_version: The minor version that the image names, like ``3.12``; "" where it names none.
    """

    mode: EnvironmentMode = EnvironmentMode.INHERIT
    requirements: tuple[str, ...] = ()
    sdk_requirements: tuple[str, ...] = ()
    index_urls: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    python_version: str = ""
