"""What the artifact store owes its callers, on paths, file URLs and a remote fsspec file system."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from pinnace.artifacts.store import FsspecArtifactStore
from pinnace.errors import InvalidInput
from pinnace.ports.artifacts import ArtifactStore, Content


@pytest.fixture(params=["path", "file", "memory"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where artifacts lie: with a space and a character that URLs quote."""
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
def tree(tmp_path: Path) -> Path:
    directory = tmp_path / "made"
    (directory / "sub/deeper").mkdir(parents=True)
    (directory / "a.txt").write_text("one")
    (directory / "sub/b.bin").write_bytes(bytes(range(256)))
    (directory / "sub/deeper/c").write_text("three")
    return directory


def _content(directory: Path) -> dict[str, bytes]:
    return {str(file.relative_to(directory)): file.read_bytes() for file in directory.rglob("*") if file.is_file()}


def test_a_file_goes_there_and_comes_back(store: ArtifactStore, root: str, tmp_path: Path) -> None:
    (tmp_path / "made").write_bytes(b"content")
    store.publish(str(tmp_path / "made"), f"{root}/run/task/model")
    store.stage_in(f"{root}/run/task/model", str(tmp_path / "in/put"))
    assert (tmp_path / "in/put").read_bytes() == b"content"
    found = store.inspect(f"{root}/run/task/model")
    assert found.exists
    assert found.size == 7


def test_a_directory_goes_there_and_comes_back_whole(
    store: ArtifactStore, root: str, tmp_path: Path, tree: Path
) -> None:
    store.publish(str(tree), f"{root}/run/task/model")
    store.stage_in(f"{root}/run/task/model", str(tmp_path / "back"))
    assert _content(tmp_path / "back") == _content(tree)
    found = store.inspect(f"{root}/run/task/model")
    assert found.exists
    assert found.size == 3 + 256 + 5


def test_what_is_not_there(store: ArtifactStore, root: str, tmp_path: Path) -> None:
    assert store.inspect(f"{root}/nothing") == Content(exists=False)
    store.publish(str(tmp_path / "nothing"), f"{root}/nothing")
    assert store.inspect(f"{root}/nothing") == Content(exists=False)
    store.delete(f"{root}/nothing")
    with pytest.raises(FileNotFoundError):
        store.stage_in(f"{root}/nothing", str(tmp_path / "in"))


def test_delete_removes_files_and_directories(store: ArtifactStore, root: str, tmp_path: Path, tree: Path) -> None:
    (tmp_path / "file").write_text("x")
    store.publish(str(tmp_path / "file"), f"{root}/file")
    store.publish(str(tree), f"{root}/tree")
    store.delete(f"{root}/file")
    assert not store.inspect(f"{root}/file").exists
    assert store.inspect(f"{root}/tree").exists
    store.delete(f"{root}/tree")
    assert not store.inspect(f"{root}/tree").exists


def test_publishing_again_replaces_a_file(store: ArtifactStore, root: str, tmp_path: Path) -> None:
    for text in ("first version", "second"):
        (tmp_path / "made").write_text(text)
        store.publish(str(tmp_path / "made"), f"{root}/out")
    store.stage_in(f"{root}/out", str(tmp_path / "in"))
    assert (tmp_path / "in").read_text() == "second"


def test_a_link_inside_arrives_as_content(store: ArtifactStore, root: str, tmp_path: Path, tree: Path) -> None:
    (tree / "again").symlink_to("sub")
    (tree / "same.txt").symlink_to("a.txt")
    store.publish(str(tree), f"{root}/out")
    store.stage_in(f"{root}/out", str(tmp_path / "in"))
    assert (tmp_path / "in/again/b.bin").read_bytes() == bytes(range(256))
    assert (tmp_path / "in/same.txt").read_text() == "one"
    assert not any(found.is_symlink() for found in (tmp_path / "in").rglob("*"))


@pytest.mark.parametrize("target", ["/", "missing", "."], ids=["whole disk", "nowhere", "circle"])
def test_a_link_that_cannot_be_copied_is_refused(store: ArtifactStore, root: str, tree: Path, target: str) -> None:
    (tree / "link").symlink_to(target)
    with pytest.raises(InvalidInput, match="holds the link link to"):
        store.publish(str(tree), f"{root}/out")


def test_only_paths_are_local(store: ArtifactStore, root: str) -> None:
    assert store.is_local(f"{root}/x") is not root.startswith("memory:")


def test_a_url_that_nothing_can_open(store: ArtifactStore) -> None:
    with pytest.raises(InvalidInput, match="cannot be used here"):
        store.inspect("nosuchprotocol://bucket/key")


def test_a_bucket_file_cannot_leave_the_directory(store: ArtifactStore, tmp_path: Path) -> None:
    system, place = fsspec.core.url_to_fs(f"memory://{uuid.uuid4().hex}")
    system.store[f"{place}/model/../../escaped"] = fsspec.implementations.memory.MemoryFile(data=b"x")
    system.pipe(f"{place}/model/fine", b"y")
    try:
        with pytest.raises(InvalidInput, match="leads out of its directory"):
            store.stage_in(f"memory:/{place}/model", str(tmp_path / "in"))
        assert not (tmp_path.parent / "escaped").exists()
    finally:
        for name in [name for name in system.store if name.startswith(place)]:
            del system.store[name]


@pytest.mark.parametrize("scheme", ["path", "file"])
def test_local_digests_are_of_the_content(store: ArtifactStore, tmp_path: Path, tree: Path, scheme: str) -> None:
    def uri(path: Path) -> str:
        return str(path) if scheme == "path" else path.as_uri()

    file = tmp_path / "file"
    file.write_bytes(b"abc")
    expected = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert store.inspect(uri(file)) == Content(True, expected, 3)
    digest = store.inspect(uri(tree)).digest
    assert digest.startswith("tree:")
    store.publish(str(tree), uri(tmp_path / "copy"))
    assert store.inspect(uri(tmp_path / "copy")).digest == digest


@pytest.mark.parametrize(
    "change",
    [
        lambda tree: (tree / "a.txt").write_text("two"),
        lambda tree: (tree / "a.txt").rename(tree / "z.txt"),
        lambda tree: (tree / "empty").mkdir(),
        lambda tree: (tree / "a.txt").unlink(),
        lambda tree: (tree / "sub/deeper/c").rename(tree / "c"),
        lambda tree: (tree / "link").symlink_to("nowhere"),
        lambda tree: os.mkfifo(tree / "pipe"),
    ],
    ids=["content of the same size", "name", "empty directory", "removed", "moved", "dangling link", "pipe"],
)
def test_every_change_of_a_directory_changes_its_digest(store: ArtifactStore, tree: Path, change: object) -> None:
    before = store.inspect(str(tree)).digest
    assert store.inspect(str(tree)).digest == before
    assert callable(change)
    change(tree)
    assert store.inspect(str(tree)).digest != before


def test_names_cannot_be_confused_with_content(store: ArtifactStore, tmp_path: Path) -> None:
    for directory, names in (("one", {"ab": "c"}), ("two", {"a": "bc"})):
        (tmp_path / directory).mkdir()
        for name, content in names.items():
            (tmp_path / directory / name).write_text(content)
    assert store.inspect(str(tmp_path / "one")).digest != store.inspect(str(tmp_path / "two")).digest
