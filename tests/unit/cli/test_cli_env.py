"""``pinnace env`` on directories as environments leave them."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pinnace.cli.env import env
from pinnace.cli.exits import CommandError
from pinnace.cli.server_file import write_record
from pinnace.cli.up import up
from pinnace.environments.locks import try_lock
from pinnace.environments.manifest import Manifest
from pinnace.environments.shelf import Shelf

DAY = 86_400
MANY = ("pandas>=2", "numpy", "scipy", "torch", "pyarrow")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path / "environments")
    shelf.root.mkdir()
    return shelf


@pytest.fixture
def call(tmp_path: Path) -> Callable[..., Result]:
    def run(*words: str) -> Result:
        return CliRunner().invoke(env, [*words, "--data-dir", str(tmp_path)], catch_exceptions=False)

    return run


def add(shelf: Shelf, key: str, days: float, requirements: tuple[str, ...] = ("pandas",), size: int = 3 << 20) -> None:
    draft = shelf.new_draft(key)
    (draft / "bin").mkdir(parents=True)
    shelf.publish(draft, Manifest("isolated", requirements, (), "/usr/bin/python3", "3.12.1", {"pandas": "2.3"}, size))
    then = time.time() - days * DAY
    os.utime(shelf.directory(key) / "lock", (then, then))


def keys(shelf: Shelf) -> list[str]:
    return [entry.key for entry in shelf.entries()]


def test_nothing_was_built_yet(call: Callable[..., Result]) -> None:
    assert "No environments" in call("list").output
    assert json.loads(call("list", "--json").output) == []
    assert call("prune", "--all").output == "0 environments removed, 0 B.\n"


def test_the_list_for_people(shelf: Shelf, call: Callable[..., Result]) -> None:
    add(shelf, "a" * 24, days=2)
    add(shelf, "b" * 24, days=1, requirements=MANY, size=3 << 30)
    add(shelf, "c" * 24, days=3, requirements=())
    held = try_lock(shelf.directory("a" * 24) / "lock", create=False)
    assert held is not None
    lines = call("list").output.splitlines()
    os.close(held)
    assert [line.split()[0] for line in lines] == ["ID", "b" * 12, "a" * 12, "c" * 12, "3"]
    assert "pandas>=2, numpy, scipy and 2 more" in lines[1]
    assert "3.0 GiB" in lines[1]
    assert [line.split()[-1] for line in lines[1:4]] == ["no", "yes", "no"]
    assert "nothing declared" in lines[3]
    assert lines[-1] == "3 environments, 3.0 GiB"


def test_the_list_for_programs(shelf: Shelf, call: Callable[..., Result]) -> None:
    add(shelf, "a" * 24, days=2)
    [entry] = json.loads(call("list", "--json").output)
    assert entry["id"] == "a" * 24
    assert (entry["mode"], entry["python_version"], entry["packages"]) == ("isolated", "3.12.1", {"pandas": "2.3"})
    assert (entry["size"], entry["in_use"]) == (3 << 20, False)
    assert entry["last_used_at"].endswith("+00:00")


def test_what_was_not_used_for_a_month_is_removed(shelf: Shelf, call: Callable[..., Result]) -> None:
    add(shelf, "old", days=31)
    add(shelf, "young", days=29)
    assert call("prune", "--dry-run").output == "Would remove old (pandas).\n1 environment would be removed, 3 MiB.\n"
    assert keys(shelf) == ["young", "old"]
    assert call("prune").output == "Removed old (pandas).\n1 environment removed, 3 MiB.\n"
    assert keys(shelf) == ["young"]
    assert call("prune", "--older-than", "28.5").output.startswith("Removed young")
    assert list(shelf.root.iterdir()) == []


def test_what_is_in_use_is_kept(shelf: Shelf, call: Callable[..., Result]) -> None:
    add(shelf, "used", days=50)
    add(shelf, "idle", days=0)
    held = try_lock(shelf.directory("used") / "lock", create=False)
    assert held is not None
    told = call("prune", "--all").output
    assert told == ("Removed idle (pandas).\nKept used (pandas), which is in use.\n1 environment removed, 3 MiB.\n")
    assert keys(shelf) == ["used"]
    os.close(held)
    call("prune", "--all")
    assert keys(shelf) == []


def test_what_a_running_server_has_just_given_away_is_kept(
    shelf: Shelf, tmp_path: Path, call: Callable[..., Result]
) -> None:
    add(shelf, "new", days=0)
    write_record(tmp_path, "http://127.0.0.1:1", "", private=False)
    assert "Kept new" in call("prune", "--all").output
    assert keys(shelf) == ["new"]


def test_what_was_left_behind_goes_but_not_what_is_being_built(shelf: Shelf, call: Callable[..., Result]) -> None:
    for name in ("dead.1.draft/bin", "busy.1.draft/bin", "gone.2.trash/bin"):
        (shelf.root / name).mkdir(parents=True)
    shelf.build_lock("stale").touch()
    shelf.remember_conflict("x", "words")
    busy = try_lock(shelf.build_lock("busy"), create=True)
    assert busy is not None
    call("prune", "--dry-run")
    assert len(list(shelf.root.iterdir())) == 6
    call("prune")
    assert sorted(path.name for path in shelf.root.iterdir()) == ["busy.1.draft", "busy.build", "x.conflict"]
    os.close(busy)
    call("prune", "--all")
    assert list(shelf.root.iterdir()) == []


def test_a_directory_that_is_no_environment_is_left_alone(shelf: Shelf, call: Callable[..., Result]) -> None:
    (shelf.root / "broken").mkdir()
    (shelf.root / "broken/pinnace.json").write_text("{")
    assert "No environments" in call("list").output
    call("prune", "--all")
    assert (shelf.root / "broken").exists()


def test_all_and_older_than_exclude_each_other(call: Callable[..., Result]) -> None:
    with pytest.raises(CommandError, match="not both"):
        call("prune", "--all", "--older-than", "3")


def test_a_size_that_is_none(tmp_path: Path) -> None:
    words = ["--port", "0", "--data-dir", str(tmp_path), "--environments-size", "much"]
    with pytest.raises(CommandError, match=r"--environments-size: .*Write a size"):
        CliRunner().invoke(up, words, catch_exceptions=False)
