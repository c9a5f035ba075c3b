"""Registering artifacts, and what the announced endpoints refuse."""

import json
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.api.conftest import KFP, OURS, SPEC, World

from pinnace.domain.artifacts import KINDS
from pinnace.domain.ids import ROOT, ArtifactId, NodeId, RunId, task_uuid
from pinnace.domain.states import NodePhase
from pinnace.domain.tasks import NodeBinding, TaskFailure
from pinnace.domain.values import Instant
from pinnace.ports.store import LogAppend
from pinnace.testing.records import a_task, an_artifact, some_events

NEW = {"artifact": {"name": "iris", "type": "Dataset", "uri": "s3://data/iris.csv", "metadata": {"rows": 150.0}}}


@pytest.fixture
def run(client: TestClient) -> RunId:
    body = {"display_name": "one", "pipeline_spec": SPEC, "runtime_config": {"parameters": {"who": "you"}}}
    return RunId(client.post(f"{KFP}/runs", json=body).json()["run_id"])


def _refused(answer: Any, status: int, code: int, words: str) -> None:
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), body
    assert words in body["message"]
    assert body["details"] == [
        {"@type": "type.googleapis.com/google.rpc.Status", "code": code, "message": body["message"]}
    ]


def test_a_registered_artifact_is_kept(client: TestClient, run: RunId) -> None:
    made = client.post(f"{KFP}/artifacts", json=NEW)
    assert made.status_code == 200
    found = made.json()
    assert found.pop("artifact_id")
    assert found.pop("created_at").endswith("Z")
    assert found == {**NEW["artifact"], "metadata": {"rows": 150}}
    metric = {"name": "auc", "type": 6, "uri": "/m", "numberValue": 0.5, "description": "d", "namespace": "x"}
    of_run = client.post(f"{KFP}/artifacts", json={"artifact": metric, "runId": run}).json()
    assert (of_run["type"], of_run["number_value"], of_run["description"]) == ("Metric", 0.5, "d")
    listed = client.get(f"{KFP}/artifacts", params={"sort_by": "name desc"}).json()
    assert [artifact["name"] for artifact in listed["artifacts"]] == ["iris", "auc"]
    assert listed["total_size"] == 2
    whole = client.get(f"{OURS}/artifacts/{of_run['artifact_id']}").json()
    assert (whole["run_id"], whole["producer"], whole["size"], whole["type"]) == (run, None, None, "system.Metrics")
    assert whole["used_by"] == whole["reused_by"] == {"items": [], "truncated": False}
    graph = client.get(f"{OURS}/artifacts/{of_run['artifact_id']}/lineage").json()
    assert ([node["id"] for node in graph["nodes"]], graph["edges"]) == ([of_run["artifact_id"]], [])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "artifact.name"),
        ({"name": "n" * 501}, "artifact.name"),
        ({"type": "TYPE_UNSPECIFIED"}, "artifact.type"),
        ({"type": "system.Model"}, "artifact.type"),
        ({"uri": ""}, "artifact.uri"),
        ({"uri": "relative/path"}, "artifact.uri"),
        ({"uri": "s3://"}, "artifact.uri"),
        ({"uri": "s3://" + "x" * 8_000}, "artifact.uri"),
        ({"metadata": {"x": "\ud800"}}, "surrogate"),
        ({"number_value": float("nan")}, "finite number"),
        ({"number_value": "Infinity"}, "finite number"),
        ({"colour": "red"}, "unknown field"),
    ],
)
def test_an_artifact_that_is_not_right_is_refused(client: TestClient, change: dict[str, Any], words: str) -> None:
    body = json.dumps({"artifact": {**NEW["artifact"], **change}})
    answer = client.post(f"{KFP}/artifacts", content=body, headers={"content-type": "application/json"})
    _refused(answer, 400, 3, words)
    _refused(client.post(f"{KFP}/artifacts", json={}), 400, 3, "artifact: it is missing")
    assert client.get(f"{KFP}/artifacts").json() == {}


def test_an_artifact_of_a_run_that_is_not_there(client: TestClient) -> None:
    _refused(client.post(f"{KFP}/artifacts", json={**NEW, "run_id": "none"}), 404, 5, "Run none not found")


