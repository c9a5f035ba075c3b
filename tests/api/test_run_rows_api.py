"""Runs with the names of what they belong to, and the numbers that they made."""

import json
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.api.conftest import KFP, OURS, SPEC, World

from pinnace.domain.artifacts import ArtifactType
from pinnace.domain.ids import RunId
from pinnace.domain.states import RunState
from pinnace.domain.tasks import NodeBinding
from pinnace.domain.values import Instant
from pinnace.ports.store import LogAppend, RunProgress
from pinnace.testing.records import a_task, an_artifact, some_events

CREATED = Instant(1_700_000_000_000_000)


def make_run(client: TestClient, name: str, **more: Any) -> RunId:
    body = {"display_name": name, "runtime_config": {"parameters": {"who": name}}, "pipeline_spec": SPEC} | more
    answer = client.post(f"{KFP}/runs", json={key: value for key, value in body.items() if value is not None})
    assert answer.status_code == 200, answer.text
    return RunId(answer.json()["run_id"])


def made(world: World, run: RunId, state: RunState, **metrics: float) -> None:
    """End a run that has made metrics."""
    plain = an_artifact("metrics" if metrics else "nothing")
    artifact = replace(plain, type=ArtifactType("system.Metrics"), metadata=metrics)
    with world.store.read() as unit:
        last = unit.log.last_sequence(run)
    steps = ((CREATED, RunState.RUNNING), (CREATED, state))
    progress = RunProgress(state, CREATED, entered=steps)
    task = replace(a_task(run, "fit"), outputs=NodeBinding(artifacts={"metrics": (artifact.id,)}))
    entry = LogAppend(run, last, some_events(last + 1, 1), progress, tasks=[task], artifacts=[artifact])
    assert list(world.store.append([entry])) == [None]


@pytest.fixture
def runs(world: World, client: TestClient) -> tuple[RunId, RunId]:
    experiment = client.post(f"{KFP}/experiments", json={"display_name": "trials"}).json()["experiment_id"]
    first = make_run(client, "first", experiment_id=experiment)
    second = make_run(client, "second")
    made(world, first, RunState.SUCCEEDED, accuracy=0.5)
    made(world, second, RunState.CANCELED)
    return first, second


def test_a_row_has_names_parameters_and_metrics(client: TestClient, runs: tuple[RunId, RunId]) -> None:
    page = client.get(f"{OURS}/runs", params={"sort_by": "created_at desc"}).json()
    assert (page["total_size"], page["next_page_token"]) == (2, "")
    second, first = page["runs"]
    assert (first["run"]["run_id"], first["experiment_name"], first["pipeline_name"]) == (
        runs[0],
        "trials",
        SPEC["pipelineInfo"]["name"],
    )
    assert (first["parameters"], first["metrics"]) == ({"who": "first"}, {"accuracy": 0.5})
    assert (second["experiment_name"], second["metrics"], second["run"]["state"]) == ("Default", {}, "CANCELED")


def test_what_the_cache_served_counts_for_the_run(world: World, client: TestClient, runs: tuple[RunId, RunId]) -> None:
    again = make_run(client, "again")
    made(world, again, RunState.SUCCEEDED, accuracy=0.5)
    page = client.get(f"{OURS}/runs", params={"run_id": [again, runs[0]]}).json()
    assert [row["metrics"] for row in page["runs"]] == [{"accuracy": 0.5}] * 2


def test_states_are_the_engines_own(client: TestClient, runs: tuple[RunId, RunId]) -> None:
    def named(state: str) -> list[str]:
        predicate = f'{{"predicates": [{{"operation": "EQUALS", "key": "state", "string_value": "{state}"}}]}}'
        found = client.get(f"{OURS}/runs", params={"filter": predicate}).json()["runs"]
        return [row["run"]["run_id"] for row in found]

    assert (named("FAILED"), named("CANCELED")) == ([], [runs[1]])


def test_given_runs_come_in_the_given_order(client: TestClient, runs: tuple[RunId, RunId]) -> None:
    found = client.get(f"{OURS}/runs", params={"run_id": [runs[1], runs[0]]}).json()
    assert [row["run"]["display_name"] for row in found["runs"]] == ["second", "first"]
    assert client.get(f"{OURS}/runs", params={"run_id": ["nothing"]}).status_code == 404
    assert client.get(f"{OURS}/runs", params={"run_id": [runs[0]] * 51}).status_code == 400


def test_runs_of_a_stored_pipeline(client: TestClient) -> None:
    files = {"uploadfile": ("hello.json", json.dumps(SPEC).encode())}
    pipeline = client.post(f"{KFP}/pipelines/upload?name=stored", files=files).json()["pipeline_id"]
    reference = {"pipeline_id": pipeline}
    make_run(client, "of it", pipeline_spec=None, pipeline_version_reference=reference)
    make_run(client, "another")
    predicate = f'{{"predicates": [{{"operation": "EQUALS", "key": "pipeline_id", "string_value": "{pipeline}"}}]}}'
    (row,) = client.get(f"{OURS}/runs", params={"filter": predicate}).json()["runs"]
    assert (row["run"]["display_name"], row["pipeline_name"], row["version_name"]) == ("of it", "stored", "stored")
