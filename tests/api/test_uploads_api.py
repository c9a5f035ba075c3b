import gzip
import io
import json
import tarfile
import zipfile
from typing import Any

import httpx2
import pytest
import yaml
from starlette.testclient import TestClient
from tests.api.conftest import KFP, SPEC, World

UPLOAD = f"{KFP}/pipelines/upload"
DOCUMENT = yaml.safe_dump(SPEC).encode()
PLATFORM: dict[str, Any] = {"platforms": {"kubernetes": {"deploymentSpec": {"executors": {"exec-hello": {}}}}}}


def send(client: TestClient, file: str, content: bytes, path: str = UPLOAD, **query: str) -> httpx2.Response:
    return client.post(path, params=query, files={"uploadfile": (file, content)})


def zipped(*members: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return target.getvalue()


def tarred(*members: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("greet.yaml", DOCUMENT),
        ("greet.YML", DOCUMENT),
        ("greet.json", json.dumps(SPEC).encode()),
        ("greet.zip", zipped(("pipeline.yaml", DOCUMENT))),
        ("greet.zip", zipped(("notes.txt", b"x"), ("pipeline.yaml", DOCUMENT))),
        ("greet.zip", zipped(("other.yaml", DOCUMENT), ("notes.txt", b"x"))),
        ("greet.tar.gz", tarred(("pipeline.yaml", DOCUMENT))),
        ("greet.tgz", tarred(("./pipeline.yaml", DOCUMENT))),
        ("greet", tarred(("first.yml", DOCUMENT))),
    ],
)
def test_every_kind_of_package_makes_a_pipeline_with_one_version(client: TestClient, name: str, content: bytes) -> None:
    answer = send(client, name, content, description="words", tags='{"team": "a"}')
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert (made["name"], made["display_name"], made["description"]) == (name, name, "words")
    assert made["tags"] == {"team": "a"}
    versions = client.get(f"{KFP}/pipelines/{made['pipeline_id']}/versions").json()
    assert versions["total_size"] == 1
    version = versions["pipeline_versions"][0]
    assert (version["name"], version["description"], version["tags"]) == (name, "words", {"team": "a"})
    assert version["pipeline_spec"] == SPEC


def test_names_come_from_the_query_and_not_from_the_form(client: TestClient) -> None:
    answer = client.post(
        UPLOAD,
        params={"name": "greeter", "display_name": "The greeter"},
        data={"name": "not this"},
        files={"uploadfile": ("a.yaml", DOCUMENT)},
    )
    assert (answer.json()["name"], answer.json()["display_name"]) == ("greeter", "The greeter")


def test_a_platform_document_comes_back_in_the_envelope(client: TestClient) -> None:
    both = DOCUMENT + b"---\n" + yaml.safe_dump(PLATFORM).encode()
    pipeline = send(client, "greet.yaml", both).json()["pipeline_id"]
    version = client.get(f"{KFP}/pipelines/{pipeline}/versions").json()["pipeline_versions"][0]
    assert version["pipeline_spec"] == {"pipeline_spec": SPEC, "platform_spec": PLATFORM}


def tarred_of(kind: bytes, count: int) -> bytes:
    info = tarfile.TarInfo("x")
    info.type = kind
    return gzip.compress(info.tobuf() * count + DOCUMENT, mtime=0)


def link() -> bytes:
    info = tarfile.TarInfo("pipeline.yaml")
    info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return gzip.compress(info.tobuf() + b"\0" * 1024, mtime=0)


def sparse() -> bytes:
    """A member of 100 GB that takes one block: a hole with a last byte, in GNU's old format."""
    size = 100 << 30
    info = tarfile.TarInfo("pipeline.yaml")
    info.type, info.size = tarfile.GNUTYPE_SPARSE, 512
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[386:398], header[398:410] = b"%011o " % (size - 512), b"%011o " % 512
    header[483:495] = b"\x80" + size.to_bytes(11, "big")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return gzip.compress(bytes(header) + b"x" * 512 + b"\0" * 1024, mtime=0)


LINK, SPARSE = link(), sparse()


def broken(**changes: Any) -> bytes:
    return yaml.safe_dump({**SPEC, **changes}).encode()


