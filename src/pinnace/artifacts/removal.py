"""Removing contents, but for parts of them that are still needed. Never follows a link."""

import os
import shutil
import stat
from pathlib import Path
from typing import Any, Final

from pinnace.domain.places import Places, place_of

_BATCH: Final = 1000


def remove_local(path: Path, keep: Places) -> None:
    """Remove a file or directory. A directory that its task has protected is removed all the same.

    Raises:
        OSError: something could not be removed.
    """
    place = place_of(str(path))
    if keep.covers(place):
        return
    try:
        is_directory = stat.S_ISDIR(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return
    if not is_directory:
        path.unlink(missing_ok=True)
    elif not keep.any_in(place):
        _remove_tree(path)
    else:
        for child in sorted(path.iterdir()):
            remove_local(child, keep)


def remove_remote(system: Any, place: str, keep: Places) -> None:
    """Remove what lies at a place of one of fsspec's file systems. Raises what that raises."""
    system.invalidate_cache()
    if keep.covers(place) or not system.exists(place):
        return
    if not keep.any_in(place):
        system.rm(place, recursive=True)
        return
    files = [file for file in system.find(place) if not keep.covers(file)]
    for start in range(0, len(files), _BATCH):
        system.rm(files[start : start + _BATCH])


def _remove_tree(path: Path) -> None:
    try:
        shutil.rmtree(path)
    except FileNotFoundError:
        if path.exists():  # Something in it went while it was removed.
            shutil.rmtree(path)
    except PermissionError:
        _unprotect(path)
        shutil.rmtree(path)


def _unprotect(path: Path) -> None:
    path.chmod(stat.S_IRWXU)
    for directory, names, _ in os.walk(path):
        for child in (Path(directory, name) for name in names):
            if not child.is_symlink():
                child.chmod(stat.S_IRWXU)
