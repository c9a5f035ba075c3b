"""``pinnace up``."""

import contextlib
import socket
from pathlib import Path
from typing import Final

import click
import psutil

from pinnace.bootstrap import serve
from pinnace.cli.durations import DURATION
from pinnace.cli.exits import CommandError
from pinnace.cli.options import data_directory_option, python_option
from pinnace.cli.pipeline_file import user_python
from pinnace.cli.server_file import ServerRecord, find_server, remove_record, write_record
from pinnace.domain.environments import EnvironmentMode, WarmStart
from pinnace.ir.quantities import QuantityError, size_bytes
from pinnace.settings import DEFAULT_ENVIRONMENTS_SIZE, DEFAULT_GC_INTERVAL, DEFAULT_PORT, Settings

_GC_INTERVAL: Final = f"{DEFAULT_GC_INTERVAL / 3600:.0f}h"
_ENVIRONMENTS_SIZE: Final = f"{DEFAULT_ENVIRONMENTS_SIZE >> 30}Gi"


@click.command()
@data_directory_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at; loopback only.")
@click.option(
    "--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one."
)
@click.option("--parallelism", default=0, type=click.IntRange(0), help="Tasks at a time.  [default: by cpu and memory]")
@click.option(
    "--accelerators",
    default="auto",
    show_default=True,
    metavar="auto|require|none|N",
    help="Those that tasks are given. With require, a task that asks for one fails where there is none.",
)
@click.option("--token", default="", envvar="PINNACE_TOKEN", show_envvar=True, help="Clients must send it.")
@click.option("--database-url", default="", metavar="URL", help="A PostgreSQL database instead of SQLite.")
@click.option(
    "--pipeline-root", default="", metavar="URI", help="Where artifacts go.  [default: in the data directory]"
)
@click.option(
    "--environment",
    type=click.Choice([mode.value for mode in EnvironmentMode]),
    default=EnvironmentMode.INHERIT.value,
    show_default=True,
    help="The packages of Python tasks: those of --python and what they declare, or only what they declare.",
)
@click.option(
    "--environments-size",
    default=_ENVIRONMENTS_SIZE,
    show_default=True,
    metavar="SIZE",
    help="What built environments may take on the disk; those used longest ago are removed.",
)
@click.option(
    "--warm",
    type=click.Choice([mode.value for mode in WarmStart]),
    default=WarmStart.LIBRARIES.value,
    show_default=True,
    help="What is in memory before a Python task begins: nothing, KFP's SDK, or also libraries that it imports.",
)
@click.option("--cache/--no-cache", default=True, help="Reuse results of tasks that ran before with the same inputs.")
@click.option(
    "--cache-days", default=0, type=click.IntRange(0), help="How long a result may be reused.  [default: for ever]"
)
@click.option(
    "--runs-retention",
    default=0.0,
    type=DURATION,
    envvar=["PINNACE_RUNS_RETENTION", "RUNS_RETENTION_TIME"],
    show_envvar=True,
    help="Archive runs that ended so long ago, like 30d.  [default: never]",
)
@click.option(
    "--archived-runs-retention",
    default=0.0,
    type=DURATION,
    envvar=["PINNACE_ARCHIVED_RUNS_RETENTION", "ARCHIVED_RUNS_RETENTION_TIME"],
    show_envvar=True,
    help="Delete runs that were archived so long ago, with all that only they hold.  [default: never]",
)
@click.option(
    "--gc-interval",
    default=_GC_INTERVAL,
    show_default=True,
    type=DURATION,
    envvar=["PINNACE_GC_INTERVAL", "RUNS_GC_INTERVAL"],
    show_envvar=True,
    help="How often to look for such runs.",
)
@click.option(
    "--time-zone",
    default="",
    metavar="NAME",
    envvar=["PINNACE_TIME_ZONE", "CRON_SCHEDULE_TIMEZONE"],
    show_envvar=True,
    help="The zone of cron expressions that name none.  [default: UTC]",
)
@click.option("--base-path", default="", metavar="PATH", help="Answer under this path, like /pinnace.")
@click.option(
    "--allowed-host", "allowed_hosts", multiple=True, metavar="NAME", help="A further name of this server; repeatable."
)
@click.option(
    "--allowed-url-host",
    "allowed_url_hosts",
    multiple=True,
    metavar="NAME",
    help="A host from which pipelines may be downloaded, like github.com or *.example.com; repeatable.",
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the server's log looks: lines for people, or JSON lines for programs.",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="The least level that is logged.",
)
@python_option
@click.option("--private", is_flag=True, hidden=True)
def up(
    data_dir: Path,
    host: str,
    port: int,
    parallelism: int,
    accelerators: str,
    token: str,
    database_url: str,
    pipeline_root: str,
    environment: str,
    environments_size: str,
    warm: str,
    cache: bool,
    cache_days: int,
    runs_retention: float,
    archived_runs_retention: float,
    gc_interval: float,
    time_zone: str,
    base_path: str,
    allowed_hosts: tuple[str, ...],
    allowed_url_hosts: tuple[str, ...],
    log_format: str,
    log_level: str,
    python: str,
    private: bool,
) -> None:
    """Start a server and serve until it is stopped (Ctrl-C, or `pinnace down`)."""
    _refuse_second(data_dir)
    _refuse_taken(host, port)
    settings = Settings(
        data_directory=data_dir,
        host=host,
        port=port,
        parallelism=parallelism,
        accelerators=accelerators,
        token=token,
        database_url=database_url,
        pipeline_root=pipeline_root,
        python=user_python(python),
        environment=EnvironmentMode(environment),
        environments_size=_bytes(environments_size),
        warm=WarmStart(warm),
        cache=cache,
        cache_days=cache_days,
        runs_retention=runs_retention,
        archived_runs_retention=archived_runs_retention,
        gc_interval=gc_interval or DEFAULT_GC_INTERVAL,
        time_zone=time_zone,
        base_path=base_path,
        allowed_hosts=allowed_hosts,
        allowed_url_hosts=allowed_url_hosts,
        log_format=log_format,
        log_level=log_level,
    )
    _serve(settings, private=private)


