"""Removing contents, but for parts of them that are still needed. Never follows a link."""

import os
import shutil
import stat
from collections.abc import Collection, Iterator
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
    is_around = keep.any_in(place)
    if not is_directory:
        if not is_around:  # Else it is a link, through which something is reached that is kept.
            path.unlink(missing_ok=True)
    elif not is_around:
        _remove_tree(path)
    else:
        for child in sorted(path.iterdir()):
            remove_local(child, keep)


def with_targets(path: Path, keep: Collection[str]) -> Places:
    """The places *keep*, and what links there and in them lead to, as far as that is at *path* or in it.

    A link of an artifact counts as its content: what it leads to may be kept for nothing else.
    """
    real = Path(os.path.realpath(path))
    found = set(map(place_of, keep))
    if Places(found).covers(place_of(str(path))):
        return Places(found)
    waiting = [Path(place) for place in found]
    while waiting:
        for link in _links(waiting.pop()):
            target = _next(link)
            if target.is_relative_to(real):
                place = place_of(str(path / target.relative_to(real)))
                if place not in found:
                    found.add(place)
                    waiting.append(Path(place))
    return Places(found)


def _next(link: Path) -> Path:
    """Where a link leads, which may be another link."""
    target = link.parent / link.readlink()
    if target.name == "..":
        return Path(os.path.realpath(target))
    return Path(os.path.realpath(target.parent), target.name)


def _links(path: Path) -> Iterator[Path]:
    """The link that *path* is, or those anywhere in it, if it is a directory."""
    if path.is_symlink():
        yield path
        return
    for directory, directories, files in os.walk(path):
        yield from (child for name in (*directories, *files) if (child := Path(directory, name)).is_symlink())


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
