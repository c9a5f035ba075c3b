"""A disk that fills and empties again while runs go on. It is a real one, small, and mounted for the test alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ON_A_SMALL_DISK = Path(__file__).with_name("small_disk.py")


def with_small_disk(place: Path) -> list[str]:
    """A command in front of another one that runs it with a disk of 32 MiB at ``data`` in *place*."""
    (place / "data").mkdir()
    enter = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
    command = [*enter, "sh", "-c", f'mount -t tmpfs -o size=32m none "{place}/data" && exec "$@"', "sh"]
    tried = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.fail(f"A small disk can be mounted neither as root nor in a user namespace here: {tried.stderr}")
    return command


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a program mount a disk for itself alone")
@pytest.mark.parametrize("what", ["runs", "task"])
def test_what_a_full_disk_stops_goes_on_when_there_is_room(tmp_path: Path, what: str) -> None:
    ended = subprocess.run(
        [*with_small_disk(tmp_path), sys.executable, ON_A_SMALL_DISK, tmp_path, what],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
