"""What reading an artifact owes people, on paths, file URLs and a remote fsspec file system."""

import io
import os
import tarfile
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from pinnace.artifacts.contents import FsspecArtifactContents
from pinnace.artifacts.store import FsspecArtifactStore
from pinnace.errors import Forbidden, InvalidInput, Unavailable
from pinnace.ports.artifacts import ArtifactContents, EntryKind

LARGE = os.urandom(1 << 20) * 5


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
def contents() -> ArtifactContents:
    return FsspecArtifactContents()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    directory = tmp_path / "made"
    (directory / "sub/deeper").mkdir(parents=True)
    (directory / "a.txt").write_text("one")
    (directory / "sub/b.bin").write_bytes(LARGE)
    (directory / "sub/deeper/Grüße 1").write_text("three")
    return directory


@pytest.fixture
def model(root: str, tree: Path) -> str:
    """The tree as an artifact."""
    FsspecArtifactStore().publish(str(tree), f"{root}/model")
    return f"{root}/model"


def whole(contents: ArtifactContents, uri: str, member: str = "", start: int = 0, length: int | None = None) -> bytes:
    return b"".join(contents.read(uri, member, start, length))


def unpacked(archive: Iterator[bytes]) -> dict[str, bytes | str | None]:
    """What a tar.gz holds: content of files, targets of links, None for directories."""
    found: dict[str, bytes | str | None] = {}
    with tarfile.open(fileobj=io.BytesIO(b"".join(archive)), mode="r:gz") as tar:
        for info in tar:
            file = tar.extractfile(info) if info.isreg() else None
            found[info.name] = info.linkname if info.issym() else file.read() if file is not None else None
    return found


def test_files_are_read_whole_and_in_part(contents: ArtifactContents, model: str) -> None:
    entry = contents.entry(model, "sub/b.bin")
    assert (entry.name, entry.kind, entry.size) == ("b.bin", EntryKind.FILE, len(LARGE))
    assert whole(contents, model, "sub/b.bin") == LARGE
    assert whole(contents, model, "sub/b.bin", 300_000, 4_900_000) == LARGE[300_000:5_200_000]
    assert whole(contents, f"{model}/a.txt", length=0) == b""
    with pytest.raises(EOFError):
        whole(contents, f"{model}/a.txt", length=4)


def test_directories_are_listed_by_name(contents: ArtifactContents, model: str) -> None:
    assert contents.entry(model).kind is EntryKind.DIRECTORY
    found = [(entry.name, entry.kind, entry.size) for entry in contents.entries(model, "", 10)]
    assert found == [("a.txt", EntryKind.FILE, 3), ("sub", EntryKind.DIRECTORY, -1)]
    assert [entry.name for entry in contents.entries(model, "sub", 1)] == ["b.bin"]


def test_an_archive_is_stable_and_whole(contents: ArtifactContents, model: str) -> None:
    archive = b"".join(contents.archive(model, "", "my model"))
    assert b"".join(contents.archive(model, "", "my model")) == archive
    found = unpacked(iter([archive]))
    assert list(found) == [
        "my model",
        "my model/a.txt",
        "my model/sub",
        "my model/sub/b.bin",
        "my model/sub/deeper",
        "my model/sub/deeper/Grüße 1",
    ]
    assert found["my model/sub/b.bin"] == LARGE
    assert list(unpacked(contents.archive(model, "sub/deeper", "part"))) == ["part", "part/Grüße 1"]


def test_an_archive_comes_in_small_pieces(contents: ArtifactContents, model: str) -> None:
    assert max(map(len, contents.archive(model, "", "m"))) < 4_300_000


@pytest.mark.parametrize("member", ["..", "../x", "sub/../../x", "/etc/passwd", "sub//b.bin", "sub/", ".", "a\x00"])
def test_a_member_never_leads_out(contents: ArtifactContents, model: str, member: str) -> None:
    with pytest.raises(InvalidInput, match="no path inside an artifact"):
        contents.entry(model, member)
    with pytest.raises(InvalidInput):
        whole(contents, model, member)
    with pytest.raises(InvalidInput):
        list(contents.archive(model, member, "m"))
    with pytest.raises(InvalidInput):
        contents.entries(model, member, 1)


def test_what_is_not_there(contents: ArtifactContents, root: str, model: str) -> None:
    for uri, member in ((f"{root}/nothing", ""), (model, "nothing"), (model, "a.txt/below"), (model, "n" * 300)):
        with pytest.raises(FileNotFoundError):
            contents.entry(uri, member)


