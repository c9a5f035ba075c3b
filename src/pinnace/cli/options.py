"""Options that several commands share."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import click

F = TypeVar("F", bound=Callable[..., object])

ABSOLUTE: Final = click.Path(path_type=Path, resolve_path=True)


def default_data_directory() -> Path:
    """``pinnace`` in the user's data directory, as the XDG base directory specification places it."""
    base = os.environ.get("XDG_DATA_HOME", "")
    return Path(base if base.startswith("/") else Path.home() / ".local" / "share", "pinnace")


def data_directory_option(function: F) -> F:
    """``--data-dir``: everything that Pinnace keeps."""
    return click.option(
        "--data-dir",
        type=ABSOLUTE,
        envvar="PINNACE_DATA_DIR",
        show_envvar=True,
        default=default_data_directory,
        help="Where Pinnace keeps everything.  [default: ~/.local/share/pinnace]",
    )(function)


def python_option(function: F) -> F:
    """``--python``: the interpreter that has the user's packages."""
    return click.option(
        "--python",
        default="",
        metavar="PATH",
        help="The Python that tasks run with.  [default: that of the active virtual environment, else Pinnace's own]",
    )(function)