def test_what_the_engine_alone_writes_is_not_implemented(client: TestClient, run: RunId) -> None:
    tie = {"artifact_task": {"artifact_id": "a", "run_id": run, "task_id": "t", "type": "OUTPUT"}}
    task = {"name": "t", "run_id": run, "type": "RUNTIME"}
    _refused(client.post(f"{KFP}/artifact_tasks", json=tie), 501, 12, "engine alone")
    _refused(client.post(f"{KFP}/tasks", json=task), 501, 12, "engine alone")
    _refused(client.patch(f"{KFP}/tasks/{task_uuid(run, ROOT)}", json=task), 501, 12, "engine alone")
    _refused(client.post(f"{KFP}/artifacts", json={**NEW, "run_id": run, "task_id": "t"}), 501, 12, "engine alone")


@pytest.mark.parametrize(
    ("path", "parameters", "status", "words"),
    [
        ("tasks", {"run_id": "none"}, 404, "Run none not found"),
        ("tasks", {"parent_id": "none"}, 404, "Task none not found"),
        ("tasks", {"run_id": "a", "parent_id": "b"}, 400, "not both"),
        ("tasks", {"order_by": "name", "sort_by": "state"}, 400, "not both"),
        ("tasks", {"order_by": "type"}, 400, "Invalid sorting field"),
        ("tasks", {"page_size": -1}, 400, "page_size"),
        ("tasks", {"page_token": "x"}, 400, "token"),
        ("tasks/none", {}, 404, "Task none not found"),
        ("artifacts/none", {}, 404, "Artifact none not found"),
        ("artifacts", {"sort_by": "metadata"}, 400, "Invalid sorting field"),
        ("artifacts", {"filter": '{"predicates": [{"key": "size", "operation": 1, "int_value": 1}]}'}, 400, "size"),
        ("artifact_tasks", {"type": "BOTH"}, 400, "must be one of"),
        ("artifact_tasks", {"sort_by": "artifact_id"}, 400, "Invalid sorting field"),
        ("artifact_tasks", {"task_ids": ["x"] * 2 + [str(n) for n in range(200)]}, 400, "too many"),
        (
            "artifact_tasks",
            {"filter": '{"predicates": [{"key": "type", "operation": 1, "string_value": "x"}]}'},
            400,
            "x",
        ),
        (
            "artifact_tasks",
            {"filter": '{"predicates": [{"key": "id", "operation": 1, "string_value": "x"}]}'},
            400,
            "IN",
        ),
    ],
)
def test_wrong_questions(client: TestClient, path: str, parameters: dict[str, Any], status: int, words: str) -> None:
    _refused(client.get(f"{KFP}/{path}", params=parameters), status, 5 if status == 404 else 3, words)


def test_our_own_wrong_questions(client: TestClient, run: RunId) -> None:
    made = client.post(f"{KFP}/artifacts", json=NEW).json()["artifact_id"]
    _refused(client.get(f"{OURS}/artifacts/none"), 404, 5, "Artifact none")
    _refused(client.get(f"{OURS}/artifacts/{made}/lineage", params={"depth": 51}), 400, 3, "depth")
    _refused(client.get(f"{OURS}/artifacts/{made}/lineage", params={"direction": "UP"}), 400, 3, "direction")
    _refused(client.get(f"{OURS}/runs/{run}/tasks/none/cache"), 404, 5, "Task none")
    _refused(client.get(f"{OURS}/runs/none/tasks/none/cache"), 404, 5, "Run none")
    _refused(client.post(f"{OURS}/runs/{run}/tasks/none/cache:expire"), 404, 5, "Task none")


