"""Artifacts as files of the user's: written beside their place first, so that there is all of one or nothing."""

import os
import re
import shutil
import sys
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from io import RawIOBase
from pathlib import Path
from typing import Final

from pinnace.cli.client import Client
from pinnace.cli.exits import CommandError

_CHUNK: Final = 256 * 1024
_SUFFIX: Final = ".tar.gz"
_STDOUT: Final = Path("-")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f/]")


def download(client: Client, address: str, output: Path | None) -> tuple[Path, list[str]]:
    """Get an artifact; returns where it is now, and the links of a directory, which are left out.

    *output* is a file or directory to write, or a directory that a file goes into; ``-`` is standard output, to which a
    directory goes as a tar.gz. Without it the artifact's own name is taken, and nothing is overwritten.

    Raises:
        CommandError: it cannot be written there, or did not arrive whole.
    """
    with client.opened(address) as response:
        body = _Body(response)
        is_directory = response.headers.get("X-Pinnace-Kind") == "directory"
        if output == _STDOUT:
            with _written(output):
                shutil.copyfileobj(body, sys.stdout.buffer, _CHUNK)
                sys.stdout.buffer.flush()
            body.check_whole()
            return output, []
        target = _target(output, _name_of(response), is_directory=is_directory)
        draft = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            with _written(target):
                links = unpack(body, draft) if is_directory else _save(body, draft)
                body.check_whole()
                draft.replace(target)
        finally:
            _remove(draft)
    return target, links


def unpack(stream: "RawIOBase", target: Path) -> list[str]:
    """Unpack a tar.gz with one directory at its top as the new directory *target*.

    Only files and directories are made, below *target*; returns the names of links, which are left out.

    Raises:
        CommandError: the archive is damaged, or a name in it leads elsewhere.
    """
    target.mkdir(parents=True)
    links: list[str] = []
    try:
        with tarfile.open(fileobj=stream, mode="r|gz") as archive:
            for member in archive:
                place = target / _inside(member.name)
                content = archive.extractfile(member) if member.isreg() else None
                if member.isdir():
                    place.mkdir(exist_ok=True)
                elif content is not None:
                    with place.open("xb") as file:
                        shutil.copyfileobj(content, file, _CHUNK)
                    place.chmod(place.stat().st_mode | ((member.mode & 0o100) and 0o111 & ~_umask()))
                else:
                    links.append(member.name.partition("/")[2])
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise CommandError(f"What the server sent is no whole archive ({error}). Try again.") from error
    return links


class _Body(RawIOBase):
    """The body of an answer as a file, which knows whether all of it came."""

    def __init__(self, response: HTTPResponse) -> None:
        self._response = response
        self._left = response.length

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        # Straight from the socket: what failed there is the server's, and must not look like a fault of the disk.
        wanted = _CHUNK if size < 0 else min(size, _CHUNK)
        try:
            found = self._response.read1(wanted)
        except (OSError, HTTPException) as error:
            raise CommandError(
                "The connection broke before everything had come; the server's log may say why."
            ) from error
        if self._left is not None:
            self._left -= len(found)
        return found

    def check_whole(self) -> None:
        """Raise CommandError if the server has promised more."""
        if self._left:
            raise CommandError(f"The answer ended {self._left} bytes too early. Try again.")


def _target(output: Path | None, name: str, *, is_directory: bool) -> Path:
    if is_directory:
        name = name.removesuffix(_SUFFIX)
    if output is None:
        target = Path(name)
        if os.path.lexists(target):
            raise CommandError(f"{target} exists already. Say where to write with -o.")
        return target
    if is_directory:
        if os.path.lexists(output) and (not output.is_dir() or any(output.iterdir())):
            raise CommandError(f"The artifact is a directory, and {output} exists and is not an empty one.")
        return output
    return output / name if output.is_dir() else output


def _name_of(response: HTTPResponse) -> str:
    """What the server calls it, as one segment of a path."""
    name = _CONTROL.sub("_", response.headers.get_filename() or "")
    return "artifact" if name in {"", ".", ".."} else name


def _save(body: _Body, draft: Path) -> list[str]:
    draft.parent.mkdir(parents=True, exist_ok=True)
    with draft.open("xb") as file:
        shutil.copyfileobj(body, file, _CHUNK)
    return []


def _inside(name: str) -> Path:
    """Where a member goes, without the directory at the top of the archive."""
    parts = name.rstrip("/").split("/")
    if "\x00" in name or any(part in {"", ".", ".."} for part in parts):
        raise CommandError(f"The archive holds {name[:200]!r}, which leads out of it. Nothing was written.")
    return Path(*parts[1:])


@contextmanager
def _written(target: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CommandError(f"{target} cannot be written: {error.strerror or error}.") from error


def _remove(draft: Path) -> None:
    if draft.is_dir():
        shutil.rmtree(draft, ignore_errors=True)
    elif os.path.lexists(draft):
        draft.unlink()


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
