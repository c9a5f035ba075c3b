"""What an interpreter is, and what is installed in it."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Final

from packaging.utils import canonicalize_name

from pinnace.ports.environments import EnvironmentFailed

_PROBE: Final = """
import json, os, platform, sys
from importlib import metadata
version = sys.implementation.version
installed = {}
for found in metadata.distributions():
    name = found.metadata["Name"]
    if name:
        installed.setdefault(name, [found.version, found.requires or []])
print(json.dumps({
    "executable": os.path.realpath(sys.executable),
    "prefix": sys.prefix,
    "base_prefix": sys.base_prefix,
    "sites": [p for p in sys.path if os.path.basename(p) in ("site-packages", "dist-packages") and os.path.isdir(p)],
    "markers": {
        "implementation_name": sys.implementation.name,
        "implementation_version": "%d.%d.%d" % version[:3],
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    },
    "installed": installed,
}))
"""

_QUESTIONS: Final = 3


@dataclass(frozen=True, slots=True)
class Distribution:
    """An installed package: its version, and its requirements in pip's syntax."""

    version: str
    requires: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Interpreter:
    """An interpreter as it was when asked. Names of packages are normalized.

    Attributes:
        python: How it was asked for; of a virtual environment, the link in it.
        executable: The file that this leads to.
        stamp: Changes when something is installed, or when the interpreter itself is replaced.
    """

    python: str
    executable: str
    prefix: str
    is_virtual: bool
    sites: tuple[str, ...]
    markers: Mapping[str, str]
    installed: Mapping[str, Distribution]
    stamp: str = ""


class InterpreterProbe:
    """Asks one interpreter what it is; again only when something was installed meanwhile. Calls block."""

    def __init__(self, python: str) -> None:
        self._python = str(Path(python).absolute())  # Not resolved: the link is what makes it a virtual environment.
        self._known: Interpreter | None = None
        self._asking = Lock()

    def ask(self) -> Interpreter:
        """What it is now. Threads that ask together start it once. Raises EnvironmentFailed where it does not work."""
        with self._asking:
            if self._known is None or _stamp(self._known) != self._known.stamp:
                found = self._probe()
                self._known = replace(found, stamp=_stamp(found))
            return self._known

    def _probe(self) -> Interpreter:
        try:
            found = json.loads(self._answer())
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            words = getattr(error, "stderr", None) or str(error)
            raise EnvironmentFailed(f"The interpreter {self._python} does not work: {words.strip()}") from error
        installed = {
            str(canonicalize_name(name)): Distribution(version, tuple(requires))
            for name, (version, requires) in found["installed"].items()
        }
        return Interpreter(
            python=self._python,
            executable=found["executable"],
            prefix=found["prefix"],
            is_virtual=found["prefix"] != found["base_prefix"],
            sites=tuple(found["sites"]),
            markers=found["markers"],
            installed=installed,
        )

    def _answer(self) -> str:
        """What it says of itself; asked again where it was killed. Raises OSError and SubprocessError."""
        command = [self._python, "-c", _PROBE]
        for _ in range(_QUESTIONS):
            done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", timeout=120)
            if done.returncode >= 0:
                break
        done.check_returncode()
        return done.stdout


def _stamp(interpreter: Interpreter) -> str:
    paths = [Path(place) for place in (interpreter.executable, *interpreter.sites)]
    return " ".join(str(path.stat().st_mtime_ns if path.exists() else 0) for path in paths)
