"""What users tell plugins, and what plugins tell, on the wire."""

import json
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.api.conftest import KFP, SPEC, World

from pinnace.domain.plugins import PluginEntry, PluginOutput, PluginState
from pinnace.testing.records import a_run

RUNS, RECURRING = f"{KFP}/runs", f"{KFP}/recurringruns"
TOLD = {"mlflow": {"experiment_name": "churn", "disabled": False}, "unknown": {"any": [1, {"deep": None}]}, "empty": {}}


def _body(**more: Any) -> dict[str, Any]:
    return {
        "display_name": "one",
        "pipeline_spec": SPEC,
        "runtime_config": {"parameters": {"who": "you"}},
        **more,
    }


def _nested(levels: int) -> dict[str, Any]:
    return {"x": _nested(levels - 1)} if levels > 1 else {}


@pytest.mark.parametrize("spelling", ["plugins_input", "pluginsInput"])
def test_a_run_keeps_what_its_plugins_are_told(client: TestClient, spelling: str) -> None:
    made = client.post(RUNS, json=_body(**{spelling: TOLD})).json()
    assert made["plugins_input"] == TOLD
    assert client.get(f"{RUNS}/{made['run_id']}").json()["plugins_input"] == TOLD
    assert client.get(RUNS).json()["runs"][0]["plugins_input"] == TOLD
    assert "plugins_output" not in made


def test_runs_of_a_recurring_run_tell_plugins_the_same(client: TestClient, world: World) -> None:
    every = {"periodic_schedule": {"interval_second": "1"}}
    body = _body(plugins_input=TOLD, mode="ENABLE", max_concurrency="1", trigger=every)
    made = client.post(RECURRING, json=body).json()
    assert made["plugins_input"] == TOLD
    assert client.get(f"{RECURRING}/{made['recurring_run_id']}").json()["plugins_input"] == TOLD
    world.clock.now()
    assert world.firing.fire_due().acted == 1
    assert [run["plugins_input"] for run in client.get(RUNS).json()["runs"]] == [TOLD]


TOO_MUCH: list[tuple[dict[str, Any], str]] = [
    ({f"p{number}": {} for number in range(17)}, "17 plugins"),
    ({"p": {"x": "y" * 65_536}}, 'plugins_input["p"] has 65544 bytes'),
    ({f"p{number}": {"x": "y" * 65_000} for number in range(5)}, "plugins_input has"),
    ({"p": _nested(11)}, "10 levels"),
    ({"mlflow": {"experiment": "x"}}, "plugins_input.mlflow must follow schema"),
    ({"mlflow": {"experiment_id": 5}}, "plugins_input.mlflow must follow schema"),
    ({"mlflow": "on"}, "plugins_input.mlflow"),
]


@pytest.mark.parametrize(("told", "words"), TOO_MUCH)
@pytest.mark.parametrize("path", [RUNS, RECURRING])
def test_what_plugins_may_not_be_told(client: TestClient, path: str, told: dict[str, Any], words: str) -> None:
    answer = client.post(
        path, json=_body(plugins_input=told, max_concurrency="1") if path == RECURRING else _body(plugins_input=told)
    )
    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert words in answer.json()["message"]
    assert client.get(path).json() == {}


def test_what_just_fits(client: TestClient) -> None:
    told = {"p": {"x": "y" * (65_536 - 8)}, "deep": _nested(10), **{f"p{number}": {} for number in range(14)}}
    assert client.post(RUNS, json=_body(plugins_input=told)).status_code == 200


def test_what_a_plugin_tells_is_shown(client: TestClient, world: World) -> None:
    entries = {"run_url": PluginEntry("https://mlflow/1", is_link=True), "experiment_id": PluginEntry("7")}
    output = PluginOutput(entries, PluginState.FAILED, "no such experiment")
    with world.store.write() as uow:
        uow.runs.add(
            replace(
                a_run("r"),
                plugins_output={"mlflow": output},
                document=uow.pipelines.add_document(json.dumps(SPEC).encode()),
            )
        )
    answer = client.get(f"{RUNS}/r")
    assert answer.status_code == 200, answer.text
    assert answer.json()["plugins_output"] == {
        "mlflow": {
            "entries": {
                "run_url": {"value": "https://mlflow/1", "render_type": "URL"},
                "experiment_id": {"value": "7"},
            },
            "state": "PLUGIN_FAILED",
            "state_message": "no such experiment",
        }
    }


@pytest.mark.parametrize("value", ["javascript:alert(1)", "ftp://x", 5])
def test_a_link_leads_to_the_web(value: Any) -> None:
    with pytest.raises(ValueError, match="http"):
        PluginEntry(value, is_link=True)
