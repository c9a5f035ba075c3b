import copy
import json
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient
from tests.api.conftest import KFP, SPEC, World

from pinnace.domain.ids import RunId
from pinnace.domain.states import RunState
from pinnace.domain.tasks import TaskFailure
from pinnace.engine.codec import decode
from pinnace.engine.events import RunCreated
from pinnace.errors import Conflict, Unavailable
from pinnace.ports.store import LogAppend, RunProgress
from pinnace.testing.records import some_events

NOWHERE = "00000000-0000-4000-8000-000000000000"
RUNS = f"{KFP}/runs"


def submit(client: TestClient, **changes: Any) -> httpx2.Response:
    body = {
        "display_name": "one",
        "pipeline_spec": SPEC,
        "runtime_config": {"parameters": {"who": "you"}},
    } | changes
    return client.post(RUNS, json={key: value for key, value in body.items() if value is not None})


def submitted(client: TestClient, **changes: Any) -> str:
    answer = submit(client, **changes)
    assert answer.status_code == 200, answer.text
    run_id: str = answer.json()["run_id"]
    return run_id


def finish(world: World, run: str, state: RunState, failure: TaskFailure | None = None) -> None:
    """Bring a run to an end as its loop would."""
    now = world.clock.now()
    entry = LogAppend(
        run=RunId(run),
        expected=1,
        events=some_events(2, 1),
        progress=RunProgress(state, finished_at=now, failure=failure, entered=((now, RunState.RUNNING), (now, state))),
    )
    with world.store.write() as uow:
        uow.log.append(entry)


