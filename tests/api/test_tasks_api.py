from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import kfp_server_api
import pytest
from starlette.testclient import TestClient
from tests.api.conftest import KFP, OURS, SPEC, World, served

from pinnace.domain.ids import ROOT, ArtifactId, NodeId, RunId, task_uuid
from pinnace.domain.states import AttemptOutcome, NodePhase, RunState
from pinnace.domain.tasks import AttemptRecord, NodeBinding, TaskFailure, TaskRecord
from pinnace.domain.values import Instant, after
from pinnace.ports.store import LogAppend, RunProgress
from pinnace.testing.records import an_artifact, some_events

START = Instant(1_700_000_100_000_000)


def at(seconds: int) -> Instant:
    return after(START, seconds)


def node(run: RunId, path: str, parent: str | None, **changes: Any) -> TaskRecord:
    record = TaskRecord(
        run=run,
        node=NodeId(path),
        parent=NodeId(parent) if parent else None,
        name=path.rpartition("/")[2].partition("[")[0],
        display_name=path,
        kind="CONTAINER",
        phase=NodePhase.SUCCEEDED,
        created_at=at(0),
        started_at=at(1),
        ended_at=at(2),
    )
    return replace(record, **changes)


@pytest.fixture
def run(world: World) -> RunId:
    """A run with a failed task that was tried twice, and a loop of one iteration."""
    client = world.client()
    body = {"display_name": "one", "pipeline_spec": SPEC, "runtime_config": {"parameters": {"who": "you"}}}
    run = RunId(client.post(f"{KFP}/runs", json=body).json()["run_id"])
    failure = TaskFailure("The command ended with exit code 3.", "ExitCode", 3)
    attempts = (
        AttemptRecord(1, at(0), at(1), at(1), AttemptOutcome.FAILED, failure),
        AttemptRecord(2, at(1), at(1), at(2), AttemptOutcome.FAILED, failure),
    )
    tasks = [
        node(run, ROOT, None, name="root", kind="DAG", outputs=NodeBinding({"answer": 42, "none": None})),
        node(
            run,
            "fit",
            ROOT,
            phase=NodePhase.FAILED,
            failure=failure,
            attempts=attempts,
            inputs=NodeBinding({"rate": 0.5}, {"data": (ArtifactId("d1"), ArtifactId("gone"))}),
            history=(
                (at(0), NodePhase.LAUNCHED),
                (at(1), NodePhase.RUNNING),
                (at(1), NodePhase.BACKING_OFF),
                (at(2), NodePhase.FAILED),
            ),
        ),
        node(run, "loop", ROOT, kind="LOOP", phase=NodePhase.OPEN, ended_at=None),
        node(run, "loop[0]", "loop", kind="DAG", index=0, phase=NodePhase.OPEN, ended_at=None),
        node(
            run,
            "loop[0]/step",
            "loop[0]",
            index=0,
            phase=NodePhase.RUNNING,
            ended_at=None,
            attempts=(AttemptRecord(1, at(0), at(1)),),
            outputs=NodeBinding({"value": [1, {"a": None}]}),
        ),
    ]
    entry = LogAppend(
        run, 1, some_events(2, 1), RunProgress(RunState.RUNNING), tasks, [replace(an_artifact("d1"), size=7)]
    )
    with world.store.write() as uow:
        uow.log.append(entry)
    return run


def details(client: TestClient, run: RunId) -> dict[str, dict[str, Any]]:
    shown = client.get(f"{KFP}/runs/{run}").json()["run_details"]["task_details"]
    return {item["display_name"]: item for item in shown}


def test_task_details_say_what_upstream_leaves_out(client: TestClient, run: RunId) -> None:
    shown = details(client, run)
    assert list(shown) == ["root", "fit", "loop", "loop[0]", "step"]
    assert shown["fit"] == {
        "run_id": run,
        "task_id": task_uuid(run, NodeId("fit")),
        "display_name": "fit",
        "create_time": "2023-11-14T22:15:00Z",
        "start_time": "2023-11-14T22:15:01Z",
        "end_time": "2023-11-14T22:15:02Z",
        "executor_detail": {"main_job": "fit/2", "failed_main_jobs": ["fit/1", "fit/2"]},
        "state": "FAILED",
        "error": {"code": 2, "message": "The command ended with exit code 3."},
        "inputs": {"data": {"artifact_ids": ["d1", "gone"]}, "rate": {"value": 0.5}},
        "parent_task_id": task_uuid(run, ROOT),
        "state_history": [
            {"update_time": "2023-11-14T22:15:00Z", "state": "PENDING"},
            {"update_time": "2023-11-14T22:15:01Z", "state": "RUNNING"},
            {"update_time": "2023-11-14T22:15:02Z", "state": "FAILED"},
        ],
    }
    assert shown["root"]["outputs"] == {"answer": {"value": 42}, "none": {"value": None}}
    assert "parent_task_id" not in shown["root"]
    children = [item["task_id"] for item in shown["root"]["child_tasks"]]
    assert children == [shown["fit"]["task_id"], shown["loop"]["task_id"]]
    assert shown["loop"]["end_time"] == "1970-01-01T00:00:00Z"
    assert shown["step"]["state"] == "RUNNING"


