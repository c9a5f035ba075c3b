"""Follows a run until it ends."""

import sys
import time
from collections.abc import Callable

import click
from rich.console import Console

from pinnace.cli.client import Client
from pinnace.cli.progress import LineProgress, LiveProgress, Progress
from pinnace.cli.server_api import read_run
from pinnace.cli.task_view import RunView

_SHORTEST = 0.2
_SHARE = 5.0


def progress_for_output() -> Progress:
    """A live tree on a terminal, plain lines elsewhere."""
    return LiveProgress(Console()) if sys.stdout.isatty() else LineProgress(click.echo)


def watch_run(client: Client, run: str, progress: Progress, pause: Callable[[float], None] = time.sleep) -> RunView:
    """Show a run until it ends; returns it as it ended.

    Asks again after a time that grows with the time that an answer takes, so that a run of thousands of tasks does
    not keep the server busy with being watched.
    """
    with progress:
        while True:
            asked = time.monotonic()
            view = read_run(client, run)
            progress.show(view)
            if view.has_ended:
                return view
            pause(max(_SHORTEST, _SHARE * (time.monotonic() - asked)))
