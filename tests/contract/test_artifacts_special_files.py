"""Pipes, sockets and devices are no artifacts: reading one may never end."""

import os
import socket
from pathlib import Path

import pytest

from pinnace.artifacts.store import FsspecArtifactStore
from pinnace.errors import InvalidInput

KINDS = ["pipe", "socket", "device"]


@pytest.fixture
def special(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    kind: str = request.param
    path = tmp_path / kind
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        # The name of a socket may be a hundred characters long only.
        with socket.socket(socket.AF_UNIX) as server:
            before = Path.cwd()
            os.chdir(tmp_path)
            try:
                server.bind(kind)
            finally:
                os.chdir(before)
    else:
        path.symlink_to("/dev/zero")
    return path


@pytest.mark.parametrize("special", KINDS, indirect=True)
def test_what_is_no_file_is_neither_read_nor_copied(special: Path, tmp_path: Path) -> None:
    store = FsspecArtifactStore()
    with pytest.raises(InvalidInput, match="neither a file nor a directory"):
        store.inspect(str(special))
    with pytest.raises(InvalidInput, match="neither a file nor a directory"):
        store.inspect(special.as_uri())
    with pytest.raises(InvalidInput, match="neither a file nor a directory"):
        store.publish(str(special), str(tmp_path / "copy"))
    with pytest.raises(InvalidInput, match="neither a file nor a directory"):
        store.publish(str(special), "memory://special/copy")
    with pytest.raises(InvalidInput, match="neither a file nor a directory"):
        store.stage_in(str(special), str(tmp_path / "copy"))
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("special", KINDS, indirect=True)
def test_inside_a_directory_it_is_left_out(special: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "file").write_text("content")
    special.rename(tree / "special")
    store = FsspecArtifactStore()
    assert store.inspect(str(tree)).exists
    store.publish(str(tree), str(tmp_path / "copy"))
    assert [path.name for path in (tmp_path / "copy").iterdir()] == ["file"]
