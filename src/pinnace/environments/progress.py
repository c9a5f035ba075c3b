"""What a build says about itself to everyone who waits for it."""

import asyncio
import contextlib
import re
from collections.abc import Callable, Iterator
from typing import Final

_SECONDS_BETWEEN: Final = 1.0
_LISTENERS_A_SECOND: Final = 20
"""Each sentence goes into the history of each task that waits: a thousand of them hear less often."""

_STEPS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"Would install (\d+ packages?)"), "{} with all that they need"),
    (re.compile(r"Downloading (\S+ \(.+\))"), "downloading {}"),
    (re.compile(r"\s*Building (\S+)"), "building {} from its source"),
    (re.compile(r"Prepared (\d+ packages?)"), "{} downloaded"),
    (re.compile(r"Installed (\d+ packages?)"), "{} installed, compiling"),
)
"""Lines of uv's report, and what they mean to somebody who waits."""


class Progress:
    """Passes sentences on to everyone who listens: the first at once, then one a second at most, the newest always.
    Where many listen, fewer.

    Args:
        purpose: What is being done, as the beginning of a sentence.
    """

    def __init__(self, purpose: str) -> None:
        self._purpose = purpose
        self._sentence = f"{purpose}."
        self._listeners: list[Callable[[str], None]] = []
        self._told_at = asyncio.get_running_loop().time()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    @contextlib.contextmanager
    def listening(self, listener: Callable[[str], None]) -> Iterator[None]:
        """Tell *listener* how far things are, now and whenever that changes."""
        self._listeners.append(listener)
        listener(self._sentence)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    def hear(self, line: str) -> None:
        """Take in a line of uv's report."""
        for pattern, words in _STEPS:
            found = pattern.match(line)
            if found:
                self.say(words.format(found[1]))

    def say(self, detail: str) -> None:
        """How far things are, as the end of a sentence."""
        self._sentence = f"{self._purpose}: {detail}."
        if self._timer is None:
            loop = asyncio.get_running_loop()
            pause = _SECONDS_BETWEEN * max(1.0, self.listeners / _LISTENERS_A_SECOND)
            self._timer = loop.call_at(max(loop.time(), self._told_at + pause), self._tell)

    def end(self) -> None:
        """Say no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _tell(self) -> None:
        self._timer = None
        self._told_at = asyncio.get_running_loop().time()
        for listener in self._listeners:
            listener(self._sentence)