BOMB = b"a: &a [x,x,x,x,x,x,x,x,x,x]\n" + b"".join(
    f"{b}: &{b} [{','.join(['*' + a] * 10)}]\n".encode() for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("empty.yaml", b"", "empty"),
        ("words.yaml", b"just some words\n", "not a pipeline"),
        ("broken.yaml", b"just: [a, broken", "readable"),
        ("binary.yaml", b"\xff\xfe\x00\x01", "UTF-8"),
        ("picture.png", b"\x89PNG....", "not supported"),
        ("bomb.yaml", BOMB, "alias"),
        ("old.yaml", broken(schemaVersion="2.0.0"), "schema version"),
        ("name.yaml", broken(pipelineInfo={"name": "Not A Name"}), "lowercase alphanumeric"),
        ("noname.yaml", broken(pipelineInfo={"name": None}), "name"),
        ("unknown.yaml", broken(components_1={}), "components_1"),
        ("empty.zip", zipped(), "empty"),
        ("torn.zip", zipped(("pipeline.yaml", DOCUMENT))[:-40], "readable archive"),
        ("text.zip", zipped(("notes.txt", b"x")), "no pipeline.yaml"),
        ("torn.tgz", tarred(("pipeline.yaml", DOCUMENT))[:-40], "readable archive"),
        ("noise.tgz", gzip.compress(b"no tar in here" * 100, mtime=0), "readable archive"),
        ("large.zip", zipped(("pipeline.yaml", b" " * (33 * 1024 * 1024))), "limit"),
        ("large.tgz", gzip.compress(b"\0" * (40 * 1024 * 1024)), "limit"),
        ("many.zip", zipped(*((f"{i}.yaml", b"") for i in range(1100))), "members"),
        ("many.tgz", tarred(*((f"{i}.yaml", b"") for i in range(1100))), "members"),
        ("directories.tgz", tarred_of(tarfile.DIRTYPE, 1100), "members"),
        ("chain.tgz", tarred_of(tarfile.GNUTYPE_LONGNAME, 5000), "readable archive"),
        ("sparse.tgz", SPARSE, "limit"),
        ("nested.zip", zipped(("pipeline.zip", zipped(("pipeline.yaml", DOCUMENT)))), "no pipeline.yaml"),
        ("nested.tgz", tarred(("pipeline.yaml", tarred(("pipeline.yaml", DOCUMENT)))), "UTF-8"),
        ("link.tgz", LINK, "empty"),
        ("bomb.zip", zipped(("pipeline.yaml", BOMB)), "alias"),
        ("linked.tgz", tarred(("../../pipeline.yaml", b"x: y")), "pipeline"),
    ],
)
def test_a_broken_package_is_refused_in_the_uploads_own_words(
    world: World, client: TestClient, name: str, content: bytes, word: str
) -> None:
    refused = send(client, name, content)
    assert refused.status_code == 400, refused.text
    body = refused.json()
    assert set(body) == {"error_message", "error_details"}
    assert word in body["error_message"]
    assert client.get(f"{KFP}/pipelines").json() == {}


def test_all_faults_of_a_file_are_told_at_once(client: TestClient) -> None:
    refused = send(client, "two.yaml", broken(components_1={}, deploymentSpec={}))
    assert "components_1" in refused.json()["error_message"]
    assert "exec-hello" in refused.json()["error_message"]


def test_a_taken_name_leaves_the_first_as_it_was(client: TestClient) -> None:
    pipeline = send(client, "a.yaml", DOCUMENT, name="greeter").json()["pipeline_id"]
    refused = send(client, "a.yaml", DOCUMENT, name="greeter")
    assert refused.status_code == 409
    assert "The name greeter already exists" in refused.json()["error_message"]
    assert client.get(f"{KFP}/pipelines/{pipeline}/versions").json()["total_size"] == 1


def test_versions(client: TestClient) -> None:
    pipeline = send(client, "a.yaml", DOCUMENT, name="greeter").json()["pipeline_id"]
    path = UPLOAD + "_version"
    made = send(client, "b.yaml", DOCUMENT, path, pipelineid=pipeline, name="second", code_source_url="https://x")
    assert made.json()["code_source_url"] == "https://x"
    assert send(client, "b.yaml", DOCUMENT, path, pipelineid=pipeline, name="second").status_code == 409
    assert send(client, "b.yaml", DOCUMENT, path, name="third").status_code == 400
    nowhere = "00000000-0000-4000-8000-000000000000"
    assert send(client, "b.yaml", DOCUMENT, path, pipelineid=nowhere, name="third").status_code == 404
    assert send(client, "b.yaml", DOCUMENT, path, pipelineid=pipeline, name="x", tags="not-json").status_code == 400
    assert client.get(f"{KFP}/pipelines/{pipeline}/versions").json()["total_size"] == 2


def test_a_request_without_the_file_says_so(client: TestClient) -> None:
    refused = client.post(UPLOAD, files={"file": ("a.yaml", DOCUMENT)})
    assert refused.status_code == 400
    assert "uploadfile" in refused.json()["error_message"]
