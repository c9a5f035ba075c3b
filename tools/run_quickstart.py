"""What ``make run`` does: start Pinnace, send examples/quickstart to it with the official client, show what happens.

On a terminal the server is left running, so that there is something to look at; otherwise it is stopped again.
"""

import subprocess
import sys
import time
from pathlib import Path

from pinnace.cli.exits import CommandError
from pinnace.cli.private_server import start_server, stop_server
from pinnace.cli.results import print_failures, print_results
from pinnace.cli.server_file import ServerRecord, find_server
from pinnace.cli.task_view import RunView, duration
from pinnace.cli.watch import progress_for_output, watch_run
from pinnace.errors import PinnaceError
from pinnace.settings import DEFAULT_PORT

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / ".pinnace"
EXAMPLE = ROOT / "examples" / "quickstart"
PINNACE = Path(sys.executable).with_name("pinnace").relative_to(ROOT)


def main() -> int:
    """Run the example; returns the exit code."""
    server = find_server(DATA) or start()
    print(f"Pinnace serves at {server.address}, data directory {DATA}\n", flush=True)
    succeeded = False
    try:
        succeeded = submit(server)
    finally:
        if not sys.stdout.isatty():
            stop_server(server)
    if sys.stdout.isatty():
        print(f"\nThe server still runs at {server.address}. Stop it with:\n")
        print(f"    {PINNACE} down --data-dir {DATA.name}")
    return 0 if succeeded else 1


def start() -> ServerRecord:
    """A server on the usual port, or on a free one where that is taken."""
    try:
        return start_server(DATA, [])
    except CommandError as error:
        if "is taken" not in str(error):
            raise
        print(f"Port {DEFAULT_PORT} is taken; using a free one.")
        return start_server(DATA, ["--port", "0"])


def submit(server: ServerRecord) -> bool:
    """Send the pipeline as any user would, in a program of its own, and follow the run from here."""
    print(f"$ python {(EXAMPLE / 'submit.py').relative_to(ROOT)} {server.address}", flush=True)
    # kfp warns on every start about servers older than the one that it talks to.
    command = [sys.executable, "-W", "ignore::FutureWarning", "submit.py", server.address]
    with subprocess.Popen(command, cwd=EXAMPLE, stdout=subprocess.PIPE, text=True) as process:
        output = process.stdout or iter(())
        for line in output:
            print(line, end="", flush=True)
            word, _, run = line.strip().partition(" ")
            if word == "run":
                report(watch_run(server.client(), run, progress_for_output()), server)
    return process.returncode == 0


def report(view: RunView, server: ServerRecord) -> None:
    """Results, and where to look."""
    print(f"\n{view.name} {view.state.lower()} in {duration(view.seconds(time.time()))}")
    if not view.succeeded:
        print_failures(server.client(), view, print)
        return
    print_results(view, print)
    print("\nLook at it:\n")
    for words in (f"runs --data-dir {DATA.name}", f"logs {view.id} train-and-evaluate --data-dir {DATA.name}"):
        print(f"    {PINNACE} {words}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except PinnaceError as failure:
        sys.exit(f"Error: {failure}")
