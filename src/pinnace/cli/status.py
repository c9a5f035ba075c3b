"""``pinnace status``."""

import json
from pathlib import Path

import click

from pinnace.cli.options import data_directory_option
from pinnace.cli.server_api import status as read_status
from pinnace.cli.server_file import require_server


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@data_directory_option
def status(as_json: bool, data_dir: Path) -> None:
    """Say whether a server runs, where, and what it does. The exit code is 3 if none runs."""
    server = require_server(data_dir)
    told = read_status(server.client())
    answer = {"address": server.address, "pid": server.pid, "data_directory": str(data_dir), **told}
    if as_json:
        click.echo(json.dumps(answer, indent=2))
        return
    width = max(len(key) for key in answer)
    for key, value in answer.items():
        click.echo(f"{key.replace('_', ' '):<{width}}  {value if isinstance(value, str) else json.dumps(value)}")
