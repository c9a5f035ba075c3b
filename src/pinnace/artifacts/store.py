"""The artifact store on fsspec."""

import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

from pinnace.artifacts.digests import DigestMemory, measure
from pinnace.artifacts.places import local_path, remote_place
from pinnace.artifacts.removal import remove_local, remove_remote, with_targets
from pinnace.artifacts.walk import Entry, Kind, entries
from pinnace.domain.places import Places
from pinnace.errors import InvalidInput
from pinnace.ports.artifacts import Content

_ETAGS: Final = ("ETag", "etag", "md5Hash", "content_md5")


class FsspecArtifactStore:
    """Adapter of ``ports.artifacts.ArtifactStore``. Callers confine URIs to their roots; this class does not.

    Args:
        options: Keyword arguments for fsspec's file systems, by protocol (``{"s3": {"endpoint_url": …}}``).
    """

    def __init__(self, options: dict[str, dict[str, Any]] | None = None) -> None:
        self._options = options or {}
        self._memory = DigestMemory()

    def is_local(self, uri: str) -> bool:
        """See the port."""
        return local_path(uri) is not None

    def inspect(self, uri: str) -> Content:
        """See the port. Raises OSError where the store cannot be asked."""
        path = local_path(uri)
        if path is None:
            return self._inspect_remote(uri)
        _refuse_special(path)
        try:
            found = measure(path, self._memory)
        except (FileNotFoundError, NotADirectoryError):
            return Content(exists=False)
        return Content(exists=True, digest=found.digest, size=found.size)

    def stage_in(self, uri: str, path: str) -> None:
        """See the port. Raises FileNotFoundError where the uri has no content."""
        source = local_path(uri)
        if source is not None:
            _refuse_special(source)
            _copy(source, Path(path))
            return
        system, place = self._remote(uri)
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        if system.isfile(place):
            system.get_file(place, path)
            return
        files = system.find(place)
        if not files and not system.isdir(place):
            raise FileNotFoundError(f"There is nothing at {uri}.")
        Path(path).mkdir(parents=True, exist_ok=True)
        for file in files:
            target = _inside(Path(path), file[len(place) :].lstrip("/"), uri)
            target.parent.mkdir(parents=True, exist_ok=True)
            system.get_file(file, str(target))

    def publish(self, path: str, uri: str) -> None:
        """See the port. Links arrive as what they point to; raises InvalidInput for one that cannot (see ``walk``)."""
        source = Path(path)
        if not source.exists():
            return
        _refuse_special(source)
        target = local_path(uri)
        if target is not None:
            if target.resolve() != source.resolve():
                _copy(source, target)
            return
        system, place = self._remote(uri)
        if source.is_file():
            system.makedirs(place.rpartition("/")[0], exist_ok=True)
            system.put_file(str(source), place)
            return
        system.makedirs(place, exist_ok=True)
        for entry in _to_copy(source):
            name = f"{place}/{entry.name.as_posix()}"
            if entry.kind is Kind.DIRECTORY:
                system.makedirs(name, exist_ok=True)
            else:
                system.put_file(str(entry.path), name)

    def delete(self, uri: str, keep: Collection[str] = ()) -> None:
        """See the port."""
        path = local_path(uri)
        if path is not None:
            remove_local(path, with_targets(path, keep))
            return
        system, place = self._remote(uri)
        remove_remote(system, place, Places([self._remote(each)[1] for each in keep]))

    def _inspect_remote(self, uri: str) -> Content:
        system, place = self._remote(uri)
        system.invalidate_cache()
        if not system.exists(place):
            return Content(exists=False)
        if system.isdir(place):
            return Content(exists=True, size=sum(int(size) for size in system.du(place, total=False).values()))
        facts = system.info(place)
        etag = next((str(facts[name]).strip('"') for name in _ETAGS if facts.get(name)), "")
        size = facts.get("size")
        return Content(exists=True, digest=f"etag:{etag}" if etag else "", size=-1 if size is None else int(size))

    def _remote(self, uri: str) -> tuple[Any, str]:
        return remote_place(uri, self._options)


def _inside(root: Path, name: str, uri: str) -> Path:
    """A file below *root*, whatever a bucket calls it."""
    if ".." in name.split("/"):
        raise InvalidInput(f"The artifact {uri} has a file named {name}, which leads out of its directory.")
    return root / name


def _refuse_special(path: Path) -> None:
    """Raise InvalidInput for a pipe, socket or device: reading one may never end."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise InvalidInput(
            f"The artifact {path} is neither a file nor a directory, but a pipe, socket or device. Write a file."
        )


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if not source.is_dir():
        shutil.copyfile(source, target)
        return
    target.mkdir(exist_ok=True)
    for entry in _to_copy(source):
        if entry.kind is Kind.DIRECTORY:
            (target / entry.name).mkdir(exist_ok=True)
        else:
            shutil.copyfile(entry.path, target / entry.name)


def _to_copy(source: Path) -> list[Entry]:
    """Directories and files of an artifact. Raises InvalidInput where something of it cannot be copied."""
    found = list(entries(source))
    for entry in found:
        if entry.kind is Kind.LINK:
            raise InvalidInput(
                f"The artifact {source} holds the link {entry.name} to {entry.target}, which is not in it or does not "
                "exist. Write a copy instead of the link."
            )
    return [entry for entry in found if entry.kind is not Kind.SPECIAL]
