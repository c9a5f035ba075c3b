"""Follows a run until it ends."""

import sys
import threading
import time
from collections.abc import Iterator
from typing import Final

import click
from rich.console import Console

from pinnace.cli.client import Client
from pinnace.cli.event_stream import follow
from pinnace.cli.progress import LineProgress, LiveProgress, Progress
from pinnace.cli.server_api import followed_run, followed_tasks, read_run, stream_of_run
from pinnace.cli.task_view import RunView, TaskView

_REFRESH_SECONDS: Final = 0.2
_SHARE: Final = 4.0


def progress_for_output() -> Progress:
    """A live tree on a terminal, plain lines elsewhere."""
    return LiveProgress(Console()) if sys.stdout.isatty() else LineProgress(click.echo)


def watch_run(client: Client, run: str, progress: Progress) -> RunView:
    """Show a run until it ends; returns it as it ended.

    It is shown again when it changes, and a few times a second while it does not, since durations grow; less often
    where showing it takes long.
    """
    latest = _Latest()
    threading.Thread(target=_read, args=(client, run, latest), daemon=True).start()
    with progress:
        pause = _REFRESH_SECONDS
        while not latest.is_over(pause):
            began = time.monotonic()
            if latest.view is not None:
                progress.show(latest.view)
            pause = max(_REFRESH_SECONDS, _SHARE * (time.monotonic() - began))
        latest.check()
        view = read_run(client, run)
        progress.show(view)
    return view


class _Latest:
    """What one thread knows of a run, for another that looks at it now and then."""

    def __init__(self) -> None:
        self.view: RunView | None = None
        self._over = threading.Event()
        self._error: Exception | None = None

    def end(self, error: Exception | None = None) -> None:
        """Nothing more will come."""
        self._error = error
        self._over.set()

    def is_over(self, seconds: float) -> bool:
        """Whether nothing more will come; False after that time."""
        return self._over.wait(seconds)

    def check(self) -> None:
        """Raise the error that ended it, if one did."""
        if self._error is not None:
            raise self._error


def _read(client: Client, run: str, latest: _Latest) -> None:
    try:
        for view in _views(client, run):
            latest.view = view
    except Exception as error:
        latest.end(error)
    else:
        latest.end()


def _views(client: Client, run: str) -> Iterator[RunView]:
    """The run whenever something of it has changed, from when it is known as a whole."""
    tasks: dict[str, TaskView] = {}
    for message in follow(client, stream_of_run(run), last="end"):
        if message.event == "reset":
            tasks = {}
        elif message.event == "update":
            tasks.update((task.node, task) for task in followed_tasks(message.data))
            if message.data.get("change_number") is not None:
                yield followed_run(message.data, list(tasks.values()))
