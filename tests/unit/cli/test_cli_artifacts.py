"""Downloads that arrive whole or not at all and never leave their directory, and how a lineage is drawn."""

import io
import os
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pinnace.artifacts.contents import FsspecArtifactContents
from pinnace.cli.artifact_api import short_type
from pinnace.cli.artifact_download import download, unpack
from pinnace.cli.client import Client
from pinnace.cli.exits import CommandError
from pinnace.cli.lineage_tree import LineageTree, lines


def member(name: str, kind: bytes = tarfile.REGTYPE, content: bytes = b"", target: str = "") -> tuple[Any, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, len(content), target
    return info, content


def packed(*members: tuple[Any, bytes]) -> Any:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        archive.addfile(*member("m", tarfile.DIRTYPE)[:1])
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    stream.seek(0)
    return stream


def files_in(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_what_the_server_packs_is_unpacked_as_it_was(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "part/deeper").mkdir(parents=True)
    (source / "part/größe").write_bytes(os.urandom(700_000))
    (source / "empty").touch()
    (source / "run.sh").write_text("#!/bin/sh")
    (source / "run.sh").chmod(0o755)
    (source / "out").symlink_to("/etc/passwd")
    archive: Any = io.BytesIO(b"".join(FsspecArtifactContents().archive(str(source), "", "any name")))
    assert unpack(archive, tmp_path / "there") == ["out"]
    (source / "out").unlink()
    assert files_in(tmp_path / "there") == files_in(source)
    assert (tmp_path / "there/part/deeper").is_dir()
    assert os.access(tmp_path / "there/run.sh", os.X_OK)
    assert not os.access(tmp_path / "there/empty", os.X_OK)


@pytest.mark.parametrize("name", ["m/../../escaped", "/escaped", "m//escaped", "m/./x", "../escaped", "m/a/../../x"])
def test_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CommandError, match="leads out of it"):
        unpack(packed(member(name, content=b"x")), tmp_path / "deep/there")
    assert files_in(tmp_path) == {}


def test_links_and_devices_are_left_out_and_never_written_through(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    kinds = {"soft": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE, "pipe": tarfile.FIFOTYPE, "device": tarfile.CHRTYPE}
    links = [member(f"m/{name}", kind, target=str(outside)) for name, kind in kinds.items()]
    assert unpack(packed(*links, member("m/file", content=b"x")), tmp_path / "there") == list(kinds)
    assert files_in(tmp_path) == {"there/file": b"x"}
    with pytest.raises(OSError, match="soft"):
        unpack(packed(links[0], member("m/soft/file", content=b"x")), tmp_path / "second")
    assert list(outside.iterdir()) == []


def test_half_an_archive_is_no_archive(tmp_path: Path) -> None:
    whole = packed(member("m/file", content=os.urandom(100_000))).getvalue()
    for number, part in enumerate((whole[:50_000], whole[:5], b"", b"no archive")):
        with pytest.raises(CommandError, match="no whole archive"):
            unpack(io.BytesIO(part), tmp_path / str(number))  # type: ignore[arg-type]


class Handler(BaseHTTPRequestHandler):
    """Promises ten bytes, or chunks, and breaks off."""

    def log_request(self, code: object = "-", size: object = "-") -> None:
        return

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Disposition", "attachment; filename*=UTF-8''..%2F..%2Fetc%2Fx%0Ay")
        if self.path == "/length":
            self.send_header("Content-Length", "10")
            self.end_headers()
            self.wfile.write(b"short")
        elif self.path == "/chunks":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"5\r\nshort\r\n")
        else:
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"whole")


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Client(f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("path", ["/length", "/chunks"])
def test_a_file_that_does_not_come_whole_is_not_there(client: Client, tmp_path: Path, path: str) -> None:
    (tmp_path / "kept").write_text("before")
    with pytest.raises(CommandError, match=r"too early|connection broke"):
        download(client, path, tmp_path / "kept")
    assert files_in(tmp_path) == {"kept": b"before"}


def test_where_a_file_goes(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = ".._.._etc_x_y"
    assert download(client, "/", None) == (Path(name), [])
    with pytest.raises(CommandError, match="exists already"):
        download(client, "/", None)
    assert download(client, "/", Path("new/file"))[0] == Path("new/file")
    assert download(client, "/", Path("new"))[0] == Path("new") / name
    (tmp_path / "old").write_text("old")
    download(client, "/", Path("old"))
    assert set(files_in(tmp_path).values()) == {b"whole"}
    with pytest.raises(CommandError, match="cannot be written"):
        download(client, "/", Path("old/below"))


def test_a_lineage_is_a_tree_and_what_is_met_again_is_not_followed_again() -> None:
    artifacts = {
        name: {"artifact_id": name, "name": name, "type": "system.Model", "uri": f"/x/{name}"} for name in "abc"
    }
    tasks: dict[str, Any] = {
        name: {"node": name, "run_name": "night", "run_id": "r" * 36, "phase": phase, "cached": cached}
        for name, phase, cached in (("t", "SUCCEEDED", False), ("u", "SUCCEEDED", True), ("v", "FAILED", False))
    }
    nodes = [{"id": key, "kind": "ARTIFACT", "artifact": item, "task": None} for key, item in artifacts.items()]
    nodes += [{"id": key, "kind": "TASK", "artifact": None, "task": item} for key, item in tasks.items()]
    edges = [("a", "t"), ("a", "u"), ("t", "b"), ("u", "b"), ("b", "v"), ("v", "c")]
    graph = {"nodes": nodes, "edges": [{"source": one, "target": other, "key": "k"} for one, other in edges]}
    drawn = lines(LineageTree(graph, backward=False).below("a"), unicode=True)
    assert list(drawn) == [
        "├─ used by t as k in run night (rrrrrrrr)",
        "│  └─ k: b [Model] b /x/b",
        "│     └─ used by v as k in run night (rrrrrrrr, failed)",
        "│        └─ k: c [Model] c /x/c",
        "└─ used by u as k in run night (rrrrrrrr, from the cache)",
        "   └─ k: b [Model] b /x/b (as above)",
    ]
    drawn = lines(LineageTree(graph, backward=True).below("b"), unicode=False)
    assert list(drawn) == [
        "|- made by t in run night (rrrrrrrr)",
        "|  `- k: a [Model] a /x/a",
        "`- made by u in run night (rrrrrrrr, from the cache)",
        "   `- k: a [Model] a /x/a",
    ]


def test_types_are_read_in_any_spelling() -> None:
    assert [short_type(kind) for kind in ("model", "system.Model", "SYSTEM.metrics", "my.Own")] == [
        "Model", "Model", "Metric", "my.Own",
    ]  # fmt: skip
