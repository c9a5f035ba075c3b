"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import click

from pinnace.settings import default_data_directory

F = TypeVar("F", bound=Callable[..., object])

ABSOLUTE: Final = click.Path(path_type=Path, resolve_path=True)


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
