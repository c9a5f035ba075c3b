"""``pinnace gc``."""

import json
from pathlib import Path
from typing import Any, Final

import click

from pinnace.cli.client import Client
from pinnace.cli.durations import DURATION
from pinnace.cli.exits import CommandError
from pinnace.cli.options import data_directory_option
from pinnace.cli.server_file import require_server
from pinnace.cli.sizes import size_text
from pinnace.domain.values import JsonObject

_PATH: Final = "/apis/pinnace/v1/gc"
_RUNS: Final = 500
_TIMEOUT: Final = 1800.0
_SHOWN: Final = 10


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@click.option(
    "--runs-older-than",
    type=DURATION,
    metavar="DURATION",
    help="Delete also runs, archived or not, that ended so long ago, like 30d.",
)
@click.option(
    "--output",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="A table for people, or JSON for programs.",
)
@data_directory_option
def gc(dry_run: bool, runs_older_than: float | None, output: str, data_dir: Path) -> None:
    """Remove old runs and what nothing needs, or say what that would free.

    Runs past their retention, directories of runs that do not exist, documents, and environments over their budget.
    What other runs use, stays.
    """
    if runs_older_than == 0:
        raise CommandError("--runs-older-than: no run is older than nothing. Give a duration, for instance 30d.")
    server = require_server(data_dir)
    client = Client(server.address, server.token, _TIMEOUT)
    request: JsonObject = {"dry_run": dry_run, "max_runs": _RUNS, "runs_older_than_seconds": runs_older_than}
    reports: list[Any] = [client.post(_PATH, request)]
    while reports[-1]["more"] and not dry_run and reports[-1]["runs_deleted"] + reports[-1]["runs_archived"]:
        reports.append(client.post(_PATH, request))
    report = _sum(reports)
    if output == "json":
        click.echo(json.dumps(report, indent=2))
    else:
        _show(report)


def _sum(reports: list[Any]) -> dict[str, Any]:
    """One report of what several requests did."""
    total = dict(reports[0])
    for report in reports[1:]:
        for key, value in report.items():
            total[key] = value if isinstance(value, bool) else total[key] + value
    return total


def _show(report: dict[str, Any]) -> None:
    done = "would be " if report["dry_run"] else ""
    rows = [
        ("runs archived", report["runs_archived"], None),
        ("runs deleted", report["runs_deleted"], None),
        ("  their logs", "", report["log_bytes"]),
        ("  their artifacts", "", report["artifact_bytes"]),
        ("  their workspaces", "", report["workspace_bytes"]),
        ("leftovers of runs", report["leftover_count"], report["leftover_bytes"]),
        ("documents", report["document_count"], report["document_bytes"]),
        ("environments", report["environment_count"], report["environment_bytes"]),
    ]
    for name, count, size in rows:
        click.echo(f"{name:<20} {count:>8}  {'' if size is None else size_text(size):>10}".rstrip())
    for leftover in report["leftovers"][:_SHOWN]:
        click.echo(f"  {leftover['path']} ({size_text(leftover['bytes'])})")
    if report["leftover_count"] > _SHOWN:
        click.echo(f"  and {report['leftover_count'] - _SHOWN} more directories")
    click.echo(f"{size_text(report['total_bytes'])} {done}freed.")
    if report["more"]:
        click.echo(f"There are more old runs; {_RUNS} were looked at.")