def test_a_task_that_failed_says_why_and_a_list_of_artifacts_is_one_entry_each(world: World, run: RunId) -> None:
    failed = replace(
        a_task(run, "fit", phase=NodePhase.FAILED, parameters={"rate": 0.5, "deep": {"a": [1]}, "name": "x"}),
        inputs=NodeBinding(
            {"rate": 0.5, "deep": {"a": [1]}, "name": "x"}, {"data": (ArtifactId("a"), ArtifactId("b"))}
        ),
        failure=TaskFailure("The command ended with exit code 3.", "ExitCode", 3),
        history=((Instant(1), NodePhase.LAUNCHED), (Instant(2), NodePhase.FAILED)),
    )
    waiting = replace(a_task(run, "later"), detail="It waits for a slot.")
    entry = LogAppend(
        run, 1, some_events(2, 1), tasks=[failed, waiting], artifacts=[an_artifact("a"), an_artifact("b")]
    )
    assert world.store.append([entry]) == [None]
    client = world.client()
    found = client.get(f"{KFP}/tasks/{task_uuid(run, NodeId('fit'))}").json()
    assert found["error"] == {"code": 2, "message": "The command ended with exit code 3."}
    assert found["inputs"]["parameters"] == [
        {"name": "rate", "value": "0.5"},
        {"name": "deep", "value": '{"a":[1]}'},
        {"name": "name", "value": "x"},
    ]
    artifacts = [(item["parameter_name"], item["value"]["artifact_id"]) for item in found["inputs"]["artifacts"]]
    assert artifacts == [("data", "a"), ("data", "b")]
    assert [item["state"] for item in found["state_history"]] == ["PENDING", "FAILED"]
    later = client.get(f"{KFP}/tasks/{task_uuid(run, NodeId('later'))}").json()
    assert later["status_metadata"] == {"message": "It waits for a slot."}
    assert later["end_time"] == "1970-01-01T00:00:00Z"
    predicate = {"operation": "NOT_EQUALS", "key": "state", "string_value": "PENDING"}
    listed = client.get(
        f"{KFP}/tasks", params={"run_id": run, "filter": json.dumps({"predicates": [predicate]})}
    ).json()
    assert ([task["name"] for task in listed["tasks"]], listed["total_size"]) == (["fit"], 1)


def test_all_runs_are_overlooked_by_what_was_made_and_what_ran(world: World, run: RunId) -> None:
    made = a_task(run, "make/fit", outputs={"data": ("data",)})
    failed = replace(a_task(run, "late", phase=NodePhase.FAILED), created_at=Instant(5))
    group = replace(a_task(run, "make"), kind="DAG")
    entry = LogAppend(run, 1, some_events(2, 1), tasks=[group, made, failed], artifacts=[an_artifact("data")])
    assert world.store.append([entry]) == [None]
    client = world.client()
    registered = client.post(f"{KFP}/artifacts", json=NEW).json()["artifact_id"]

    first = client.get(f"{OURS}/artifacts", params={"page_size": 1}).json()
    rest = client.get(f"{OURS}/artifacts", params={"page_size": 1, "page_token": first["next_page_token"]}).json()
    lines = {line["artifact_id"]: line for line in first["items"] + rest["items"]}
    assert (set(lines), first["total"], rest["next_page_token"]) == ({registered, "data"}, 2, "")
    assert lines[registered]["producer"] is None
    producer = lines["data"]["producer"]
    assert (producer["key"], producer["task"]["node"], producer["task"]["run_id"]) == ("data", "make/fit", run)
    for asked, found in (
        ({"name": "IRI"}, {registered}),
        ({"kind": "Dataset"}, {registered, "data"}),
        ({"kind": "Model"}, set[str]()),
    ):
        answer = client.get(f"{OURS}/artifacts", params=asked).json()
        assert ({line["artifact_id"] for line in answer["items"]}, answer["total"]) == (found, len(found))

    def nodes(**asked: Any) -> list[str]:
        return [task["node"] for task in client.get(f"{OURS}/tasks", params=asked).json()["items"]]

    assert nodes() == ["late", "make/fit"]
    assert "make" in nodes(groups=True, run_id=run)
    assert nodes(phase=["FAILED", "RUNNING"]) == ["late"]
    assert nodes(name="FIT") == ["make/fit"]
    _refused(client.get(f"{OURS}/tasks", params={"run_id": "none"}), 404, 5, "Run none")
    _refused(client.get(f"{OURS}/artifacts", params={"kind": "Cat"}), 400, 3, "kind")


def test_every_kind_of_artifact_can_be_asked_for(client: TestClient) -> None:
    for kind in KINDS:
        assert client.get(f"{OURS}/artifacts", params={"kind": kind}).status_code == 200
