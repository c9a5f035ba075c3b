"""The environment that a run asks for: a header of ours on upstream's request, and our own view of a run."""

import pytest
from starlette.testclient import TestClient
from tests.api.conftest import KFP, OURS, SPEC, World

from pinnace.domain.environments import EnvironmentMode
from pinnace.domain.ids import RunId

BODY = {"display_name": "one", "pipeline_spec": SPEC, "runtime_config": {"parameters": {"who": "you"}}}


@pytest.mark.parametrize("asked", ["inherit", "isolated", None])
def test_a_run_keeps_the_environment_that_it_asks_for(world: World, client: TestClient, asked: str | None) -> None:
    answer = client.post(f"{KFP}/runs", json=BODY, headers={"Pinnace-Environment": asked} if asked else {})
    assert answer.status_code == 200, answer.text
    run = answer.json()["run_id"]
    with world.store.read() as unit:
        assert unit.runs.get(RunId(run)).environment == (EnvironmentMode(asked) if asked else None)
    shown = client.get(f"{OURS}/runs/{run}")
    workspace = str(world.logs.workspace(RunId(run)))
    told = shown.json()
    assert told.pop("change_number") > 0
    assert told == {"run_id": run, "state": "PENDING", "environment": asked, "caching": None, "workspace": workspace}


def test_nothing_new_is_in_the_message_of_upstream(client: TestClient) -> None:
    asked = client.post(f"{KFP}/runs", json=BODY, headers={"Pinnace-Environment": "isolated"}).json()
    plain = client.post(f"{KFP}/runs", json=BODY).json()
    assert asked.keys() == plain.keys()
    assert "isolated" not in str(asked)


@pytest.mark.parametrize("asked", ["Isolated", "none", "isolated, inherit", "é"])
def test_another_value_is_refused_and_makes_no_run(client: TestClient, asked: str) -> None:
    answer = client.post(f"{KFP}/runs", json=BODY, headers=[(b"Pinnace-Environment", asked.encode())])
    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert answer.json()["details"][0]["code"] == 3
    assert "Pinnace-Environment" in answer.json()["message"]
    assert "inherit or isolated" in answer.json()["message"]
    assert client.get(f"{KFP}/runs").json().get("runs", []) == []


def test_a_run_that_is_not_there(client: TestClient) -> None:
    assert client.get(f"{OURS}/runs/00000000-0000-4000-8000-000000000000").status_code == 404


@pytest.mark.parametrize(("asked", "kept"), [("false", False), ("true", None), (None, None)])
def test_a_run_may_be_made_without_the_cache(
    world: World, client: TestClient, asked: str | None, kept: bool | None
) -> None:
    answer = client.post(f"{KFP}/runs", json=BODY, headers={"Pinnace-Caching": asked} if asked else {})
    with world.store.read() as unit:
        assert unit.runs.get(RunId(answer.json()["run_id"])).caching is kept
    refused = client.post(f"{KFP}/runs", json=BODY, headers={"Pinnace-Caching": "maybe"})
    assert (refused.status_code, "Pinnace-Caching" in refused.json()["message"]) == (400, True)
