"""``pinnace env``."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from pinnace.cli.exits import CommandError
from pinnace.cli.options import data_directory_option
from pinnace.cli.server_file import find_server
from pinnace.cli.sizes import size_text
from pinnace.environments.shelf import ENVIRONMENTS, JUST_USED_SECONDS, Entry, Shelf

_DAYS: Final = 30
_DAY: Final = 86_400.0
_SHORT_ID: Final = 12
_PIPE_WIDTH: Final = 200
_NAMED_AT_MOST: Final = 3


@click.group()
def env() -> None:
    """List and remove the Python environments that were built for tasks."""


@env.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@data_directory_option
def list_environments(as_json: bool, data_dir: Path) -> None:
    """List environments, the last used first."""
    shelf = Shelf(data_dir / ENVIRONMENTS)
    entries = shelf.entries()
    if as_json:
        click.echo(json.dumps([_document(entry, shelf.is_in_use(entry.key)) for entry in entries], indent=2))
    elif not entries:
        click.echo("No environments. One is built when a component declares packages that are not there.")
    else:
        console = Console()
        # Off a terminal nothing should be cut, since a program may read it.
        console = console if console.is_terminal else Console(width=_PIPE_WIDTH)
        console.print(_table(shelf, entries))
        click.echo(f"{_count(len(entries))}, {size_text(sum(entry.manifest.size for entry in entries))}")


@env.command()
@click.option("--all", "every", is_flag=True, help="Remove everything that is not in use.")
@click.option("--older-than", type=click.FloatRange(0), metavar="DAYS", help="Not used for so long.  [default: 30]")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@data_directory_option
def prune(every: bool, older_than: float | None, dry_run: bool, data_dir: Path) -> None:
    """Remove environments that are not used any more, and what killed builds have left behind."""
    if every and older_than is not None:
        raise CommandError("Give either --all or --older-than, not both.")
    shelf = Shelf(data_dir / ENVIRONMENTS)
    before = time.time() - (0.0 if every else _DAY * (_DAYS if older_than is None else older_than))
    chosen = [entry for entry in shelf.entries() if entry.last_used <= before]
    latest = _latest_free(data_dir)
    free = [entry for entry in chosen if entry.last_used <= latest and not shelf.is_in_use(entry.key)]
    removed = free if dry_run else [entry for entry in free if shelf.remove(entry.key)]
    for entry in removed:
        click.echo(f"{'Would remove' if dry_run else 'Removed'} {entry.key[:_SHORT_ID]} ({_packages(entry)}).")
    for entry in chosen:
        if entry not in removed:
            click.echo(f"Kept {entry.key[:_SHORT_ID]} ({_packages(entry)}), which is in use.")
    if not dry_run:
        shelf.sweep()
        shelf.forget_conflicts(before)
    freed = size_text(sum(entry.manifest.size for entry in removed))
    click.echo(f"{_count(len(removed))} {'would be removed' if dry_run else 'removed'}, {freed}.")


def _latest_free(data_dir: Path) -> float:
    """When a free environment was used at the latest. A server may just have given one to a task that is starting."""
    return time.time() - (0.0 if find_server(data_dir) is None else JUST_USED_SECONDS)


def _document(entry: Entry, in_use: bool) -> dict[str, object]:
    manifest = entry.manifest
    return {
        "id": entry.key,
        "mode": manifest.mode,
        "python": manifest.python,
        "python_version": manifest.python_version,
        "requirements": list(manifest.requirements),
        "index_urls": list(manifest.index_urls),
        "packages": dict(manifest.packages),
        "size": manifest.size,
        "built_at": _instant(manifest.built_at),
        "build_seconds": manifest.build_seconds,
        "last_used_at": _instant(entry.last_used),
        "in_use": in_use,
    }


def _table(shelf: Shelf, entries: list[Entry]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("ID", "MODE", "PYTHON", "PACKAGES", "SIZE", "LAST USED", "IN USE"):
        table.add_column(title, no_wrap=title != "PACKAGES", justify="right" if title == "SIZE" else "left")
    for entry in entries:
        table.add_row(
            entry.key[:_SHORT_ID],
            entry.manifest.mode,
            entry.manifest.python_version,
            _packages(entry),
            size_text(entry.manifest.size),
            f"{datetime.fromtimestamp(entry.last_used, UTC).astimezone():%Y-%m-%d %H:%M:%S}",
            "yes" if shelf.is_in_use(entry.key) else "no",
        )
    return table


def _packages(entry: Entry) -> str:
    asked = entry.manifest.requirements
    named = ", ".join(asked[:_NAMED_AT_MOST]) or "nothing declared"
    return named if len(asked) <= _NAMED_AT_MOST else f"{named} and {len(asked) - _NAMED_AT_MOST} more"


def _count(number: int) -> str:
    return f"{number} environment{'' if number == 1 else 's'}"


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