def refused(answer: httpx2.Response, status: int, code: int, *words: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json()["details"][0]["code"] == code
    for word in words:
        assert word in answer.json()["message"]


def test_a_submitted_run_is_pending_stored_and_woken(world: World, client: TestClient) -> None:
    made = submit(client, description="words", service_account="me").json()
    run = made["run_id"]
    with world.store.read() as uow:
        default = uow.experiments.by_name("default", "Default")
        events = uow.log.events(RunId(run))
    assert default is not None
    assert made == {
        "experiment_id": default.id,
        "run_id": run,
        "display_name": "one",
        "storage_state": "AVAILABLE",
        "description": "words",
        "pipeline_spec": SPEC,
        "runtime_config": {"parameters": {"who": "you"}},
        "service_account": "me",
        "created_at": "2023-11-14T22:13:21Z",
        "scheduled_at": "2023-11-14T22:13:21Z",
        "finished_at": "1970-01-01T00:00:00Z",
        "state": "PENDING",
        "state_history": [{"update_time": "2023-11-14T22:13:21Z", "state": "PENDING"}],
    }
    assert client.get(f"{RUNS}/{run}").json() == made
    assert client.get(RUNS).json() == {"runs": [made], "total_size": 1}
    created = decode(events[0])
    assert isinstance(created, RunCreated)
    assert created.parameters == {"who": "you"}
    assert len(events) == 1
    assert world.control.calls == [("wake", run)]
    touched = client.get(f"{KFP}/experiments/{default.id}").json()
    assert touched["last_run_created_at"] == made["created_at"]


def test_nothing_is_woken_by_a_refused_run(world: World, client: TestClient) -> None:
    refused(submit(client, runtime_config=None), 400, 3, "who")
    assert world.control.calls == []
    assert client.get(RUNS).json() == {}


def test_numbers_keep_their_kind(client: TestClient) -> None:
    body = json.dumps({"display_name": "n", "pipeline_spec": SPEC, "runtime_config": {"parameters": {"who": "you"}}})
    body = body.replace('"who": "you"', '"who": "you", "times": 5.0')
    answer = client.post(RUNS, content=body, headers={"content-type": "application/json"})
    assert '"times":5}' in client.get(f"{RUNS}/{answer.json()['run_id']}").text


def test_camel_case_and_the_envelope_are_read_too(client: TestClient) -> None:
    platform: dict[str, Any] = {"platforms": {"kubernetes": {}}}
    envelope = {"pipeline_spec": SPEC, "platform_spec": platform}
    body = {"displayName": "one", "pipelineSpec": envelope, "runtimeConfig": {"parameters": {"who": "you"}}}
    made = client.post(RUNS, json={**body, "description": None}).json()
    assert made["pipeline_spec"] == envelope
    bare = client.post(RUNS, json={**body, "pipelineSpec": {"pipeline_spec": SPEC}}).json()
    assert bare["pipeline_spec"] == SPEC


def test_unknown_fields_are_refused_with_their_path(client: TestClient) -> None:
    refused(submit(client, colour="red"), 400, 3, 'unknown field "colour"')
    refused(submit(client, runtime_config={"parmeters": {}}), 400, 3, 'unknown field "runtime_config.parmeters"')
    refused(submit(client, display_name=5), 400, 3, "display_name")
    refused(submit(client, created_at="yesterday"), 400, 3, "created_at", "2026-01-31T12:00:00Z")


def test_bodies_that_are_no_requests(client: TestClient) -> None:
    kind = {"content-type": "application/json"}
    for body in (
        b"{",
        b"[]",
        b'"x"',
        b"\xff",
        b"[" * 100_000,
        b'{"display_name": NaN}',
        b'{"display_name": "\\ud800"}',
    ):
        refused(client.post(RUNS, content=body, headers=kind), 400, 3)
    refused(client.post(RUNS), 400, 3)
    deep: Any = []
    for _ in range(200):
        deep = [deep]
    refused(submit(client, runtime_config={"parameters": {"who": deep}}), 400, 3, "levels of nesting")
    refused(submit(client, runtime_config={"parameters": {"who": "a\0b"}}), 400, 3, "NUL")
    for number in (b"NaN", b"1e999"):
        body = b'{"display_name": "x", "pipeline_spec": {"a": %s}}' % number
        refused(client.post(RUNS, content=body, headers=kind), 400, 3, "number")


def test_every_wrong_argument_is_named(client: TestClient) -> None:
    answer = submit(client, runtime_config={"parameters": {"times": "seven", "surplus": 1}})
    refused(answer, 400, 3, "who", "times", "surplus")
    refused(submit(client, runtime_config={"parameters": {"who": 5}}), 400, 3, "who")


def test_a_run_needs_a_name_and_one_pipeline(client: TestClient) -> None:
    refused(submit(client, display_name=""), 400, 3, "display_name")
    refused(submit(client, pipeline_spec=None), 400, 3, "pipeline_spec")
    refused(submit(client, pipeline_version_reference={"pipeline_id": NOWHERE}), 400, 3, "pipeline")
    refused(submit(client, pipeline_spec=None, pipeline_version_reference={}), 400, 3, "pipeline_id")
    refused(submit(client, pipeline_spec={}), 400, 3)
    refused(submit(client, pipeline_spec=None, pipeline_version_reference={"pipeline_id": NOWHERE}), 404, 5)
    refused(submit(client, experiment_id=NOWHERE), 404, 5, "not found")
    refused(submit(client, plugins_output={"mlflow": {}}), 409, 10, "server-owned")


def test_all_faults_of_an_inline_pipeline_are_told(client: TestClient) -> None:
    wrong = {**copy.deepcopy(SPEC), "components_1": {}, "deploymentSpec": {}}
    refused(submit(client, pipeline_spec=wrong), 400, 3, "components_1", "exec-hello")


def test_a_clients_run_id_is_kept_and_taken_only_once(client: TestClient) -> None:
    wanted = "6f1b6a0e-3c57-4f0e-9d0c-70696e6e6163"
    assert submitted(client, run_id=wanted) == wanted
    refused(submit(client, run_id=wanted), 409, 6)
    for wrong in ("../../etc", "x", "6f1b6a0e3c574f0e9d0c70696e6e6163"):
        refused(submit(client, run_id=wrong), 400, 3, "run_id")


def test_a_run_of_a_pipeline_takes_its_latest_version(client: TestClient) -> None:
    pipeline = client.post(f"{KFP}/pipelines", json={"name": "p"}).json()["pipeline_id"]
    reference = {"pipeline_id": pipeline}
    refused(submit(client, pipeline_spec=None, pipeline_version_reference=reference), 400, 3, "no version")
    upload = f"{KFP}/pipelines/upload_version"
    ids = []
    for name in ("first", "second"):
        document = json.dumps({**SPEC, "pipelineInfo": {"name": name}}).encode()
        files = {"uploadfile": ("p.json", document)}
        answer = client.post(upload, params={"pipelineid": pipeline, "name": name}, files=files)
        ids.append(answer.json()["pipeline_version_id"])
    latest = submit(client, pipeline_spec=None, pipeline_version_reference=reference).json()
    assert latest["pipeline_version_reference"] == {"pipeline_id": pipeline, "pipeline_version_id": ids[1]}
    assert "pipeline_spec" not in latest
    old = submit(client, pipeline_spec=None, pipeline_version_id=ids[0]).json()
    assert old["pipeline_version_reference"]["pipeline_version_id"] == ids[0]
    other = client.post(f"{KFP}/pipelines", json={"name": "q"}).json()["pipeline_id"]
    crossed = {"pipeline_id": other, "pipeline_version_id": ids[0]}
    refused(submit(client, pipeline_spec=None, pipeline_version_reference=crossed), 404, 5)


def test_archiving_is_a_flag_and_deleting_is_for_good(world: World, client: TestClient) -> None:
    run = submitted(client)
    assert client.post(f"{RUNS}/{run}:archive").json() == {}
    assert client.get(f"{RUNS}/{run}").json()["storage_state"] == "ARCHIVED"
    assert client.get(RUNS).json()["total_size"] == 1
    assert client.post(f"{RUNS}/{run}:unarchive").json() == {}
    assert client.get(f"{RUNS}/{run}").json()["storage_state"] == "AVAILABLE"
    assert client.delete(f"{RUNS}/{run}").json() == {}
    assert world.control.calls[-2:] == [("forget", run), ("clear", run)]
    refused(client.get(f"{RUNS}/{run}"), 404, 5, "not found")
    refused(client.delete(f"{RUNS}/{run}"), 404, 5)


def test_every_verb_on_a_missing_run_is_404(world: World, client: TestClient) -> None:
    for verb in ("archive", "unarchive", "terminate", "retry"):
        refused(client.post(f"{RUNS}/{NOWHERE}:{verb}"), 404, 5, "not found")
    refused(client.delete(f"{RUNS}/{NOWHERE}"), 404, 5)
    assert world.control.calls == []


def test_terminating_and_retrying_reach_the_loop(world: World, client: TestClient) -> None:
    run = submitted(client)
    refused(client.post(f"{RUNS}/{run}:retry"), 409, 10, "PENDING")
    assert client.post(f"{RUNS}/{run}:terminate").json() == {}
    world.control.refusal = Conflict("the run has ended")
    refused(client.post(f"{RUNS}/{run}:terminate"), 400, 3, "ended already")
    world.control.refusal = Unavailable("The server is shutting down. Try again when it is up.")
    refused(client.post(f"{RUNS}/{run}:terminate"), 503, 14)
    finish(world, run, RunState.CANCELED)
    refused(client.post(f"{RUNS}/{run}:terminate"), 400, 3, "ended already")
    assert client.post(f"{RUNS}/{run}:retry").json() == {}
    by = "by a client of the KFP API"
    assert [verb for verb, _ in world.control.calls] == ["wake", f"terminate {by}", f"retry {by}"]
    done = submitted(client)
    finish(world, done, RunState.SUCCEEDED)
    refused(client.post(f"{RUNS}/{done}:retry"), 409, 10, "SUCCEEDED")


def test_a_terminated_run_is_failed_on_the_wire_and_says_who_stopped_it(world: World, client: TestClient) -> None:
    run = submitted(client)
    finish(world, run, RunState.CANCELED, TaskFailure("Stopped by Ada.", "Canceled"))
    shown = client.get(f"{RUNS}/{run}").json()
    assert shown["state"] == "FAILED"
    assert shown["error"] == {"code": 1, "message": "Stopped by Ada."}
    assert [item["state"] for item in shown["state_history"]] == ["PENDING", "RUNNING", "FAILED"]
    assert shown["finished_at"] == "2023-11-14T22:13:22Z"


@pytest.mark.parametrize(
    ("operation", "value", "found"),
    [
        ("EQUALS", {"stringValue": "FAILED"}, "fc"),
        ("NOT_EQUALS", {"stringValue": "FAILED"}, "ps"),
        ("EQUALS", {"stringValue": "SUCCEEDED"}, "s"),
        ("IN", {"stringValues": {"values": ["SUCCEEDED", "FAILED"]}}, "sfc"),
    ],
)
def test_a_filter_by_state_speaks_of_the_states_on_the_wire(
    world: World, client: TestClient, operation: str, value: dict[str, Any], found: str
) -> None:
    submitted(client, display_name="p")
    for name, state in (("s", RunState.SUCCEEDED), ("f", RunState.FAILED), ("c", RunState.CANCELED)):
        finish(world, submitted(client, display_name=name), state)
    wanted = json.dumps({"predicates": [{"operation": operation, "key": "state", **value}]})
    listed = client.get(RUNS, params={"filter": wanted}).json()
    assert {item["display_name"] for item in listed["runs"]} == set(found)


def test_runs_are_listed_by_experiment(client: TestClient) -> None:
    experiment = client.post(f"{KFP}/experiments", json={"display_name": "e"}).json()["experiment_id"]
    run = submitted(client, experiment_id=experiment)
    submitted(client)
    listed = client.get(RUNS, params={"experiment_id": experiment, "namespace": "kubeflow"}).json()
    assert [item["run_id"] for item in listed["runs"]] == [run]
    assert listed["total_size"] == 1
    assert client.get(RUNS, params={"experiment_id": ""}).json()["total_size"] == 2
    refused(client.get(RUNS, params={"experiment_id": NOWHERE}), 404, 5)
