"""Downloads and previews of artifacts, and the addresses at which upstream's clients and its UI look for content."""

import base64
import io
import os
import tarfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import fsspec
import pytest
from starlette.testclient import TestClient
from tests.api.conftest import KFP, OURS, SPEC, World

from pinnace.domain.artifacts import ArtifactType
from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.tasks import AttemptRecord
from pinnace.domain.values import Instant
from pinnace.ports.store import LogAppend
from pinnace.testing.records import a_task, an_artifact, some_events

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@dataclass
class Shelf:
    """Artifacts of one task of one run."""

    world: World
    run: RunId
    root: Path
    sequence: int = 1

    def add(self, name: str, uri: str, kind: str = "system.Artifact", metadata: dict[str, Any] | None = None) -> str:
        """Record an artifact; returns its id."""
        artifact = replace(an_artifact(name, uri=uri), type=ArtifactType(kind), metadata=metadata or {})
        self.append(artifacts=[artifact])
        return name

    def append(self, **changes: Any) -> None:
        with self.world.store.write() as uow:
            uow.log.append(LogAppend(self.run, self.sequence, some_events(self.sequence + 1, 1), **changes))
        self.sequence += 1

    def file(self, name: str, content: bytes | str, kind: str = "system.Artifact") -> str:
        """A file, and an artifact that is it."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return self.add(name.replace("/", "-"), str(path), kind)


@pytest.fixture
def shelf(world: World, tmp_path: Path) -> Shelf:
    body = {"display_name": "one", "pipeline_spec": SPEC, "runtime_config": {"parameters": {"who": "you"}}}
    run = RunId(world.client().post(f"{KFP}/runs", json=body).json()["run_id"])
    root = tmp_path / "artifacts"
    root.mkdir()
    return Shelf(world, run, root)


@pytest.fixture
def bucket() -> Iterator[str]:
    name = f"memory://{uuid.uuid4().hex}"
    yield name
    system, place = fsspec.core.url_to_fs(name)
    if system.exists(place):
        system.rm(place, recursive=True)


def download(client: TestClient, artifact: str, **ask: Any) -> Any:
    return client.get(f"{OURS}/artifacts/{artifact}:download", **ask)


def preview(client: TestClient, artifact: str, **params: Any) -> Any:
    answer = client.get(f"{OURS}/artifacts/{artifact}:preview", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def names_in(archive: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        return tar.getnames()


def test_a_file_comes_with_its_name_and_type_and_never_runs_in_a_browser(client: TestClient, shelf: Shelf) -> None:
    page = shelf.file("Übersicht", "<script>alert(1)</script>", "system.HTML")
    answer = download(client, page)
    assert answer.content == b"<script>alert(1)</script>"
    headers = answer.headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["content-length"] == "25"
    assert headers["content-disposition"] == (
        "attachment; filename=\"_bersicht.html\"; filename*=UTF-8''%C3%9Cbersicht.html"
    )
    assert headers["content-security-policy"].startswith("sandbox;")
    assert "allow" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    inline = download(client, page, params={"inline": True}).headers
    assert inline["content-disposition"].startswith("inline; ")
    report = inline["content-security-policy"].split("; ")
    assert report[:2] == ["sandbox allow-scripts", "default-src 'none'"]
    assert "frame-ancestors 'self'" in report
    assert not any("self" in rule or "http" in rule for rule in report if not rule.startswith("frame-ancestors"))
    assert inline["x-frame-options"] == "SAMEORIGIN"
    shown = download(client, shelf.file("notes.txt", "<script>"), params={"inline": True}).headers
    assert (shown["content-security-policy"].split("; ")[0], shown["x-frame-options"]) == ("sandbox", "DENY")
    data = download(client, shelf.file("iris.csv", "a,b\n")).headers
    assert (data["content-type"], data["content-disposition"]) == (
        "text/csv; charset=utf-8",
        'attachment; filename="iris.csv"',
    )


RANGES: list[tuple[str, int, bytes | None, str | None]] = [
    ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
    ("bytes=7-", 206, b"789", "bytes 7-9/10"),
    ("bytes=-3", 206, b"789", "bytes 7-9/10"),
    ("bytes=-30", 206, b"0123456789", "bytes 0-9/10"),
    ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
    ("bytes=0-1,4-5", 200, b"0123456789", None),
    ("bytes=4-2", 200, b"0123456789", None),
    ("lines=1-2", 200, b"0123456789", None),
    ("bytes=10-", 416, None, "bytes */10"),
    ("bytes=-0", 416, None, "bytes */10"),
]


def test_ranges(client: TestClient, shelf: Shelf) -> None:
    artifact = shelf.file("digits", "0123456789")
    for asked, status, content, told in RANGES:
        answer = download(client, artifact, headers={"Range": asked})
        assert (answer.status_code, answer.headers.get("content-range")) == (status, told), asked
        if content is None:
            assert answer.json()["code"] == 11
        else:
            assert (answer.content, answer.headers["content-length"]) == (content, str(len(content))), asked


def test_a_download_goes_on_only_with_the_same_file(client: TestClient, shelf: Shelf) -> None:
    artifact = shelf.file("digits", "0123456789")
    tag = download(client, artifact).headers["etag"]
    ask = {"Range": "bytes=8-", "If-Range": tag}
    assert download(client, artifact, headers=ask).content == b"89"
    (shelf.root / "digits").write_text("other content")
    changed = download(client, artifact, headers=ask)
    assert (changed.status_code, changed.content) == (200, b"other content")


def test_a_directory_comes_packed_and_its_files_one_by_one(client: TestClient, shelf: Shelf) -> None:
    (shelf.root / "model/part").mkdir(parents=True)
    (shelf.root / "model/part/w.bin").write_bytes(os.urandom(300_000))
    (shelf.root / "model/config.json").write_text("{}")
    (shelf.root / "model/out").symlink_to("/etc/passwd")
    model = shelf.add("m", str(shelf.root / "model"))
    answer = download(client, model)
    assert answer.headers["content-disposition"] == 'attachment; filename="model.tar.gz"'
    assert answer.headers["content-type"] == "application/gzip"
    assert names_in(answer.content) == [
        "model", "model/config.json", "model/out", "model/part", "model/part/w.bin",
    ]  # fmt: skip
    assert download(client, model, params={"path": "part"}).headers["content-disposition"].endswith('"part.tar.gz"')
    one = download(client, model, params={"path": "part/w.bin"}, headers={"Range": "bytes=0-9"})
    assert one.content == (shelf.root / "model/part/w.bin").read_bytes()[:10]
    for path, status in (("../x", 400), ("/etc/passwd", 400), ("out", 403), ("none", 404)):
        for verb in ("download", "preview"):
            answer = client.get(f"{OURS}/artifacts/{model}:{verb}", params={"path": path})
            assert answer.status_code == status, (path, verb)
            assert "root:" not in answer.text


def test_head_has_the_headers_and_no_content(world: World, shelf: Shelf) -> None:
    (shelf.root / "tree").mkdir()
    tree = shelf.add("t", str(shelf.root / "tree"))
    file = shelf.file("digits", "0123456789")
    client = world.client()
    answer = client.head(f"{OURS}/artifacts/{file}:download")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "10"
    assert answer.headers["accept-ranges"] == "bytes"
    part = client.head(f"{OURS}/artifacts/{file}:download", headers={"Range": "bytes=1-2"})
    assert (part.status_code, part.headers["content-length"]) == (206, "2")
    packed = client.head(f"{OURS}/artifacts/{tree}:download")
    assert (packed.status_code, packed.content) == (200, b"")
    assert "content-length" not in packed.headers
    assert client.head(f"{OURS}/artifacts/none:download").status_code == 404


def test_content_that_is_gone_is_told_from_an_artifact_that_never_was(client: TestClient, shelf: Shelf) -> None:
    gone = shelf.file("data", "x")
    (shelf.root / "data").unlink()
    for verb in ("download", "preview"):
        answer = client.get(f"{OURS}/artifacts/{gone}:{verb}")
        assert (answer.status_code, answer.json()["code"]) == (404, 5)
        assert answer.json()["message"] == (
            f"There is nothing at {shelf.root}/data any more: the content of artifact data is gone. "
            "Its record remains; run its task again to make it anew."
        )
        assert client.get(f"{OURS}/artifacts/none:{verb}").json()["message"] == "Artifact none not found"


def test_what_lies_in_a_bucket_is_no_different(client: TestClient, shelf: Shelf, bucket: str) -> None:
    system, place = fsspec.core.url_to_fs(bucket)
    content = os.urandom(5 << 20)
    system.pipe({f"{place}/m/big.bin": content, f"{place}/m/sub/a.csv": b"x,y\n1,2\n"})
    model = shelf.add("m", f"{bucket}/m")
    assert names_in(download(client, model).content) == ["m", "m/big.bin", "m/sub", "m/sub/a.csv"]
    whole = download(client, model, params={"path": "big.bin"})
    assert whole.content == content
    part = download(client, model, params={"path": "big.bin"}, headers={"Range": "bytes=100-5000099"})
    assert part.content == content[100:5000100]
    assert [item["name"] for item in preview(client, model)["entries"]] == ["big.bin", "sub"]
    assert preview(client, model, path="sub/a.csv")["columns"] == ["x", "y"]
    system.rm(f"{place}/m", recursive=True)
    assert "record remains" in download(client, model).json()["message"]


def test_a_uri_that_nothing_can_open(client: TestClient, shelf: Shelf) -> None:
    answer = download(client, shelf.add("x", "nosuchscheme://bucket/key"))
    assert answer.status_code == 400
    assert "cannot be used here" in answer.json()["message"]


PREVIEWS: list[tuple[str, str, str | bytes, dict[str, Any]]] = [
    ("notes", "system.Artifact", "hello\nworld", {"kind": "text", "text": "hello\nworld", "size": 11}),
    ("bom.txt", "system.Artifact", "\ufeffhello", {"kind": "text", "text": "hello"}),
    ("conf", "system.Artifact", ' {"a": [1]}', {"kind": "json", "text": ' {"a": [1]}'}),
    ("braces", "system.Artifact", "{not json}", {"kind": "text"}),
    ("report", "system.Markdown", "# Title", {"kind": "markdown", "name": "report.md", "text": "# Title"}),
    ("page", "system.HTML", "<b>x</b>", {"kind": "html", "text": "<b>x</b>"}),
    (
        "a.csv",
        "system.Artifact",
        'x,y\n1,"a, b"\n',
        {"kind": "table", "columns": ["x", "y"], "rows": [["1", "a, b"]]},
    ),
    ("a.tsv", "system.Artifact", "x\ty\n1\t2\n", {"kind": "table", "columns": ["x", "y"], "rows": [["1", "2"]]}),
    ("data", "system.Dataset", "x;y\n1;2\n3;4", {"kind": "table", "rows": [["1", "2"], ["3", "4"]]}),
    ("prose", "system.Dataset", "Hello, world\nand, so, on\n", {"kind": "text"}),
    ("i.png", "system.Artifact", PNG, {"kind": "image", "media_type": "image/png", "text": None}),
    ("weights", "system.Model", bytes(range(256)), {"kind": "binary", "text": None, "size": 256}),
    ("latin", "system.Artifact", b"caf\xe9", {"kind": "binary"}),
    ("empty", "system.Artifact", b"", {"kind": "text", "text": "", "truncated": False}),
]


def test_previews_by_kind(client: TestClient, shelf: Shelf) -> None:
    for name, kind, content, shown in PREVIEWS:
        found = preview(client, shelf.file(name, content, kind))
        assert found | shown == found, name
        assert found["truncated"] is False, name


def test_an_image_is_a_data_url_only_if_it_is_small(client: TestClient, shelf: Shelf) -> None:
    image = shelf.file("plot", PNG)
    assert preview(client, image)["image"] == "data:image/png;base64," + base64.b64encode(PNG).decode()
    cut = preview(client, image, bytes=100)
    assert (cut["kind"], cut["image"], cut["truncated"], cut["size"]) == ("image", None, True, len(PNG))


def test_a_preview_reads_no_more_than_asked(client: TestClient, shelf: Shelf) -> None:
    path = shelf.root / "big.csv"
    with path.open("wb") as file:
        file.write(b"name,value\n" + "".join(f"ü{n},{n}\n" for n in range(100_000)).encode())
        file.truncate(1 << 34)  # What is read whole would not fit into memory.
    table = preview(client, shelf.add("big", str(path)), bytes=64)
    assert (table["truncated"], table["size"], table["columns"]) == (True, 1 << 34, ["name", "value"])
    assert table["rows"][-1] == ["ü7", "7"]
    assert len(preview(client, "big", bytes=100_000)["rows"]) == 100
    for bad in (0, -1, 1 << 30):
        assert client.get(f"{OURS}/artifacts/big:preview", params={"bytes": bad}).status_code == 400


def test_a_character_that_is_cut_is_left_out(client: TestClient, shelf: Shelf) -> None:
    shown = preview(client, shelf.file("x.txt", "aé€"), bytes=4)
    assert (shown["text"], shown["truncated"]) == ("aé", True)


def test_a_directory_shows_a_bounded_number_of_entries(client: TestClient, shelf: Shelf) -> None:
    (shelf.root / "many").mkdir()
    for number in range(1001):
        (shelf.root / f"many/{number:04}").touch()
    shown = preview(client, shelf.add("many", str(shelf.root / "many")))
    assert (shown["kind"], shown["truncated"], len(shown["entries"])) == ("directory", True, 1000)
    assert shown["entries"][0] == {"name": "0000", "kind": "file", "size": 0}
    assert shown["entries"][-1]["name"] == "0999"


def test_metrics_are_shown_from_what_was_recorded(client: TestClient, shelf: Shelf) -> None:
    metadata = {"accuracy": 0.5, "rows": [[1, 2]], "display_name": "scores", "store_session_info": {}}
    for kind, shown in (
        ("system.Metrics", "metrics"),
        ("system.ClassificationMetrics", "classification_metrics"),
        ("system.SlicedClassificationMetrics", "sliced_classification_metrics"),
    ):
        found = preview(client, shelf.add(kind, "/nowhere", kind, metadata))
        assert (found["kind"], found["metrics"]) == (shown, {"accuracy": 0.5, "rows": [[1, 2]]})
        assert download(client, kind).status_code == 404


def test_the_uis_addresses_reach_what_is_recorded_and_nothing_else(client: TestClient, shelf: Shelf) -> None:
    (shelf.root / "model/part").mkdir(parents=True)
    (shelf.root / "model/part/w").write_text("weights")
    (shelf.root / "model/out").symlink_to("../secret")
    (shelf.root / "secret").write_text("root:secret")
    shelf.add("m", f"file://{quote(str(shelf.root))}/model")
    shelf.file("notes", "0123456789")
    first, _, rest = str(shelf.root).lstrip("/").partition("/")

    def get(source: str, bucket: str, key: str, **more: Any) -> Any:
        return client.get("/artifacts/get", params={"source": source, "bucket": bucket, "key": key, **more})

    assert get("volume", first, f"{rest}/notes").content == b"0123456789"
    assert get("file", "", f"{shelf.root}/notes", peek=4).content == b"0123"
    assert get("volume", first, f"{rest}/model/part/w", namespace="team", providerInfo="{}").content == b"weights"
    assert client.get(f"/artifacts/volume/{first}/{rest}/notes").content == b"0123456789"
    assert client.head(f"/artifacts/volume/{first}/{rest}/notes").headers["content-length"] == "10"
    packed = client.get(f"/artifacts/volume/{first}/{rest}/model")
    assert names_in(packed.content) == ["model", "model/out", "model/part", "model/part/w"]
    assert get("volume", first, f"{rest}/model", peek=5).status_code == 400
    assert get("volume", first, f"{rest}/notes").headers["content-security-policy"].startswith("sandbox")

    refused = {
        "secret": 404, "model/../secret": 400, "model/..%2fsecret": 404, "model/%2e%2e/secret": 404, "notes/..": 400,
        "model/./part/w": 400, "model/out": 403, "model//../secret": 400, "model/\x00": 400, "modelx": 404, "": 404,
    }  # fmt: skip
    for key, status in refused.items():
        answer = get("volume", first, f"{rest}/{key}")
        assert (answer.status_code, "root:" in answer.text) == (status, False), key
    for path in ("model/%2e%2e/secret", "model/%2E%2E%2Fsecret", "model/..%2fsecret", "model/%252e%252e/secret"):
        answer = client.get(f"/artifacts/volume/{first}/{rest}/{path}")
        assert (answer.status_code in {400, 404}, "root:" in answer.text) == (True, False), path
    for source, bucket, key in (("volume", "etc", "passwd"), ("file", "", "/etc/passwd"), ("s3", "etc", "passwd")):
        assert get(source, bucket, key).status_code == 404
    for source, bucket, key in (("ftp", "a", "b"), ("s3", "", "k"), ("file", "", ""), ("file", "/", "//")):
        assert get(source, bucket, key).status_code == 400


def test_places_that_are_too_long_are_not_mistaken_for_each_other(client: TestClient, shelf: Shelf) -> None:
    deep = shelf.root.joinpath(*["d" * 200] * 10)
    for name in ("one", "two"):
        shelf.file(str((deep / name).relative_to(shelf.root)), name)
    (deep / "secret").write_text("secret")
    for name in ("one", "two", "secret"):
        params = {"source": "file", "key": str(deep / name)}
        assert client.get("/artifacts/get", params=params).status_code == 404
    assert client.get("/artifacts/get", params={"source": "file", "key": str(deep)}).status_code == 404


def test_a_minio_of_a_cluster_is_an_s3_here(
    client: TestClient, shelf: Shelf, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    system, place = fsspec.core.url_to_fs(bucket)
    system.pipe(f"{place}/data/a.txt", b"from the bucket")
    monkeypatch.setattr(
        "pinnace.artifacts.contents.remote_place", lambda uri, _options: (system, f"{place}/{uri.split('/', 3)[3]}")
    )
    shelf.add("d", "s3://lake/data")
    for source in ("s3", "minio"):
        params = {"source": source, "bucket": "lake", "key": "data/a.txt"}
        assert client.get("/artifacts/get", params=params).content == b"from the bucket"
    params = {"source": "gcs", "bucket": "lake", "key": "data/a.txt"}
    assert client.get("/artifacts/get", params=params).status_code == 404


def test_another_origin_cannot_read_what_the_guard_refuses(client: TestClient, shelf: Shelf) -> None:
    artifact = shelf.file("notes", "x")
    for path in (f"{OURS}/artifacts/{artifact}:download", f"/artifacts/file/{shelf.root}/notes"):
        assert client.get(path, headers={"Host": "evil.example"}).status_code == 403
        assert (
            client.get(f"{OURS}/artifacts/{artifact}:download").headers["cross-origin-resource-policy"] == "same-origin"
        )


def test_reading_inside_json(world: World, client: TestClient, shelf: Shelf) -> None:
    for name in ("small", "m"):
        shelf.file(f"{name}/x", b"\x00\xffcontent")
    large = shelf.root / "large"
    large.write_bytes(bytes((16 << 20) + 1))
    tree, big = shelf.add("tree", str(shelf.root / "m")), shelf.add("large", str(large))
    gone = shelf.add("gone", "/nowhere/at/all")
    outputs = {
        "data": ("small-x",), "dir": (tree,), "big": (big,), "gone": (gone,), "list": ("small-x", "m-x"),
    }  # fmt: skip
    task = a_task(shelf.run, "loop[0]/fit", outputs=outputs)
    shelf.append(tasks=[replace(task, attempts=(AttemptRecord(1, Instant(1)), AttemptRecord(2, Instant(2))))])
    world.logs.attempt_log(shelf.run, NodeId("loop[0]/fit"), 2).write_bytes(b"the log")

    def read(name: str) -> Any:
        return client.get(f"{KFP}/runs/{shelf.run}/nodes/loop%5B0%5D%2Ffit/artifacts/{name}:read")

    assert base64.b64decode(read("data").json()["data"]) == b"\x00\xffcontent"
    assert base64.b64decode(read("main-logs").json()["data"]) == b"the log"
    for name, status in (("none", 404), ("gone", 404), ("dir", 501), ("big", 400), ("list", 400)):
        answer = read(name)
        assert (answer.status_code, set(answer.json())) == (status, {"error_message", "error_details"}), name
