"""Runs uv, and reads what it says."""

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import Callable, Mapping
from typing import Final

from uv import find_uv_bin

from pinnace.errors import PinnaceError
from pinnace.launcher.tether import tethered

_NOT_PASSED_ON: Final = frozenset(
    {
        "CONDA_PREFIX",
        "DATABASE_URL",
        "RUST_LOG",
        "UV_COMPILE_BYTECODE",
        "UV_LOG_CONTEXT",
        "UV_OUTPUT_FORMAT",
        "UV_PYTHON",
        "UV_REQUIRE_HASHES",
        "UV_SYSTEM_PYTHON",
        "UV_VENV_CLEAR",
        "UV_VENV_RELOCATABLE",
        "UV_VENV_SEED",
        "VIRTUAL_ENV",
    }
)
"""Say where and how uv works, which is ours to say here; or are secrets of the server's."""

_OWN_PREFIX: Final = "PINNACE_"
_FIXED: Final = {"NO_COLOR": "1", "UV_NO_PROGRESS": "1", "UV_PYTHON_DOWNLOADS": "never"}
_LONGEST_LINE: Final = 1 << 24
_SEARCHES: Final = 3
_PREAMBLES: Final = ("Using Python ", "Using CPython ", "Creating virtual environment", "Activate with:")
_CREDENTIALS: Final = re.compile(r"://[^/@\s]+@")
_NO_SOLUTION: Final = "No solution found"
_PASSING: Final = re.compile(
    r"error sending request|Request failed after|dns error|timed out|operation timeout|Connection (?:refused|reset)"
    r"|status server error \(5|Too Many Requests|No space left on device|Disk quota exceeded"
)
"""Words of troubles that may be over a moment later: the network's, an index's own, a full disk's."""


class UvFailed(PinnaceError):
    """uv did not do what it was asked; carries its own words.

    Attributes:
        is_conflict: No set of versions meets all requirements.
        is_passing: The trouble may be over a moment later.
        is_killed: It was killed, which says nothing of what it was asked for.
    """

    def __init__(self, words: str, *, is_killed: bool = False) -> None:
        super().__init__(words)
        self.is_conflict = _NO_SOLUTION in words
        self.is_passing = is_killed or bool(_PASSING.search(words))
        self.is_killed = is_killed


class Uv:
    """uv, with the user's settings for it.

    Args:
        environ: The user's variables.
        binary: The program; by default that of the installed package.
    """

    def __init__(self, environ: Mapping[str, str], binary: str = "") -> None:
        self._binary = binary or find_uv_bin()
        self._environ = {
            name: value
            for name, value in environ.items()
            if name not in _NOT_PASSED_ON and not name.startswith(_OWN_PREFIX)
        } | _FIXED

    async def run(self, *words: str, variables: Mapping[str, str], hear: Callable[[str], None]) -> list[str]:
        """Run it; the lines of its report, each of which *hear* gets at once.

        Raises:
            UvFailed: with its own words.
        """
        process = await self._start(words, variables, asyncio.subprocess.STDOUT)
        lines: list[str] = []
        try:
            assert process.stdout is not None
            async for raw in process.stdout:
                lines.append(raw.decode(errors="replace").rstrip())
                hear(lines[-1])
            await process.wait()
        except asyncio.CancelledError:
            await _end(process)
            raise
        if process.returncode is not None and process.returncode < 0:
            name = signal.Signals(-process.returncode).name
            raise UvFailed(f"uv was killed by {name}, perhaps because memory ran out.", is_killed=True)
        if process.returncode != 0:
            said = "\n".join(line for line in lines if not line.startswith(_PREAMBLES))
            raise UvFailed(redacted(said.strip()) or f"uv ended with code {process.returncode} and said nothing.")
        return lines

    async def find_python(self, version: str, search: tuple[str, ...]) -> str:
        """An interpreter of that version on this machine, in uv's order, then in *search*; "" where there is none.

        Raises:
            UvFailed: it was killed each time, so that nobody knows.
        """
        path = os.pathsep.join([self._environ.get("PATH") or os.defpath, *search])
        words = ("python", "find", "--system", "--no-project", version)
        for _ in range(_SEARCHES):
            process = await self._start(words, {"PATH": path}, asyncio.subprocess.DEVNULL)
            try:
                found, _ = await process.communicate()
            except asyncio.CancelledError:
                await _end(process)
                raise
            if process.returncode is not None and process.returncode >= 0:
                return found.decode().strip() if process.returncode == 0 else ""
        raise UvFailed(f"uv was killed while it looked for Python {version}.", is_killed=True)

    async def _start(
        self, words: tuple[str, ...], variables: Mapping[str, str], errors: int
    ) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *tethered([self._binary, *words]),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env={**self._environ, **variables},
            cwd="/",  # No uv.toml of a directory above counts: it would depend on where the server's data lie.
            start_new_session=True,
            limit=_LONGEST_LINE,
        )


def redacted(text: str) -> str:
    """*text* without the user names and passwords of its URLs."""
    return _CREDENTIALS.sub("://***@", text)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill it with everything that it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