def _serve(settings: Settings, *, private: bool) -> None:
    directory = settings.data_directory

    def announce(address: str) -> None:
        record = write_record(directory, address, settings.token, private=private)
        click.echo(_greeting(record, directory))

    try:
        serve(settings, announce)
    finally:
        remove_record(directory)


def _bytes(text: str) -> int:
    try:
        return size_bytes(text)
    except QuantityError as error:
        raise CommandError(f"--environments-size: {error}") from None


def _greeting(record: ServerRecord, data_dir: Path) -> str:
    secret = ', existing_token="…"' if record.token else ""
    return (
        f"Data directory  {data_dir}\n"
        f"Address         {record.address}\n\n"
        "Send a pipeline to it from Python:\n\n"
        "    from kfp import Client\n"
        f'    client = Client(host="{record.address}"{secret})\n'
        "    client.create_run_from_pipeline_func(my_pipeline, arguments={})\n\n"
        "Ctrl-C stops the server."
    )


def _refuse_second(data_dir: Path) -> None:
    running = find_server(data_dir)
    if running is not None:
        raise CommandError(
            f"A server already serves {data_dir}: {running.address} (process {running.pid}). "
            "Use that one, stop it with `pinnace down`, or give this one another --data-dir."
        )


def _refuse_taken(host: str, port: int) -> None:
    """Say who has the port; what else the server may find wrong with the address, it says itself."""
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1.0):
        raise CommandError(f"Port {port} is taken{_holder(port)}. Choose another one with --port, or --port 0.")


def _holder(port: int) -> str:
    try:
        for connection in psutil.net_connections(kind="tcp"):
            local = connection.laddr
            if connection.status == psutil.CONN_LISTEN and local and local.port == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        # Some systems show the sockets of others to root only: the message then stays without a name.
        return ""
    return ""
