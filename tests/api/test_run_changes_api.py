"""What has changed since a pipeline last succeeded."""

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from kfp import compiler
from starlette.testclient import TestClient
from tests.api.conftest import KFP, OURS, SPEC, World
from tests.pipelines import fitting

from pinnace.domain.ids import RunId
from pinnace.domain.states import NodePhase, RunState
from pinnace.domain.values import Instant
from pinnace.ports.store import LogAppend, RunProgress
from pinnace.testing.records import a_task, an_artifact, some_events


def made(client: TestClient, spec: dict[str, Any] = SPEC, /, caching: bool = True, **parameters: object) -> RunId:
    body = {"display_name": "one", "pipeline_spec": spec, "runtime_config": {"parameters": parameters}}
    headers = {} if caching else {"Pinnace-Caching": "false"}
    return RunId(client.post(f"{KFP}/runs", json=body, headers=headers).json()["run_id"])


def ended(world: World, run: RunId, state: RunState, artifact: str = "", rate: float = 1.0) -> None:
    phase = NodePhase.SUCCEEDED if state is RunState.SUCCEEDED else NodePhase.FAILED
    inputs: dict[str, tuple[str, ...]] | None = {"data": (artifact,)} if artifact else None
    task = replace(
        a_task(run, "loop[1]/fit", phase=phase, parameters={"rate": rate}, inputs=inputs), ended_at=Instant(5)
    )
    begun = LogAppend(run, 1, some_events(2, 1), RunProgress(RunState.RUNNING))
    done = LogAppend(
        run,
        2,
        some_events(3, 1),
        RunProgress(state, finished_at=Instant(9)),
        tasks=[task],
        artifacts=[an_artifact(artifact)] if artifact else [],
    )
    assert world.store.append([begun, done]) == [None, None]


def told(client: TestClient, run: RunId) -> list[tuple[Any, ...]]:
    found = client.get(f"{OURS}/runs/{run}/changes-since-success").json()
    return [(each["thing"], each["task"], each["name"], each["before"], each["after"]) for each in found["differences"]]


def test_the_newest_success_before_of_the_same_pipeline_counts(world: World, client: TestClient) -> None:
    other = copy.deepcopy(SPEC) | {"pipelineInfo": {"name": "other"}}
    first = made(client, who="you", times=1)
    path = f"{OURS}/runs/{first}/changes-since-success"
    nothing: dict[str, Any] = {"last_success": None, "comparable": True, "differences": [], "more": 0}
    assert client.get(path).json() == nothing
    good, failed, foreign = made(client, who="you", times=1), made(client, who="you"), made(client, other, who="you")
    asked, later = made(client, who="them", times=1, caching=False), made(client, who="you")
    for run in (first, good, foreign, later):
        ended(world, run, RunState.SUCCEEDED)
    ended(world, failed, RunState.FAILED)
    found = client.get(f"{OURS}/runs/{asked}/changes-since-success").json()
    assert found["last_success"]["run_id"] == good
    assert told(client, asked) == [
        ("PARAMETER", "", "who", "you", "them"),
        ("SETTING", "", "caching", None, False),
    ]
    assert client.get(path).json() == nothing
    assert client.get(f"{OURS}/runs/nothing/changes-since-success").status_code == 404


def test_what_the_failed_task_took_in(world: World, client: TestClient) -> None:
    good, bad = made(client, who="you"), made(client, who="you")
    ended(world, good, RunState.SUCCEEDED, artifact="old")
    ended(world, bad, RunState.FAILED, artifact="new", rate=2.0)
    rate, data = told(client, bad)
    assert rate == ("INPUT", "loop/fit", "rate", 1, 2)
    assert (data[:3], data[3][0]["id"], data[4][0]["id"]) == (("INPUT", "loop/fit", "data"), "old", "new")


@pytest.fixture
def specs(tmp_path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    found = []
    for pipeline in (fitting.before, fitting.after):
        compiler.Compiler().compile(pipeline, str(tmp_path / "p.yaml"))
        text = (tmp_path / "p.yaml").read_text().replace("fit_again", "fit").replace("fit-again", "fit")
        found.append(yaml.safe_load(text))
    return found[0], found[1]


def test_what_the_tasks_of_the_document_do_differently(
    world: World, client: TestClient, specs: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    good, bad = (made(client, spec) for spec in specs)
    ended(world, good, RunState.SUCCEEDED)
    found = client.get(f"{OURS}/runs/{bad}/changes-since-success").json()
    assert found["comparable"]
    changes = {(each["task"], each["name"]): each for each in found["differences"] if each["thing"] == "PIPELINE"}
    assert set(changes) == {
        ("for-loop-2", "LOOP"),
        ("for-loop-2/fit", "CODE"),
        ("for-loop-2/fit", "PACKAGES"),
        ("for-loop-2/fit", "RETRIES"),
        ("fit-2", "REMOVED"),
    }
    packages = changes["for-loop-2/fit", "PACKAGES"]
    assert (packages["before"], packages["after"]) == (["numpy==1"], ["numpy==2"])
    diff = changes["for-loop-2/fit", "CODE"]["diff"].splitlines()
    assert [line for line in diff if line[0] in "+-"] == ["-    return rate", "+    return rate * 2"]
