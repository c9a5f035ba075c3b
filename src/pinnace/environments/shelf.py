"""The directory in which environments are kept: which there are, which are in use, and how they go. Calls block.

<key>/                    an environment; appears complete, by a rename
<key>/pinnace.json        its manifest
<key>/lock                who uses it holds a shared lock on it; its time of change is that of the last use
<key>.build               held by whoever builds it
<key>.<random>.draft/     being built
<key>.<random>.trash/     being removed
<key>.conflict            why its packages do not go with the interpreter that they were to be added to
"""

import contextlib
import os
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pinnace.environments.locks import is_held, try_lock
from pinnace.environments.manifest import Manifest, read_manifest, write_manifest

ENVIRONMENTS: Final = "environments"
"""Its name in a data directory."""

LOCK: Final = "lock"
_DRAFT: Final = ".draft"
_TRASH: Final = ".trash"
_BUILD: Final = ".build"
_CONFLICT: Final = ".conflict"
JUST_USED_SECONDS: Final = 60.0
"""For so long an environment that was handed out counts as in use, until whoever wanted it holds its lock."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An environment as it is kept.

    Attributes:
        last_used: Seconds since 1970.
    """

    key: str
    manifest: Manifest
    last_used: float


class Shelf:
    """The environments below one directory. Servers and commands may work on it at the same time."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def directory(self, key: str) -> Path:
        """Where the environment of that key is, or will be."""
        return self.root / key

    def build_lock(self, key: str) -> Path:
        """What whoever builds it holds."""
        return self.root / f"{key}{_BUILD}"

    def take(self, key: str) -> Manifest | None:
        """The manifest of a finished environment, which counts as used now; None where there is none."""
        manifest = read_manifest(self.directory(key))
        if manifest is not None:
            with contextlib.suppress(FileNotFoundError):
                os.utime(self.directory(key) / LOCK)
                return manifest
        return None

    def new_draft(self, key: str) -> Path:
        """A name to build under, which no build had before: what a killed server has started may still write."""
        return self.root / f"{key}.{secrets.token_hex(4)}{_DRAFT}"

    def publish(self, draft: Path, manifest: Manifest) -> None:
        """Make a draft the environment of its key."""
        (draft / LOCK).touch(mode=0o600)
        write_manifest(draft, manifest)
        target = self.directory(_key(draft))
        if target.exists():
            target.rename(self._new_trash(target.name))  # Not readable as an environment, or nobody would have built.
        draft.rename(target)

    def remember_conflict(self, key: str, words: str) -> None:
        """Keep why there can be no such layer."""
        (self.root / f"{key}{_CONFLICT}").write_text(words, encoding="utf-8")

    def conflict(self, key: str) -> str:
        """Why there can be no such layer; "" where that is not known."""
        try:
            return (self.root / f"{key}{_CONFLICT}").read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def entries(self) -> list[Entry]:
        """All finished environments, the last used first."""
        found = [self._entry(path.name) for path in self._names() if not path.suffix]
        return sorted((entry for entry in found if entry is not None), key=lambda entry: -entry.last_used)

    def is_in_use(self, key: str) -> bool:
        """Whether anybody holds its lock now."""
        return is_held(self.directory(key) / LOCK)

    def remove(self, key: str) -> bool:
        """Remove an environment unless its lock is held; whether that was done."""
        lock = self.directory(key) / LOCK
        try:
            descriptor = try_lock(lock, create=False)
        except FileNotFoundError:
            return False
        if descriptor is None:
            return False
        trash = self._new_trash(key)
        try:
            self.directory(key).rename(trash)
        finally:
            os.close(descriptor)
        shutil.rmtree(trash, ignore_errors=True)
        return True

    def shrink(self, budget: int, keep: str) -> list[str]:
        """Remove what was used longest ago, until *budget* bytes are enough; what was removed.

        Not *keep*, nothing that is in use, and nothing that was used a moment ago: somebody may be about to use it.
        """
        entries = self.entries()
        total = sum(entry.manifest.size for entry in entries)
        removed: list[str] = []
        for entry in reversed(entries):
            if total <= budget or time.time() - entry.last_used < JUST_USED_SECONDS:
                break
            if entry.key != keep and self.remove(entry.key):
                total -= entry.manifest.size
                removed.append(entry.key)
        return removed

    def surplus(self, budget: int) -> list[Entry]:
        """What :meth:`shrink` would remove now."""
        entries = self.entries()
        total = sum(entry.manifest.size for entry in entries)
        found: list[Entry] = []
        for entry in reversed(entries):
            if total <= budget or time.time() - entry.last_used < JUST_USED_SECONDS:
                break
            if not self.is_in_use(entry.key):
                total -= entry.manifest.size
                found.append(entry)
        return found

    def sweep(self) -> list[str]:
        """Remove what killed builds and removals have left behind; what was removed."""
        names = self._names()
        removed = [path for path in names if path.suffix == _TRASH and _deleted(path)]
        for key in sorted({_key(path) for path in names if path.suffix in {_DRAFT, _BUILD}}):
            lock = self.build_lock(key)
            descriptor = try_lock(lock, create=True)
            if descriptor is not None:
                removed += [path for path in self.root.glob(f"{key}.*{_DRAFT}") if _deleted(path)]
                lock.unlink(missing_ok=True)
                os.close(descriptor)
        return [path.name for path in removed]

    def forget_conflicts(self, before: float) -> None:
        """Forget conflicts that were found before that time."""
        for path in self._names():
            with contextlib.suppress(FileNotFoundError):
                if path.suffix == _CONFLICT and path.stat().st_mtime < before:
                    path.unlink()

    def _names(self) -> list[Path]:
        return sorted(self.root.iterdir()) if self.root.is_dir() else []

    def _entry(self, key: str) -> Entry | None:
        manifest = read_manifest(self.directory(key))
        lock = self.directory(key) / LOCK
        try:
            return Entry(key, manifest, lock.stat().st_mtime) if manifest else None
        except FileNotFoundError:
            return None

    def _new_trash(self, key: str) -> Path:
        return self.root / f"{key}.{secrets.token_hex(4)}{_TRASH}"


def _key(path: Path) -> str:
    return path.name.partition(".")[0]


def _deleted(path: Path) -> bool:
    shutil.rmtree(path, ignore_errors=True)
    return not path.exists()
