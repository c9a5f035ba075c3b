"""``pinnace debug``."""

import os
import sys
from pathlib import Path
from typing import Final, NoReturn

import click

from pinnace.cli.debug_layout import SCRIPT, SHELL_SCRIPT, Attempt, lay_out, read_attempt
from pinnace.cli.exits import CommandError
from pinnace.cli.options import ABSOLUTE, data_directory_option
from pinnace.cli.server_api import find_run, find_task, read_run, workspace_of
from pinnace.cli.server_file import require_server
from pinnace.cli.task_view import ENDED, RunView, TaskView

_OWN_PREFIX: Final = "PINNACE_"


@click.command()
@click.argument("run")
@click.argument("task", default="")
@click.option("--attempt", type=click.IntRange(1), help="Which attempt of the task.  [default: the last one]")
@click.option("--directory", type=ABSOLUTE, help="Where to lay it out; a new one.  [default: ./debug-TASK]")
@click.option("--no-run", is_flag=True, help="Lay it out only.")
@click.option("--plain", is_flag=True, help="Run it again without a debugger.")
@data_directory_option
def debug(
    run: str, task: str, attempt: int | None, directory: Path | None, no_run: bool, plain: bool, data_dir: Path
) -> None:
    """Run a task again, in a directory of its own, and stop where it fails.

    RUN and TASK as for `pinnace logs`, or RUN/TASK in one word. Without TASK it is the only task that failed. What the
    attempt had is laid out in a directory: code, inputs and environment; outputs go there too, so nothing of the run
    changes. On a terminal a Python component stops in the debugger at the line that fails. The exit code is that of the
    task.
    """
    client = require_server(data_dir).client()
    if not task:
        run, _, task = run.partition("/")
    view = read_run(client, find_run(client, run))
    chosen = find_task(view, task) if task else _only_failure(view)
    found = _attempt(view, chosen, attempt)
    target = directory or Path.cwd() / f"debug-{chosen.node.rpartition('/')[2]}"
    try:
        missing = lay_out(found, target, Path(workspace_of(client, view.id)))
    except OSError as error:
        raise CommandError(f"{error.filename or target} cannot be written: {error.strerror}.") from error
    click.echo(f"{found.title} is laid out in {target}.")
    for path in missing:
        click.echo(f"An input is no longer there: {path}", err=True)
    if not no_run:
        _run_again(found, target, plain=plain or not (sys.stdin.isatty() and sys.stdout.isatty()))


def _only_failure(view: RunView) -> TaskView:
    failed = view.failed_tasks()
    if len(failed) == 1:
        return failed[0]
    listed = ", ".join(task.node for task in failed[:20])
    raise CommandError(
        f"Several tasks of {view.name} failed: {listed}. Name one of them."
        if failed
        else f"No task of {view.name} failed. Name the one to debug."
    )


def _attempt(view: RunView, task: TaskView, number: int | None) -> Attempt:
    if task.kind == "IMPORTER":
        raise CommandError(f"{task.node} is an importer, which runs no code.")
    if task.cached:
        raise CommandError(f"{task.node} got its result from the cache. Run the pipeline with --no-cache to debug it.")
    if not task.directories:
        raise CommandError(
            f"{task.node} never ran: it is {task.phase.lower()}."
            if task.phase in ENDED
            else f"{task.node} has not begun yet."
        )
    wanted = max(task.directories) if number is None else number
    if wanted not in task.directories:
        known = ", ".join(map(str, sorted(task.directories)))
        raise CommandError(f"{task.node} has no attempt {wanted}. Its attempts: {known}.")
    title = f"Attempt {wanted} of {task.node} in run {view.id}"
    return read_attempt(Path(task.directories[wanted]), title)


def _run_again(attempt: Attempt, target: Path, *, plain: bool) -> NoReturn:
    """Become the task: its exit code, its signals and the terminal are then its own."""
    is_python = attempt.component is not None
    if plain or not is_python:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # What tasks read from.
    words = [attempt.python, str(target / SCRIPT)] if is_python else ["/bin/sh", str(target / SHELL_SCRIPT)]
    if is_python and plain:
        words.append("--plain")
    if not os.access(words[0], os.X_OK):
        raise CommandError(f"{words[0]}, which the task ran with, is no longer there. Run the pipeline again.")
    variables = {name: value for name, value in os.environ.items() if not name.startswith(_OWN_PREFIX)}
    sys.stdout.flush()
    os.execve(words[0], words, variables)  # noqa: S606
