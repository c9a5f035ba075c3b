"""``pinnace runs``."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from pinnace.cli.options import data_directory_option
from pinnace.cli.server_api import list_runs
from pinnace.cli.server_file import require_server
from pinnace.cli.task_view import RunView, duration

_PIPE_WIDTH = 200


@click.command()
@click.option("-n", "--limit", default=20, show_default=True, type=click.IntRange(1, 200), help="How many.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@data_directory_option
def runs(limit: int, as_json: bool, data_dir: Path) -> None:
    """List runs, newest first."""
    found = list_runs(require_server(data_dir).client(), limit)
    if as_json:
        entries = [
            {"run_id": run.id, "name": run.name, "state": run.state, "created_at": _instant(run)} for run in found
        ]
        click.echo(json.dumps(entries, indent=2))
    elif not found:
        click.echo("No runs yet. Start one with `pinnace run FILE.py`.")
    else:
        console = Console()
        # Off a terminal nothing should be cut, since a program may read it.
        console = console if console.is_terminal else Console(width=_PIPE_WIDTH)
        console.print(_table(found))


def _table(found: list[RunView]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("RUN", "NAME", "STATE", "STARTED", "TOOK"):
        table.add_column(title, no_wrap=title != "NAME")
    now = time.time()
    for run in found:
        started = datetime.fromtimestamp(run.created_at, UTC).astimezone()
        table.add_row(run.id, run.name, run.state.lower(), f"{started:%Y-%m-%d %H:%M:%S}", duration(run.seconds(now)))
    return table


def _instant(run: RunView) -> str:
    return datetime.fromtimestamp(run.created_at, UTC).isoformat()
