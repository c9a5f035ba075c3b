"""``pinnace logs``."""

import sys
from pathlib import Path

import click

from pinnace.cli.options import data_directory_option
from pinnace.cli.server_api import find_run, find_task, read_log, read_run, read_run_log
from pinnace.cli.server_file import require_server


@click.command()
@click.argument("run")
@click.argument("task", default="")
@click.option("-f", "--follow", is_flag=True, help="Go on until the run, or the task, has ended.")
@click.option("--tail", type=click.IntRange(0), metavar="N", help="Only the last N lines of each task.")
@data_directory_option
def logs(run: str, task: str, follow: bool, tail: int | None, data_dir: Path) -> None:
    """Print the logs of a run or of one of its tasks.

    RUN is an id, the beginning of one, or the name of a run (the newest of that name). TASK is the name of a task
    or its path, as `pinnace run` shows it. Without TASK each line begins with the task's path, and the tasks come in
    the order in which they began.
    """
    client = require_server(data_dir).client()
    run_id = find_run(client, run)
    if task:
        node = find_task(read_run(client, run_id), task).node
        chunks = read_log(client, run_id, node, follow=follow, tail=tail)
    else:
        chunks = read_run_log(client, run_id, follow=follow, tail=tail)
    for chunk in chunks:
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
