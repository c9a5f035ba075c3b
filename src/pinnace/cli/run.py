"""``pinnace run``."""

import time
from pathlib import Path

import click

from pinnace.cli.exits import CommandError
from pinnace.cli.options import ABSOLUTE, data_directory_option, python_option
from pinnace.cli.parameters import parse_parameters
from pinnace.cli.pipeline_file import load_pipeline, user_python, without_cache
from pinnace.cli.private_server import server_for
from pinnace.cli.results import print_failures, print_results
from pinnace.cli.server_api import create_run, ensure_experiment, terminate_run
from pinnace.cli.server_file import ServerRecord, find_server
from pinnace.cli.task_view import RunView, duration
from pinnace.cli.watch import progress_for_output, watch_run
from pinnace.domain.environments import EnvironmentMode


@click.command()
@click.argument("file", type=ABSOLUTE)
@click.option("--function", default="", metavar="NAME", help="Which pipeline or component of a .py file.")
@click.option(
    "-p", "--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="A pipeline input; repeatable."
)
@click.option("--experiment", default="", metavar="NAME", help="The experiment to put the run in; created if need be.")
@click.option("--name", default="", help="Name of the run.  [default: that of the pipeline]")
@click.option(
    "--environment",
    type=click.Choice([mode.value for mode in EnvironmentMode]),
    help="How the Python of tasks is made.  [default: as the server does it]",
)
@click.option("--no-cache", is_flag=True, help="Run every task, whatever the cache holds.")
@click.option("--watch/--no-watch", default=True, help="Show the run until it ends, or only submit it.")
@python_option
@data_directory_option
def run(
    file: Path,
    function: str,
    parameters: tuple[str, ...],
    experiment: str,
    name: str,
    environment: str | None,
    no_cache: bool,
    watch: bool,
    python: str,
    data_dir: Path,
) -> int:
    """Run a pipeline from a Python file or a compiled file.

    Uses the server of the data directory; where none runs, one is started and stopped again after the run.
    The exit code is 0 if the run succeeded, else 1.
    """
    pipeline = load_pipeline(file, function, user_python(python))
    values = parse_parameters(parameters, pipeline.spec)
    if not watch and find_server(data_dir) is None:
        raise CommandError(
            "--no-watch needs a server that stays. Start one with `pinnace up`, or leave --no-watch out."
        )
    with server_for(data_dir, python) as server:
        client = server.client()
        chosen = ensure_experiment(client, experiment)
        submitted = without_cache(pipeline) if no_cache else pipeline
        run_id = create_run(client, submitted, values, name or pipeline.name, chosen, environment or "")
        click.echo(f"run {run_id}")
        if not watch:
            click.echo(f"Follow it with: pinnace logs {run_id} -f")
            return 0
        return _report(server, _watch(server, run_id))


def _watch(server: ServerRecord, run_id: str) -> RunView:
    client = server.client()
    try:
        return watch_run(client, run_id, progress_for_output())
    except KeyboardInterrupt:
        if not server.private:
            click.echo(f"\nThe run goes on. Follow it with: pinnace logs {run_id} -f")
            raise
        click.echo("\nStopping the run.")
        terminate_run(client, run_id)
        return watch_run(client, run_id, progress_for_output())


def _report(server: ServerRecord, view: RunView) -> int:
    took = duration(view.seconds(time.time()))
    if view.succeeded:
        click.echo(f"{view.name} succeeded in {took}.")
        print_results(view, click.echo)
        return 0
    click.echo(f"{view.name}: {view.state.lower()} after {took}.")
    print_failures(server.client(), view, click.echo)
    return 1
