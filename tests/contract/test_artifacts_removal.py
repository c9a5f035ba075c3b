"""What is removed, and what stays, where other contents are needed: on paths, file URLs and a remote file system."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from pinnace.artifacts.store import FsspecArtifactStore
from pinnace.domain.places import place_of
from pinnace.ports.artifacts import ArtifactStore

FILES = ("a/out", "a/out-2", "b/out/part-0", "b/out/part-1", "b/out/deep/part-2", "b/executor_output.json")


@pytest.fixture(params=["path", "file", "memory"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "path":
        yield str(tmp_path / "root one")
    elif request.param == "file":
        yield (tmp_path / "root one").as_uri()
    else:
        name = f"memory://{uuid.uuid4().hex}"
        yield name
        system, place = fsspec.core.url_to_fs(name)
        if system.exists(place):
            system.rm(place, recursive=True)


@pytest.fixture
def store() -> ArtifactStore:
    return FsspecArtifactStore()


@pytest.fixture
def run(store: ArtifactStore, root: str, tmp_path: Path) -> str:
    """The root of a run with some files, beside another one whose name begins alike."""
    (tmp_path / "content").write_text("x")
    for file in (*(f"run/{name}" for name in FILES), "run-2/a/out"):
        store.publish(str(tmp_path / "content"), f"{root}/{file}")
    return f"{root}/run"


def _left(store: ArtifactStore, run: str) -> set[str]:
    return {name for name in FILES if store.inspect(f"{run}/{name}").exists}


@pytest.mark.parametrize(
    ("kept", "left"),
    [
        ([], set()),
        (["a/out"], {"a/out"}),
        (["b/out"], {name for name in FILES if name.startswith("b/out/")}),
        (["b/out/deep/part-2"], {"b/out/deep/part-2"}),
        (["a/out", "b/out/part-1"], {"a/out", "b/out/part-1"}),
        (["a/ou", "nothing", "-2/a/out"], set()),
        ([""], set(FILES)),
        (["/.."], set(FILES)),
    ],
    ids=["all", "file", "directory", "part", "several", "look-alikes", "the root itself", "around it"],
)
def test_what_is_kept_stays_with_all_that_is_in_it(
    store: ArtifactStore, root: str, run: str, kept: list[str], left: set[str]
) -> None:
    keep = [place_of(root) if name == "/.." else place_of(f"{run}/{name}") for name in kept]
    store.delete(run, keep)
    assert _left(store, run) == left
    assert store.inspect(f"{root}/run-2/a/out").exists


@pytest.fixture
def local(tmp_path: Path) -> Path:
    (tmp_path / "run/a").mkdir(parents=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/data").write_text("mine")
    return tmp_path / "run"


def test_links_are_removed_and_not_followed(store: ArtifactStore, local: Path) -> None:
    (local / "a/whole").symlink_to(local.parent / "mine")
    (local / "a/one").symlink_to(local.parent / "mine/data")
    (local / "b").symlink_to(local.parent / "mine")
    store.delete(str(local), [str(local / "b/data")])
    assert (local.parent / "mine/data").read_text() == "mine"
    assert not (local / "a").exists()
    store.delete(str(local))
    assert not local.exists()
    assert (local.parent / "mine/data").read_text() == "mine"


def test_a_root_that_became_a_link_is_removed_and_not_what_it_leads_to(store: ArtifactStore, local: Path) -> None:
    (local / "a").rmdir()
    local.rmdir()
    local.symlink_to(local.parent / "mine")
    store.delete(str(local))
    assert not local.is_symlink()
    assert (local.parent / "mine/data").read_text() == "mine"


def test_a_link_through_which_something_is_kept_stays(store: ArtifactStore, local: Path) -> None:
    (local / "a/out").write_text("x")
    moved = local.rename(local.parent / "moved")
    local.symlink_to(moved)
    store.delete(str(local), [str(local / "a/out")])
    assert (local / "a/out").read_text() == "x"


def test_what_a_kept_link_leads_to_is_kept_with_it(store: ArtifactStore, local: Path) -> None:
    (local / "a/real").write_text("real")
    (local / "a/other").write_text("other")
    (local / "a/out").symlink_to("real")
    store.delete(str(local), [str(local / "a/out")])
    assert (local / "a/out").read_text() == "real"
    assert not (local / "a/other").exists()


def test_what_links_in_a_kept_directory_lead_to_is_kept_with_it(store: ArtifactStore, local: Path) -> None:
    for name in ("one", "two/file", "other"):
        (local / "a/made" / name).parent.mkdir(parents=True, exist_ok=True)
        (local / "a/made" / name).write_text(name)
    (local / "a/made/latest").symlink_to("one")
    (local / "b/kept/deep").mkdir(parents=True)
    (local / "b/kept/deep/file").symlink_to("../../../a/made/latest")
    (local / "b/kept/directory").symlink_to(local / "a/made/two")
    (local / "b/kept/circle").symlink_to("circle")
    (local / "b/kept/disk").symlink_to("/")
    (local.parent / "alias").symlink_to(local.parent)
    here = local.parent / "alias" / local.name
    store.delete(str(here), [str(here / "b/kept")])
    assert (local / "b/kept/deep/file").read_text() == "one"
    assert (local / "b/kept/directory/file").read_text() == "two/file"
    assert not (local / "a/made/other").exists()


def test_directories_that_a_task_has_protected_are_removed(store: ArtifactStore, local: Path) -> None:
    (local / "a/deep").mkdir()
    (local / "a/deep/file").write_text("x")
    (local / "a/link").symlink_to(local.parent / "mine")
    for directory in (local / "a/deep", local / "a"):
        directory.chmod(0o500)
    (local.parent / "mine").chmod(0o700)
    store.delete(str(local))
    assert not local.exists()
    assert (local.parent / "mine").stat().st_mode & 0o777 == 0o700


def test_special_files_are_removed_without_being_opened(store: ArtifactStore, local: Path) -> None:
    os.mkfifo(local / "a/pipe")
    store.delete(str(local))
    assert not local.exists()
