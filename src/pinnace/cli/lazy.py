"""A group whose commands are imported when they are used, so that ``pinnace --help`` and completion answer at once."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import click
from click.shell_completion import CompletionItem


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Where a command lives, and its line in the list of commands."""

    module: str
    attribute: str
    summary: str


COMMANDS: Final[Mapping[str, LazyCommand]] = {
    "up": LazyCommand("pinnace.cli.up", "up", "Start a server and serve until it is stopped."),
    "run": LazyCommand("pinnace.cli.run", "run", "Run a pipeline from a Python file or a compiled file."),
    "runs": LazyCommand("pinnace.cli.runs", "runs", "List runs, newest first."),
    "logs": LazyCommand("pinnace.cli.logs", "logs", "Print the logs of a run or of one of its tasks."),
    "artifacts": LazyCommand(
        "pinnace.cli.artifacts", "artifacts", "List artifacts, show where they come from, and download them."
    ),
    "debug": LazyCommand(
        "pinnace.cli.debug", "debug", "Run a task again, in a directory of its own, and stop where it fails."
    ),
    "schedule": LazyCommand(
        "pinnace.cli.schedule", "schedule", "List recurring runs, and show what a cron expression means."
    ),
    "status": LazyCommand("pinnace.cli.status", "status", "Say whether a server runs, where, and what it does."),
    "env": LazyCommand("pinnace.cli.env", "env", "List and remove the Python environments that were built for tasks."),
    "gc": LazyCommand("pinnace.cli.gc", "gc", "Remove old runs and what nothing needs, or say what that would free."),
    "down": LazyCommand("pinnace.cli.down", "down", "Stop the server."),
}


class LazyGroup(click.Group):
    """A group over :data:`COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which a new user meets them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported."""
        del ctx
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        command = getattr(importlib.import_module(place.module), place.attribute)
        return command if isinstance(command, click.Command) else None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands and options that begin with what is typed, without importing any command."""
        names = [
            CompletionItem(name, help=place.summary) for name, place in COMMANDS.items() if name.startswith(incomplete)
        ]
        return names + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.summary) for name, place in COMMANDS.items()])
