"""The command ``pinnace``, driven as a user drives it: each call is a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_START_SECONDS: Final = 60.0
_POLL: Final = 0.02
_DROPPED: Final = frozenset(
    {"PYTHONDONTWRITEBYTECODE", "PINNACE_DEBUG", "PINNACE_TOKEN", "PINNACE_DATA_DIR", "VIRTUAL_ENV"}
)


def clean_environment() -> dict[str, str]:
    """The environment without what would change how Pinnace behaves."""
    return {key: value for key, value in os.environ.items() if key not in _DROPPED}


@dataclass(frozen=True, slots=True)
class PinnaceCommand:
    """``pinnace`` on one data directory.

    Attributes:
        data: The data directory; made by the first server.
        program: How the command is started.
        environment: Variables of every process that is started.
    """

    data: Path
    program: tuple[str, ...] = (sys.executable, "-m", "pinnace.cli")
    environment: Mapping[str, str] = field(default_factory=clean_environment)

    def __call__(self, *arguments: str | Path, timeout: float = 120.0) -> subprocess.CompletedProcess[str]:
        """Carry out a command line to its end; its exit code and output are in the result."""
        return subprocess.run(
            self.command(*arguments),
            env=self._variables(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def popen(self, *arguments: str | Path) -> "subprocess.Popen[str]":
        """Start a command line whose standard output is read by the caller."""
        return subprocess.Popen(self.command(*arguments), env=self._variables(), stdout=subprocess.PIPE, text=True)

    def command(self, *arguments: str | Path) -> list[str]:
        """The words of a command line."""
        return [*self.program, *map(str, arguments)]

    def start(self, *options: str) -> None:
        """Start a server on a free port and wait until it answers.

        Raises:
            RuntimeError: it ended, or did not answer within a minute; the text is what it printed.
        """
        log = self.data.with_name(f"{self.data.name}.log")
        with log.open("ab") as output:
            process = subprocess.Popen(
                self.command("up", "--port", "0", *options),
                env=self._variables(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + _START_SECONDS
        while not (self.data / "server.json").exists():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise RuntimeError(f"The server did not start:\n{log.read_text(encoding='utf-8')}")
            time.sleep(_POLL)

    def stop(self) -> None:
        """Stop the server, if one runs."""
        self("down")

    def _variables(self) -> dict[str, str]:
        return {**self.environment, "PINNACE_DATA_DIR": str(self.data), "NO_COLOR": "1"}
