"""Whether a directory can hold the data, and who holds it now. SQLite and the server both stand on locks of files."""

import contextlib
import errno
import fcntl
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from pinnace.errors import SetupError

LOCK_NAME: Final = "pinnace.lock"
_PROBE_NAME: Final = ".pinnace-lock-probe"

_UNSAFE: Final = {
    "nfs": "NFS",
    "nfs4": "NFS",
    "cifs": "an SMB share",
    "smb2": "an SMB share",
    "smb3": "an SMB share",
    "smbfs": "an SMB share",
    "afpfs": "an AFP share",
    "webdav": "a WebDAV share",
    "davfs": "a WebDAV share",
    "9p": "a 9p mount (on WSL: a Windows drive)",
    "v9fs": "a 9p mount (on WSL: a Windows drive)",
    "drvfs": "a Windows drive",
    "vboxsf": "a VirtualBox shared folder",
    "fuse.sshfs": "sshfs",
    "fuse.rclone": "rclone",
    "fuse.s3fs": "s3fs",
    "fuse.gcsfuse": "gcsfuse",
    "fuse.goofys": "goofys",
    "fuse.davfs": "a WebDAV share",
    "macfuse": "a FUSE mount",
    "osxfuse": "a FUSE mount",
}
_CURE: Final = "Choose a directory on a local disk with --data-dir."
_ESCAPED: Final = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """A mounted file system."""

    point: str
    kind: str


def check_data_directory(path: Path, mounts: Iterable[Mount] | None = None) -> None:
    """Refuse a directory in which a database would not be safe.

    Args:
        path: An existing directory.
        mounts: The mounted file systems, later ones over earlier ones; by default those of this system.

    Raises:
        SetupError: it lies on a network file system or a Windows drive, its locks do not work, or it cannot be written.
    """
    kind = filesystem_kind(path, _mounts() if mounts is None else mounts)
    if kind in _UNSAFE:
        raise SetupError(
            f"The data directory {path} lies on {_UNSAFE[kind]}, where the locks of a database are not safe. {_CURE}"
        )
    try:
        _probe_locks(path)
    except OSError as error:
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            raise SetupError(f"The data directory {path} cannot be written: {error.strerror}. {_CURE}") from error
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise SetupError(f"The disk of the data directory {path} is full. Make room on it.") from error
        raise SetupError(
            f"Locks do not work in the data directory {path} ({error.strerror}), and a database needs them. {_CURE}"
        ) from error


def filesystem_kind(path: Path, mounts: Iterable[Mount]) -> str:
    """The kind of file system that a path lies on, as the system names it; "" when it cannot be told."""
    place = os.path.realpath(path)
    best = Mount("", "")
    for mount in mounts:
        point = mount.point.rstrip("/")
        if (place == point or place.startswith(f"{point}/")) and len(point) >= len(best.point.rstrip("/")):
            best = mount
    return best.kind


def parse_mounts(table: str) -> list[Mount]:
    """The mounts of a table in the format of /proc/mounts."""
    fields = (line.split(" ") for line in table.splitlines())
    return [Mount(_unescape(each[1]), each[2]) for each in fields if len(each) > 2]


def parse_mount_command(output: str) -> list[Mount]:
    """The mounts that macOS's ``mount`` prints: ``//user@host/share on /Volumes/share (smbfs, nodev)``."""
    lines = (re.fullmatch(r".+? on (/.*) \((\w+).*\)", line) for line in output.splitlines())
    return [Mount(line[1], line[2]) for line in lines if line is not None]


def lock_data_directory(path: Path, address: str) -> AbstractContextManager[None]:
    """Hold a data directory for this process; the lock goes with the process, however that ends.

    Args:
        path: An existing directory.
        address: Where this server answers, for others to name.

    Raises:
        SetupError: (on entry) another server holds it; says which.
    """
    return _held(path / LOCK_NAME, address)


def holder_of(path: Path) -> str | None:
    """The address of the server that holds a data directory now; "" if it did not say, None for no server."""
    lock = path / LOCK_NAME
    if not lock.exists():
        return None
    with _open(lock) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _holder(file)[0]
    return None


@contextlib.contextmanager
def _held(path: Path, address: str) -> Iterator[None]:
    with _open(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other, pid = _holder(file)
            where = f"answers at {other}" if other else "is starting"
            raise SetupError(
                f"Another Pinnace server (process {pid}) uses the data directory {path.parent} and {where}. "
                "Use that one, stop it with pinnace down, or choose another directory with --data-dir."
            ) from None
        # The file stays when the lock goes: removing it would let two servers lock two files of one name.
        file.seek(0)
        file.truncate()
        json.dump({"pid": os.getpid(), "address": address}, file)
        file.flush()
        yield


def _open(path: Path) -> IO[str]:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+", encoding="utf-8")


def _holder(file: IO[str]) -> tuple[str, str]:
    """Address and process id as the holder wrote them; it may be about to."""
    file.seek(0)
    try:
        content = json.load(file)
        return str(content["address"]), str(content["pid"])
    except (ValueError, KeyError, TypeError):
        return "", "unknown"


def _probe_locks(path: Path) -> None:
    """Take locks of both kinds on a file, and see that another holder is kept out. Raises OSError."""
    probe = path / f"{_PROBE_NAME}-{os.getpid()}"
    try:
        with _open(probe) as first, _open(probe) as second:
            fcntl.lockf(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.lockf(first, fcntl.LOCK_UN)
            fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
            try:
                fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            raise OSError(errno.ENOLCK, "two holders got one lock")
    finally:
        probe.unlink(missing_ok=True)


def _mounts() -> list[Mount]:
    if sys.platform == "darwin":
        shown = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=False)
        return parse_mount_command(shown.stdout)
    try:
        return parse_mounts(Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape"))
    except OSError:
        return []


def _unescape(point: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 8)), point)
