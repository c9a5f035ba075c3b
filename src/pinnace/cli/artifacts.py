"""``pinnace artifacts``."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pinnace.cli.artifact_api import (
    ListedArtifact,
    artifacts_of_run,
    download_address,
    find_artifact,
    newest_artifacts,
    read_artifact,
    read_lineage,
    short_type,
)
from pinnace.cli.artifact_download import download as save
from pinnace.cli.lineage_tree import LineageTree, artifact_line, lines
from pinnace.cli.options import data_directory_option
from pinnace.cli.server_file import require_server
from pinnace.cli.sizes import size_text

F = TypeVar("F", bound=Callable[..., object])

_PIPE_WIDTH: Final = 400


def _output_option(function: F) -> F:
    choices = click.Choice(["text", "json"])
    return click.option("--output", type=choices, default="text", help="`json` for programs.  [default: text]")(
        function
    )


@click.group()
def artifacts() -> None:
    """List artifacts, show where they come from, and download them.

    ARTIFACT is an id, or RUN/TASK/OUTPUT with RUN and TASK as for `pinnace logs`. RUN/OUTPUT is an output of the
    pipeline.
    """


@artifacts.command(name="list")
@click.option("--run", default="", metavar="RUN", help="Of one run, with results that came from the cache.")
@click.option("--type", "kind", default="", metavar="TYPE", help="Of one type, like Model or system.Model.")
@click.option("--name", default="", metavar="TEXT", help="Only names that have this in them.")
@click.option("-n", "--limit", default=50, show_default=True, type=click.IntRange(1, 100_000), help="How many.")
@_output_option
@data_directory_option
def list_artifacts(run: str, kind: str, name: str, limit: int, output: str, data_dir: Path) -> None:
    """List artifacts, newest first, or those of a run."""
    client = require_server(data_dir).client()
    found = artifacts_of_run(client, run, kind, name)[:limit] if run else newest_artifacts(client, kind, name, limit)
    if output == "json":
        click.echo(json.dumps([asdict(item) for item in found], indent=2))
    elif not found:
        click.echo("There are none.")
    else:
        console = Console()
        # Off a terminal nothing should be cut, since a program may read it.
        console = console if console.is_terminal else Console(width=_PIPE_WIDTH)
        console.print(_table(found, of_run=bool(run)))


@artifacts.command()
@click.argument("artifact")
@_output_option
@data_directory_option
def show(artifact: str, output: str, data_dir: Path) -> None:
    """Show what is known of an artifact: its place, what made it, and what used it."""
    client = require_server(data_dir).client()
    found = read_artifact(client, find_artifact(client, artifact))
    if output == "json":
        click.echo(json.dumps(found, indent=2))
        return
    rows = [
        ("artifact", found["artifact_id"]),
        ("name", found["name"]),
        ("type", short_type(found["type"])),
        ("uri", found["uri"]),
        ("size", "" if found["size"] is None else size_text(found["size"])),
        ("digest", found["digest"]),
        ("created at", found["created_at"]),
        ("description", found["description"]),
        ("made by", "" if found["producer"] is None else _task(found["producer"])),
        *(("reused by", _task(use)) for use in found["reused_by"]["items"]),
        *(("used by", _task(use)) for use in found["used_by"]["items"]),
        *((f"  {key}", json.dumps(value, ensure_ascii=False)) for key, value in sorted(found["metadata"].items())),
    ]
    for label, text in rows:
        if text:
            click.echo(f"{label:<12}  {text}")


@artifacts.command()
@click.argument("artifact")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The file or directory to write; - for standard output.  [default: the artifact's name, here]",
)
@data_directory_option
def download(artifact: str, output: Path | None, data_dir: Path) -> None:
    """Download an artifact. A directory is unpacked, without links that lead out of it."""
    client = require_server(data_dir).client()
    place, links = save(client, download_address(find_artifact(client, artifact)), output)
    if output is None or str(output) != "-":
        click.echo(str(place))
    for link in links:
        click.echo(f"Left out, since it is a link that leads out of the artifact: {link}", err=True)


@artifacts.command()
@click.argument("artifact")
@click.option("--depth", default=5, show_default=True, type=click.IntRange(1, 50), help="At most so many tasks away.")
@_output_option
@data_directory_option
def lineage(artifact: str, depth: int, output: str, data_dir: Path) -> None:
    """Show what an artifact was made of and what came of it, across runs."""
    client = require_server(data_dir).client()
    found = find_artifact(client, artifact)
    if output == "json":
        click.echo(json.dumps(read_lineage(client, found, "BOTH", depth), indent=2))
        return
    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    graphs = [(read_lineage(client, found, way, depth), way == "BACKWARD") for way in ("BACKWARD", "FORWARD")]
    (start,) = (node["artifact"] for node in graphs[0][0]["nodes"] if node["id"] == found)
    click.echo(artifact_line(start))
    branches = tuple(
        branch for graph, backward in graphs for branch in LineageTree(graph, backward=backward).below(found)
    )
    for line in lines(branches, unicode=unicode):
        click.echo(line)
    if any(graph["truncated"] for graph, _ in graphs):
        click.echo("There is more than is shown. Ask for more with --depth.", err=True)


def _table(found: Sequence[ListedArtifact], *, of_run: bool) -> Table:
    table = Table(box=None, pad_edge=False)
    titles = (
        ("ARTIFACT", "TASK", "OUTPUT", "TYPE", "SIZE", "URI")
        if of_run
        else ("ARTIFACT", "NAME", "TYPE", "CREATED", "URI")
    )
    for title in titles:
        table.add_column(title, no_wrap=title == "ARTIFACT", overflow="fold")
    for item in found:
        size = "" if item.size is None else size_text(item.size)
        row: list[str | None] = (
            [item.artifact_id, item.task, item.output, item.type, size, item.uri]
            if of_run
            else [item.artifact_id, item.name, item.type, item.created_at, item.uri]
        )
        # Text, since names may hold what Rich reads as markup.
        table.add_row(*(Text(cell or "") for cell in row))
    return table


def _task(use: dict[str, Any]) -> str:
    task = use["task"]
    cached = ", from the cache" if task["cached"] else ""
    return f"{task['node']} ({use['key']}) in run {task['run_name']} ({task['run_id']}{cached})"
