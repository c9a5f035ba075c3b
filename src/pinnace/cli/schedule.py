"""``pinnace schedule``."""

import json
import time
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from pinnace.cli.client import Client, segment
from pinnace.cli.options import data_directory_option
from pinnace.cli.server_file import require_server
from pinnace.domain.values import SECOND, Instant
from pinnace.services.cron import coming, parse_cron, zone_of

_KFP: Final = "/apis/v2beta1/recurringruns"
_OWN: Final = "/apis/pinnace/v1/recurringruns"
_PAGE: Final = 200
_PIPE_WIDTH: Final = 200


@click.group()
def schedule() -> None:
    """List recurring runs, and show what a cron expression means.

    They are made with kfp.Client.create_recurring_run or `kfp recurring-run create`.
    """


@schedule.command()
@click.argument("expression")
@click.option(
    "--time-zone",
    default="",
    metavar="NAME",
    envvar=["PINNACE_TIME_ZONE", "CRON_SCHEDULE_TIMEZONE"],
    show_envvar=True,
    help="Where the expression names none.  [default: UTC]",
)
@click.option("-n", "--count", default=5, show_default=True, type=click.IntRange(1, 100), help="How many times.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def preview(expression: str, time_zone: str, count: int, as_json: bool) -> None:
    """Show the next times of a cron EXPRESSION, which begins with seconds. No server is needed."""
    parsed = parse_cron(expression)
    zone = parsed.zone or time_zone or "UTC"
    here = zone_of(zone)
    times = coming(parsed, Instant(time.time_ns() * SECOND // 1_000_000_000), zone, count)
    if as_json:
        content = {
            "expression": expression,
            "time_zone": zone,
            "next_times": [_local(at, UTC).isoformat().replace("+00:00", "Z") for at in times],
            "next_local_times": [_local(at, here).isoformat() for at in times],
            "warnings": list(parsed.warnings()),
        }
        click.echo(json.dumps(content, indent=2))
        return
    for at in times:
        click.echo(f"{_local(at, here):%a %Y-%m-%d %H:%M:%S} {zone}")
    for warning in parsed.warnings():
        click.echo(f"Warning: {warning}", err=True)


@schedule.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@data_directory_option
def list_schedules(as_json: bool, data_dir: Path) -> None:
    """List recurring runs, newest first."""
    found = _all(require_server(data_dir).client())
    if as_json:
        click.echo(json.dumps(found, indent=2))
    elif not found:
        click.echo("No recurring runs. Make one with `kfp recurring-run create`.")
    else:
        console = Console()
        # Off a terminal nothing should be cut, since a program may read it.
        console = console if console.is_terminal else Console(width=_PIPE_WIDTH)
        console.print(_table(found))


@schedule.command()
@click.argument("recurring_run")
@click.option("-n", "--count", default=5, show_default=True, type=click.IntRange(1, 100), help="How many times.")
@data_directory_option
def show(recurring_run: str, count: int, data_dir: Path) -> None:
    """Show when a recurring run comes next, and how far it has come."""
    told: Any = require_server(data_dir).client().get(f"{_OWN}/{segment(recurring_run)}", count=count)
    for key in ("enabled", "runs_made", "last_time", "error", "time_zone"):
        click.echo(f"{key.replace('_', ' '):<10}  {'-' if told[key] is None else told[key]}")
    for at in told["next_local_times"]:
        click.echo(f"next        {at}")
    for warning in told["warnings"]:
        click.echo(f"Warning: {warning}", err=True)


@schedule.command()
@click.argument("recurring_run")
@data_directory_option
def enable(recurring_run: str, data_dir: Path) -> None:
    """Let a recurring run go on from now; what it has missed while it was disabled is not made up for."""
    require_server(data_dir).client().post(f"{_KFP}/{segment(recurring_run)}:enable")


@schedule.command()
@click.argument("recurring_run")
@data_directory_option
def disable(recurring_run: str, data_dir: Path) -> None:
    """Let a recurring run make no more runs."""
    require_server(data_dir).client().post(f"{_KFP}/{segment(recurring_run)}:disable")


def _local(at: Instant, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(at // SECOND, zone)


def _all(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    token = ""
    while True:
        page: Any = client.get(_KFP, page_size=_PAGE, sort_by="created_at desc", page_token=token)
        found += [_entry(item) for item in page.get("recurringRuns", [])]
        token = page.get("next_page_token", "")
        if not token:
            return found


def _entry(item: dict[str, Any]) -> dict[str, Any]:
    trigger = item.get("trigger", {})
    cron, periodic = trigger.get("cron_schedule"), trigger.get("periodic_schedule")
    return {
        "recurring_run_id": item["recurring_run_id"],
        "name": item["display_name"],
        "enabled": item["status"] == "ENABLED",
        "trigger": cron["cron"] if cron else f"every {periodic['interval_second']} s" if periodic else "once",
        "error": item.get("error", {}).get("message"),
    }


def _table(found: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("RECURRING RUN", "NAME", "STATUS", "WHEN"):
        table.add_column(title, no_wrap=title != "NAME")
    for entry in found:
        status = "failing" if entry["error"] else "enabled" if entry["enabled"] else "disabled"
        table.add_row(entry["recurring_run_id"], entry["name"], status, entry["trigger"])
    return table
