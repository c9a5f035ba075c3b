"""``pinnace logs``."""

import sys
import time
from pathlib import Path
from typing import Final

import click

from pinnace.cli.client import Client
from pinnace.cli.options import data_directory_option
from pinnace.cli.server_api import find_run, find_task, read_log, read_run
from pinnace.cli.server_file import require_server

_PAUSE: Final = 0.3


@click.command()
@click.argument("run")
@click.argument("task", default="")
@click.option("-f", "--follow", is_flag=True, help="Go on until the run, or the task, has ended.")
@data_directory_option
def logs(run: str, task: str, follow: bool, data_dir: Path) -> None:
    """Print the logs of a run or of one of its tasks.

    RUN is an id, the beginning of one, or the name of a run (the newest of that name). TASK is the name of a task
    or its path, as `pinnace run` shows it. With several tasks each line begins with the task's path.
    """
    client = require_server(data_dir).client()
    run_id = find_run(client, run)
    if task:
        node = find_task(read_run(client, run_id), task).node
        for chunk in read_log(client, run_id, node, follow=follow):
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
        return
    reader = _RunLogs(client, run_id)
    while reader.print_new() and follow:
        time.sleep(_PAUSE)


class _RunLogs:
    """Prints what the tasks of a run have written since the last look, whole lines only until a task has ended."""

    def __init__(self, client: Client, run: str) -> None:
        self._client = client
        self._run = run
        self._read: dict[tuple[str, int], int] = {}
        self._finished: set[tuple[str, int]] = set()

    def print_new(self) -> bool:
        """Print the new lines; returns whether more may come."""
        view = read_run(self._client, self._run)
        for task in sorted(view.tasks, key=lambda task: task.started_at or 0.0):
            key = (task.node, task.attempts)
            if not task.runs_code or not task.attempts or task.cached or key in self._finished:
                continue
            ended = task.ended_at is not None
            self._print(key, ended=ended or view.has_ended)
            if ended:
                self._finished.add(key)
        return not view.has_ended

    def _print(self, key: tuple[str, int], *, ended: bool) -> None:
        offset = self._read.get(key, 0)
        pending = b""
        for chunk in read_log(self._client, self._run, key[0], offset=offset):
            *whole, pending = (pending + chunk).split(b"\n")
            for line in whole:
                self._line(key[0], line)
                offset += len(line) + 1
        if ended and pending:
            self._line(key[0], pending)
        self._read[key] = offset

    @staticmethod
    def _line(node: str, line: bytes) -> None:
        click.echo(f"{node} | {line.decode('utf-8', 'replace')}")