def test_the_generated_client_reads_task_details(world: World, run: RunId) -> None:
    with served(world.app()) as address:
        configuration = kfp_server_api.Configuration(host=address)
        api = kfp_server_api.RunServiceApi(kfp_server_api.ApiClient(configuration))
        tasks = api.run_service_get_run(run).run_details.task_details
        assert tasks[1].inputs["data"].artifact_ids == ["d1", "gone"]
        assert tasks[1].inputs["rate"].artifact_ids is None
        assert tasks[1].error.message == "The command ended with exit code 3."
        assert tasks[1].start_time.second == 1
        assert tasks[0].child_tasks[0].task_id == tasks[1].task_id


def test_lists_leave_the_tasks_out(client: TestClient, run: RunId) -> None:
    assert "run_details" not in client.get(f"{KFP}/runs").json()["runs"][0]


def test_outputs(client: TestClient, run: RunId) -> None:
    assert client.get(f"{OURS}/runs/{run}/outputs").json() == {
        "outputs": {"answer": 42, "none": None},
        "tasks": {"step": {"value": [1, {"a": None}]}},
    }


def test_tasks_in_full(world: World, client: TestClient, run: RunId) -> None:
    world.logs.attempt_log(run, NodeId("fit"), 2).write_text("second")
    tasks = {item["node"]: item for item in client.get(f"{OURS}/runs/{run}/tasks").json()["tasks"]}
    fit = tasks["fit"]
    assert fit["phase"] == "FAILED"
    assert fit["failure"] == {"message": "The command ended with exit code 3.", "code": "ExitCode", "exit_code": 3}
    assert [Path(item["directory"]).name for item in fit["attempts"]] == [f"{run}-fit-1", f"{run}-fit-2"]
    assert [(item["number"], item["outcome"], item["has_log"]) for item in fit["attempts"]] == [
        (1, "FAILED", False),
        (2, "FAILED", True),
    ]
    assert [item["artifact_id"] for item in fit["inputs"]["artifacts"]["data"]] == ["d1"]
    assert fit["inputs"]["artifacts"]["data"][0]["size"] == 7
    assert tasks["loop[0]/step"]["parent"] == "loop[0]"
    assert tasks["loop"]["ended_at"] is None


def test_the_log_of_an_attempt(world: World, client: TestClient, run: RunId) -> None:
    world.logs.attempt_log(run, NodeId("fit"), 1).write_text("first")
    world.logs.attempt_log(run, NodeId("fit"), 2).write_bytes(b"second \xff try\n" * 20_000)
    base = f"{OURS}/runs/{run}/tasks"
    last = client.get(f"{base}/fit/log")
    assert last.headers["content-type"] == "text/plain; charset=utf-8"
    assert last.headers["x-pinnace-attempt"] == "2"
    assert last.content == b"second \xff try\n" * 20_000
    assert client.get(f"{base}/fit/log", params={"attempt": 1, "offset": 2}).content == b"rst"
    assert client.get(f"{base}/fit/log", params={"attempt": 1, "offset": 99}).content == b""
    assert client.get(f"{base}/{task_uuid(run, NodeId('fit'))}/log", params={"attempt": 1}).content == b"first"
    assert client.get(f"{base}/loop%5B0%5D/step/log").content == b""
    assert client.get(f"/apis/v1alpha1/runs/{run}/nodes/fit/log").content == last.content
    for path, ask in (("fit", {"attempt": 3}), ("nothing", {}), ("loop", {})):
        answer = client.get(f"{base}/{path}/log", params=ask)
        assert (answer.status_code, answer.json()["code"]) == (404, 5)
    for ask in ({"attempt": 0}, {"offset": -1}):
        assert client.get(f"{base}/fit/log", params=ask).status_code == 400


def test_a_followed_log_ends_with_its_attempt(world: World, run: RunId) -> None:
    path: Path = world.logs.attempt_log(run, NodeId("loop[0]/step"), 1)
    path.write_text("one\n")
    with (
        served(world.app()) as address,
        httpx2.Client(base_url=address, timeout=20) as client,
        client.stream("GET", f"{OURS}/runs/{run}/tasks/loop%5B0%5D/step/log", params={"follow": True}) as stream,
    ):
        lines = stream.iter_lines()
        assert next(lines) == "one"
        with path.open("a") as file:
            file.write("two\n")
        assert next(lines) == "two"
        step = next(item for item in world.views.run(run).tasks if item.node == "loop[0]/step")
        done = replace(step, attempts=(replace(step.attempts[0], ended_at=at(5)),))
        with path.open("a") as file:
            file.write("last words")
        with world.store.write() as uow:
            uow.log.append(LogAppend(run, 2, some_events(3, 1), tasks=[done]))
        assert list(lines) == ["last words"]


def test_following_a_run_that_is_deleted_ends(world: World, run: RunId) -> None:
    with (
        served(world.app()) as address,
        httpx2.Client(base_url=address, timeout=20) as client,
        client.stream("GET", f"{OURS}/runs/{run}/tasks/step/log", params={"follow": True}) as stream,
    ):
        world.runs.delete(run)
        assert list(stream.iter_bytes()) == []


def test_status(client: TestClient, run: RunId) -> None:
    shown = client.get(f"{OURS}/status").json()
    assert shown["version"] == "9.9.9"
    assert shown["data_directory"] == "/data"
    assert shown["address"] == "http://localhost:8765"
    assert shown["runs_unfinished"] == 1
    assert shown["change_number"] == 5