def test_links_are_followed_inside_only(contents: ArtifactContents, tmp_path: Path, tree: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tree / "again").symlink_to("sub")
    (tree / "same").symlink_to(tree / "a.txt")
    (tree / "out").symlink_to("../secret")
    (tree / "disk").symlink_to("/")
    (tree / "nowhere").symlink_to("missing")
    (tree / "circle").symlink_to("circle")
    os.mkfifo(tree / "pipe")
    uri = str(tree)
    kinds = {entry.name: entry.kind for entry in contents.entries(uri, "", 100)}
    assert {name for name, kind in kinds.items() if kind is EntryKind.LINK} == {"out", "disk", "nowhere", "circle"}
    assert (kinds["again"], kinds["same"]) == (EntryKind.DIRECTORY, EntryKind.FILE)
    assert kinds["pipe"] is contents.entry(uri, "pipe").kind is EntryKind.SPECIAL
    assert whole(contents, uri, "again/deeper/Grüße 1") == b"three"
    for member in ("out", "disk", "disk/etc/passwd"):
        for ask in (contents.entry, whole_of(contents), archive_of(contents)):
            with pytest.raises(Forbidden, match="leads out of it"):
                ask(uri, member)
    for member in ("nowhere", "circle"):
        with pytest.raises(FileNotFoundError):
            contents.entry(uri, member)
    with pytest.raises(InvalidInput, match="pipe"):
        whole(contents, uri, "pipe")
    found = unpacked(contents.archive(uri, "", "m"))
    assert (found["m/again/b.bin"], found["m/same"]) == (LARGE, b"one")
    assert (found["m/out"], found["m/disk"], found["m/nowhere"]) == ("../secret", "/", "missing")
    assert "m/pipe" not in found
    assert not [name for name in found if name.startswith("m/disk/")]


def whole_of(contents: ArtifactContents) -> Any:
    return lambda uri, member: whole(contents, uri, member)


def archive_of(contents: ArtifactContents) -> Any:
    return lambda uri, member: list(contents.archive(uri, member, "m"))


def test_the_uri_itself_may_be_a_link(contents: ArtifactContents, tmp_path: Path, tree: Path) -> None:
    (tmp_path / "link").symlink_to(tree)
    assert whole(contents, str(tmp_path / "link"), "a.txt") == b"one"


def test_a_file_that_changes_has_another_version(contents: ArtifactContents, tree: Path) -> None:
    before = contents.entry(str(tree), "a.txt").version
    (tree / "a.txt").write_text("longer")
    assert contents.entry(str(tree), "a.txt").version != before


def test_a_file_name_that_is_no_text(contents: ArtifactContents, tmp_path: Path) -> None:
    directory = tmp_path / "odd"
    directory.mkdir()
    try:
        (directory / os.fsdecode(b"caf\xe9")).write_text("x")
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    assert unpacked(contents.archive(str(directory), "", "m"))[os.fsdecode(b"m/caf\xe9")] == b"x"


def test_a_bucket_that_does_not_answer() -> None:
    class Broken(fsspec.AbstractFileSystem):  # type: ignore[misc]
        protocol = "brokenbucket"

        def info(self, path: str, **_: object) -> dict[str, Any]:
            raise ConnectionResetError("reset by peer")

    fsspec.register_implementation("brokenbucket", Broken, clobber=True)
    with pytest.raises(Unavailable, match="brokenbucket://b/k cannot be read: ConnectionResetError: reset by peer"):
        FsspecArtifactContents().entry("brokenbucket://b/k")


def test_a_bucket_with_odd_names_is_not_packed(contents: ArtifactContents) -> None:
    system, place = fsspec.core.url_to_fs(f"memory://{uuid.uuid4().hex}")
    system.store[f"{place}/model/../../escaped"] = fsspec.implementations.memory.MemoryFile(data=b"x")
    try:
        with pytest.raises(InvalidInput, match="cannot be packed"):
            list(contents.archive(f"memory:/{place}/model", "", "m"))
    finally:
        for name in [name for name in system.store if name.startswith(place)]:
            del system.store[name]


def test_a_pipe_never_blocks(contents: ArtifactContents, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    done: list[BaseException] = []

    def read() -> None:
        try:
            whole(contents, str(tmp_path / "pipe"))
        except InvalidInput as error:
            done.append(error)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(60)
    assert len(done) == 1
