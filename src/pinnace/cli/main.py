"""The entry point ``pinnace``, and how errors end it.

Exit codes: 0 done; 1 the run failed, or the command did; 2 the command line is wrong; 3 no server runs where one is
needed; 130 interrupted.
"""

import os
import sys
import traceback
from typing import Final

import click

from pinnace import __version__
from pinnace.cli.exits import NO_SERVER, NoServer
from pinnace.cli.lazy import LazyGroup
from pinnace.errors import PinnaceError

DEBUG: Final = "PINNACE_DEBUG"
INTERRUPTED: Final = 130


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="pinnace %(version)s")
def cli() -> None:
    """Kubeflow Pipelines on this machine: one process, the unmodified kfp client.

    Exit codes: 0 done, 1 failed, 2 wrong command line, 3 no server runs, 130 interrupted.
    PINNACE_DEBUG=1 shows the traceback of an error.
    """


def main() -> None:
    """Run the command line and exit."""
    if sys.platform == "win32":
        sys.exit(
            "Pinnace runs on Linux and macOS. On Windows use it inside WSL: https://learn.microsoft.com/windows/wsl/install"
        )
    sys.exit(run_command(sys.argv[1:]))


def run_command(arguments: list[str]) -> int:
    """Carry out one command line; returns the exit code."""
    try:
        result = cli.main(arguments, prog_name="pinnace", standalone_mode=False)
    except click.exceptions.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone (for instance `| head`); flushing at exit would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except NoServer as error:
        _show(error)
        return NO_SERVER
    except PinnaceError as error:
        _show(error)
        return 1
    except Exception as error:
        _show(error, unexpected=True)
        return 1
    return result if isinstance(result, int) else 0


def _show(error: Exception, *, unexpected: bool = False) -> None:
    if os.environ.get(DEBUG) == "1":
        traceback.print_exception(error)
        return
    text = str(error) or type(error).__name__
    if unexpected:
        text = (
            f"Pinnace has met an error that it did not expect ({type(error).__name__}: {text}). "
            f"Run the command again with {DEBUG}=1 to see where, and please report it."
        )
    click.echo(f"Error: {text}", err=True)
