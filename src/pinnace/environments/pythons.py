"""The interpreters of this machine."""

import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pinnace.environments.interpreter import Interpreter, InterpreterProbe
from pinnace.environments.uv import Uv

_SEARCH_AGAIN_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class _Search:
    python: str
    ended: float

    def holds(self) -> bool:
        """Whether its answer still does: what was found is there, or there has been no time to install anything."""
        return Path(self.python).exists() if self.python else time.monotonic() - self.ended < _SEARCH_AGAIN_SECONDS


class Pythons:
    """Knows the base interpreter, and finds others by their version.

    Args:
        base: The interpreter of the server's choice.
        uv: Which searches.
        environ: Where the places of pyenv's interpreters are found.
    """

    def __init__(self, base: str, uv: Uv, environ: Mapping[str, str]) -> None:
        self._base = InterpreterProbe(base)
        self._uv = uv
        self._pyenv = Path(environ.get("PYENV_ROOT") or Path(environ.get("HOME", "~"), ".pyenv").expanduser())
        self._searches: dict[str, _Search] = {}
        self._probes: dict[str, InterpreterProbe] = {}

    def base(self) -> Interpreter:
        """The base interpreter as it is now. Blocks. Raises EnvironmentFailed where it does not work."""
        return self._base.ask()

    async def find(self, version: str) -> str:
        """An interpreter of that minor version, or ""."""
        search = self._searches.get(version)
        if search is None or not search.holds():
            places = () if not re.fullmatch(r"[\d.]+", version) else self._of_pyenv(version)
            search = _Search(await self._uv.find_python(version, places), time.monotonic())
            self._searches[version] = search
        return search.python

    def ask(self, python: str) -> Interpreter:
        """What that interpreter is. Blocks. Raises EnvironmentFailed where it does not work."""
        return self._probes.setdefault(python, InterpreterProbe(python)).ask()

    def _of_pyenv(self, version: str) -> tuple[str, ...]:
        """Directories of interpreters that pyenv has installed; those that are not switched on are not on the PATH."""
        return tuple(
            sorted(str(path) for path in self._pyenv.glob(f"versions/{version}.*/bin") if os.access(path, os.X_OK))
        )
