"""Whether a directory can hold the data, and who holds it."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from pinnace.errors import SetupError
from pinnace.store.filesystem import (
    Mount,
    check_data_directory,
    filesystem_kind,
    holder_of,
    lock_data_directory,
    parse_mount_command,
    parse_mounts,
)

_MOUNTS: Final = r"""/dev/sda1 / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
server:/export /home/someone nfs4 rw,vers=4.2 0 0
tmpfs /home/someone/scratch tmpfs rw 0 0
C:\134 /mnt/c 9p rw,dirsync,aname=drvfs 0 0
D: /mnt/d drvfs rw 0 0
//nas/data /media/with\040space cifs rw 0 0
me@host:/ /srv/remote fuse.sshfs rw 0 0
/dev/sdb1 /srv ext4 rw 0 0
"""
_MAC: Final = """/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
//me@nas._smb._tcp.local/data on /Volumes/data (on nas) (smbfs, nodev, nosuid, mounted by me)
server:/export on /Volumes/export (nfs)
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "ext4"),
        ("/home/someone/data", "nfs4"),
        ("/home/someone", "nfs4"),
        ("/home/someoneelse", "ext4"),
        ("/home/someone/scratch/x", "tmpfs"),
        ("/mnt/c/Users/me", "9p"),
        ("/mnt/d", "drvfs"),
        ("/media/with space/x", "cifs"),
        ("/srv/remote/x", "fuse.sshfs"),
    ],
)
def test_the_file_system_of_a_path(path: str, kind: str) -> None:
    assert filesystem_kind(Path(path), parse_mounts(_MOUNTS)) == kind


def test_a_later_mount_hides_an_earlier_one() -> None:
    assert filesystem_kind(Path("/data"), [Mount("/data", "nfs"), Mount("/data", "ext4")]) == "ext4"


def test_macs_mounts() -> None:
    mounts = parse_mount_command(_MAC)
    assert mounts == [Mount("/", "apfs"), Mount("/Volumes/data (on nas)", "smbfs"), Mount("/Volumes/export", "nfs")]


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "drvfs", "fuse.sshfs"])
def test_a_directory_on_a_network_is_refused_with_the_cure(tmp_path: Path, kind: str) -> None:
    with pytest.raises(SetupError, match="--data-dir") as caught:
        check_data_directory(tmp_path, [Mount("/", "ext4"), Mount(os.path.realpath(tmp_path), kind)])
    assert str(tmp_path) in str(caught.value)


def test_a_local_directory_passes_and_keeps_nothing_of_the_check(tmp_path: Path) -> None:
    check_data_directory(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(SetupError):
        check_data_directory(Path("/proc/self/fd"))


def test_locks_that_fail_or_keep_nobody_out_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file system without locks can be made everywhere, so the two ways in which one shows are put on."""

    def refuse(file: object, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", lambda file, operation: None)
    with pytest.raises(SetupError, match="Locks do not work"):
        check_data_directory(tmp_path)
    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(SetupError, match="No locks available"):
        check_data_directory(tmp_path)
    assert list(tmp_path.iterdir()) == []


_HOLD: Final = """
import sys, time
from pathlib import Path
from pinnace.store.filesystem import lock_data_directory
with lock_data_directory(Path(sys.argv[1]), "http://127.0.0.1:4321"):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_server_is_told_of_the_first_and_follows_when_that_is_killed(tmp_path: Path) -> None:
    assert holder_of(tmp_path) is None
    with subprocess.Popen([sys.executable, "-c", _HOLD, tmp_path], stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        assert holder_of(tmp_path) == "http://127.0.0.1:4321"
        with pytest.raises(SetupError) as caught, lock_data_directory(tmp_path, "http://127.0.0.1:1"):
            pass
        assert "http://127.0.0.1:4321" in str(caught.value)
        assert str(first.pid) in str(caught.value)
        first.send_signal(signal.SIGKILL)
    assert holder_of(tmp_path) is None
    with lock_data_directory(tmp_path, "http://127.0.0.1:2"):
        assert holder_of(tmp_path) == "http://127.0.0.1:2"
        with pytest.raises(SetupError), lock_data_directory(tmp_path, "http://127.0.0.1:3"):
            pass
        assert holder_of(tmp_path) == "http://127.0.0.1:2"
    assert holder_of(tmp_path) is None
