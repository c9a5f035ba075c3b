"""What environments may take on the disk, and how they go while others use them."""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pinnace.environments.manifest import FILE
from pinnace.environments.shelf import Shelf

_HOLDER = """
import fcntl, sys
lock = open(sys.argv[1])
fcntl.flock(lock, fcntl.LOCK_SH)
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def used_by_a_task(lock: str) -> Iterator[None]:
    """Another process holds the lock, as a task's runner does."""
    command = [sys.executable, "-c", _HOLDER, lock]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    yield
    holder.communicate()


def age(environment: Any, seconds: float) -> None:
    """Have it last used so long ago."""
    then = Path(environment.lock).stat().st_mtime - seconds
    os.utime(environment.lock, (then, then))


def test_what_an_environment_says_about_itself(bench: Any) -> None:
    environment = bench.isolated("pinnacealpha @ https://name:secret@127.0.0.1:9/x.whl ; python_version < '3'")
    told = json.loads(Path(environment.virtual_env, FILE).read_text())
    assert "secret" not in json.dumps(told)
    environment = bench.isolated("pinnacegamma", "pinnacebeta<3", sdk_requirements=("kfp==2.17.0",))
    told = json.loads(Path(environment.virtual_env, FILE).read_text())
    assert told["requirements"] == ["pinnacegamma", "pinnacebeta<3", "kfp==2.17.0"]
    assert told["packages"] == {"kfp": "2.17.0", "pinnacebeta": "2.5", "pinnacegamma": "1.0"}
    assert (told["mode"], told["python"]) == ("isolated", bench.python)
    files = [path for path in Path(environment.virtual_env).rglob("*") if not path.is_symlink() and path.name != FILE]
    assert told["size"] >= sum(path.stat().st_size for path in files if path.is_file())
    assert told["build_seconds"] > 0
    entries = Shelf(bench.root).entries()
    assert entries[0].key == Path(environment.virtual_env).name
    assert entries[0].manifest.packages == told["packages"]


def test_those_used_longest_ago_go_when_room_is_short(bench: Any) -> None:
    first, second, third = (bench.isolated(*names) for names in (["pinnacebeta"], ["pinnacegamma"], ["kfp"]))
    for seconds, environment in ((300, second), (200, first), (100, third)):
        age(environment, seconds)
    bench.isolated("pinnacebeta", store=bench.store(budget=1))
    assert Path(second.python).exists(), "it was found, so nothing was built, and there is no reason to remove anything"
    age(first, 200)
    size = sum(entry.manifest.size for entry in Shelf(bench.root).entries())
    latest = bench.isolated("pinnacebeta==2.5", store=bench.store(budget=size))
    left = [Path(each.python).exists() for each in (first, second, third, latest)]
    assert left == [True, False, True, True]


def test_what_is_in_use_stays_however_little_room_there_is(bench: Any) -> None:
    used, idle = bench.isolated("pinnacebeta"), bench.isolated("pinnacegamma")
    age(used, 300)
    age(idle, 200)
    with used_by_a_task(used.lock):
        latest = bench.isolated("kfp", store=bench.store(budget=1))
        assert [Path(each.python).exists() for each in (used, idle, latest)] == [True, False, True]
        [entry] = [entry for entry in Shelf(bench.root).entries() if Shelf(bench.root).is_in_use(entry.key)]
        assert entry.key == Path(used.virtual_env).name
        assert not Shelf(bench.root).remove(entry.key)
    assert Shelf(bench.root).remove(entry.key)
    assert not Path(used.virtual_env).exists()


def test_what_was_just_given_to_a_task_stays(bench: Any) -> None:
    first = bench.isolated("pinnacebeta")
    bench.isolated("kfp", store=bench.store(budget=1))
    assert Path(first.python).exists()


def test_one_that_was_removed_is_built_again_and_its_old_lock_is_worth_nothing(bench: Any) -> None:
    first = bench.isolated("pinnacebeta")
    shelf, key = Shelf(bench.root), Path(first.virtual_env).name
    with Path(first.lock).open() as old:
        assert shelf.remove(key)
        assert bench.isolated("pinnacebeta") == first
        fcntl.flock(old, fcntl.LOCK_SH)
        assert shelf.remove(key), "the lock that is held is that of the one that was removed"


def test_across_file_systems(bench: Any, tmp_path: Path) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no other file system at hand")
    cache = other / f"pinnace-test-{os.getpid()}"
    bench.environ["UV_CACHE_DIR"] = str(cache)
    try:
        environment = bench.isolated("pinnacebeta")
        assert subprocess.run([environment.python, "-c", "import pinnacebeta"], check=False).returncode == 0
    finally:
        subprocess.run(["rm", "-rf", str(cache)], check=True)


def test_files_are_shared_with_the_cache(bench: Any) -> None:
    environment = bench.isolated("pinnacebeta")
    [module] = Path(environment.virtual_env).glob("lib/python*/site-packages/pinnacebeta.py")
    assert module.stat().st_nlink > 1 or sys.platform == "darwin", "neither a hard link nor a clone"
