"""``pinnace down``."""

from pathlib import Path

import click

from pinnace.cli.options import data_directory_option
from pinnace.cli.private_server import stop_server
from pinnace.cli.server_file import find_server


@click.command()
@data_directory_option
def down(data_dir: Path) -> None:
    """Stop the server. Runs that have not ended go on when it is started again."""
    server = find_server(data_dir)
    if server is None:
        click.echo(f"No server runs on {data_dir}.")
        return
    stop_server(server)
    click.echo(f"Stopped the server of {data_dir}.")
