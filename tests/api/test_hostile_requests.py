"""Requests that try to leave their directory, to poison what is read later, or to be read for ever."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient
from tests.api.conftest import KFP, OURS, SPEC, World

from pinnace.domain.ids import ROOT, NodeId, RunId
from pinnace.domain.states import NodePhase
from pinnace.domain.tasks import AttemptRecord, TaskRecord
from pinnace.domain.values import Instant
from pinnace.ports.store import LogAppend
from pinnace.testing.records import some_events

RUNS = f"{KFP}/runs"


def submit(client: TestClient, **changes: Any) -> httpx2.Response:
    body: dict[str, Any] = {
        "display_name": "one",
        "pipeline_spec": SPEC,
        "runtime_config": {"parameters": {"who": "you"}},
    }
    return client.post(RUNS, json=body | changes)


@pytest.mark.parametrize(
    "time",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "0000-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-06-30T23:59:60Z",
        "2026-01-01T00:00:00+99:99",
    ],
)
def test_a_time_that_could_not_be_shown_again_is_refused(client: TestClient, time: str) -> None:
    answer = submit(client, scheduled_at=time)
    assert answer.status_code == 400
    assert time in answer.json()["message"]
    assert client.get(RUNS).json() == {}


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z"])
def test_the_ends_of_time_are_kept(client: TestClient, time: str) -> None:
    assert submit(client, scheduled_at=time).status_code == 200
    assert client.get(RUNS).json()["runs"][0]["scheduled_at"] == time


@pytest.mark.parametrize(
    "name", ["x" * 256, "\x1b[31mred\x07", "two\nlines", " "], ids=["long", "escape", "lines", "blank"]
)
def test_a_name_that_would_spoil_a_terminal_is_refused(client: TestClient, name: str) -> None:
    answer = submit(client, display_name=name)
    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert "name" in answer.json()["message"]


@pytest.mark.parametrize("name", ["\u202eexe.png", "𝕏" * 200, "나의 실행", "e" + "\u0301" * 200, "a/../../b"])
def test_any_other_name_comes_back_as_it_was(client: TestClient, name: str) -> None:
    assert submit(client, display_name=name).json()["display_name"] == name


@pytest.mark.parametrize(
    "root",
    [
        "relative/directory",
        "../../outside",
        "/data/../../etc",
        "file:///data/../etc",
        "file://host/data",
        "s3://",
        "gs://bucket/../other",
        "~/data",
        "simplecache::file:///data",
        "/data\n",
        "/" + "a" * 2000,
    ],
)
def test_a_pipeline_root_that_is_no_place_is_refused(client: TestClient, root: str) -> None:
    answer = submit(client, runtime_config={"parameters": {"who": "you"}, "pipeline_root": root})
    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert answer.json()["message"].startswith("pipeline_root: ")


@pytest.mark.parametrize(
    "root", ["", "/data/runs", "file:///data/runs", "s3://bucket/runs", "s3://bucket/runs?region=x"]
)
def test_a_pipeline_root_is_a_path_or_a_bucket(client: TestClient, root: str) -> None:
    answer = submit(client, runtime_config={"parameters": {"who": "you"}, "pipeline_root": root})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("run_id", ["../../etc", "..", "a/b", "x", "%2e%2e", "6f1b6a0e3c574f0e9d0c70696e6e6163"])
def test_a_run_id_that_is_no_uuid_is_refused(client: TestClient, run_id: str) -> None:
    answer = submit(client, run_id=run_id)
    assert answer.status_code == 400
    assert "UUID" in answer.json()["message"]


@pytest.mark.parametrize("key", ["..", "a/b", "a\\b", "", "a\tb", "x" * 300])
@pytest.mark.parametrize("place", ["task", "parameter", "artifact", "pipeline"])
def test_names_in_a_document_cannot_leave_their_directory(client: TestClient, place: str, key: str) -> None:
    hello = SPEC["root"]["dag"]["tasks"]["hello"]
    component = SPEC["components"]["comp-hello"]
    outputs: dict[str, Any] = {
        "parameter": {"outputDefinitions": {"parameters": {key: {"parameterType": "STRING"}}}},
        "artifact": {"outputDefinitions": {"artifacts": {key: {"artifactType": {"schemaTitle": "system.Artifact"}}}}},
    }
    spec = {**SPEC, "components": {"comp-hello": {**component, **outputs.get(place, {})}}}
    if place == "task":
        spec["root"] = {**SPEC["root"], "dag": {"tasks": {key: {**hello, "taskInfo": {"name": "hello"}}}}}
    if place == "pipeline":
        spec["pipelineInfo"] = {"name": key}
    answer = submit(client, pipeline_spec=spec)
    assert (answer.status_code, answer.json()["code"]) == (400, 3), answer.text


@pytest.fixture
def logged(world: World, client: TestClient) -> RunId:
    """A run with one task that has a log of six bytes."""
    run = RunId(submit(client).json()["run_id"])
    at = Instant(1_700_000_000_000_000)
    task = TaskRecord(run, NodeId("fit"), ROOT, "fit", "fit", "CONTAINER", NodePhase.SUCCEEDED, at)
    record = LogAppend(
        run, 1, some_events(2, 1), tasks=[replace(task, attempts=(AttemptRecord(1, at, at, at),), ended_at=at)]
    )
    with world.store.write() as uow:
        uow.log.append(record)
    world.logs.attempt_log(run, task.node, 1).write_bytes(b"words\n")
    (world.logs.directory / "secret").write_text("words")
    return run


@pytest.mark.parametrize(
    "node",
    ["..%2f..%2fsecret", "%2e%2e/secret", "/etc/passwd", "%2fetc%2fpasswd", "fit/../../secret", "%00", "%ff", "fit%0a"],
)
def test_the_node_of_a_log_is_looked_up_and_never_a_path(client: TestClient, logged: RunId, node: str) -> None:
    for address in (f"{OURS}/runs/{logged}/tasks/{node}/log", f"/apis/v1alpha1/runs/{logged}/nodes/{node}/log"):
        answer = client.get(address)
        assert answer.status_code in {400, 404}, answer.text
        assert "words" not in answer.text


def test_offsets_and_attempts_beyond_everything(client: TestClient, logged: RunId) -> None:
    log = f"{OURS}/runs/{logged}/tasks/fit/log"
    assert client.get(log).text == "words\n"
    assert client.get(log, params={"offset": 5}).text == "\n"
    for offset in (6, 2**63 - 1, 10**30):
        answer = client.get(log, params={"offset": offset, "follow": True})
        assert (answer.status_code, answer.text) == (200, "")
    assert client.get(log, params={"attempt": 10**30}).status_code == 404
    assert client.get(log, params={"attempt": 0}).status_code == 400
    assert client.get(log, params={"offset": -1}).status_code == 400


def test_a_page_size_beyond_everything_is_the_largest_one(client: TestClient) -> None:
    submit(client)
    assert len(client.get(RUNS, params={"page_size": 10**30}).json()["runs"]) == 1


def test_members_of_an_upload_are_never_written_to_disk(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.parent.rglob("*"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../../escaped.yaml", "just: words")
        archive.writestr("/escaped.yaml", "just: words")
    form = {"uploadfile": ("../../name.zip", packed.getvalue())}
    answer = client.post(f"{KFP}/pipelines/upload", files=form, headers={"origin": "http://localhost:8765"})
    assert answer.status_code == 400, answer.text
    assert {path for path in tmp_path.parent.rglob("*") if "escaped" in path.name} <= before
