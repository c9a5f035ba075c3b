"""Recurring runs on the wire of KFP, and our extensions to them."""

import json
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient
from tests.api.conftest import KFP, OURS, SPEC, World

from pinnace.domain.ids import RecurringRunId

RECURRING = f"{KFP}/recurringruns"
NOWHERE = "00000000-0000-4000-8000-000000000000"
HOURLY = {"periodic_schedule": {"interval_second": "3600"}}


def post(client: TestClient, **changes: Any) -> httpx2.Response:
    body = {
        "display_name": "nightly",
        "pipeline_spec": SPEC,
        "runtime_config": {"parameters": {"who": "you"}},
        "trigger": HOURLY,
        "mode": "ENABLE",
        "max_concurrency": "1",
    } | changes
    return client.post(RECURRING, json={key: value for key, value in body.items() if value is not None})


def made(client: TestClient, **changes: Any) -> dict[str, Any]:
    answer = post(client, **changes)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def refused(answer: httpx2.Response, status: int, code: int, words: str) -> None:
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), body
    assert words in body["message"]
    assert body["details"][0]["@type"] == "type.googleapis.com/google.rpc.Status"


def test_what_is_made_comes_back_whole(client: TestClient) -> None:
    trigger = {"cron_schedule": {"cron": "0 0 9 ? * MON-FRI", "start_time": "2024-01-01T00:00:00Z"}}
    found = made(client, description="words", service_account="robot", no_catchup=True, trigger=trigger)
    default = client.get(f"{KFP}/experiments").json()["experiments"][0]["experiment_id"]
    assert found == {
        "recurring_run_id": found["recurring_run_id"],
        "display_name": "nightly",
        "description": "words",
        "pipeline_spec": SPEC,
        "runtime_config": {"parameters": {"who": "you"}},
        "service_account": "robot",
        "max_concurrency": "1",
        "trigger": trigger,
        "mode": "ENABLE",
        "created_at": "2023-11-14T22:13:21Z",
        "updated_at": "2023-11-14T22:13:21Z",
        "status": "ENABLED",
        "no_catchup": True,
        "experiment_id": default,
    }
    assert client.get(f"{RECURRING}/{found['recurring_run_id']}").json() == found
    assert client.get(RECURRING).json() == {"recurringRuns": [found], "total_size": 1}


def test_both_spellings_and_numbers_of_protobuf_are_read(client: TestClient) -> None:
    trigger = {"periodicSchedule": {"intervalSecond": 60, "startTime": "2024-01-01T00:00:00.5+01:00"}}
    found = made(client, trigger=trigger, mode=1, max_concurrency=3)
    assert found["max_concurrency"] == "3"
    assert found["trigger"] == {
        "periodic_schedule": {"interval_second": "60", "start_time": "2023-12-31T23:00:00Z"},
    }


def test_an_empty_list_is_an_empty_object(client: TestClient) -> None:
    assert client.get(RECURRING).json() == {}


@pytest.mark.parametrize("mode", [None, "MODE_UNSPECIFIED", "DISABLE", 0, 2])
def test_it_is_disabled_unless_it_is_to_be_enabled(client: TestClient, mode: object) -> None:
    found = made(client, mode=mode)
    assert (found["mode"], found["status"]) == ("DISABLE", "DISABLED")


def test_without_a_trigger_it_runs_once(client: TestClient, world: World) -> None:
    found = made(client, trigger=None)
    assert found["trigger"] == {}
    assert world.firing.fire_due().acted == 1
    assert world.firing.fire_due().acted == 0


def test_it_is_switched_on_and_off(client: TestClient) -> None:
    one = f"{RECURRING}/{made(client)['recurring_run_id']}"
    assert client.post(f"{one}:disable").json() == {}
    off = client.get(one).json()
    assert (off["mode"], off["status"]) == ("DISABLE", "DISABLED")
    assert off["updated_at"] > off["created_at"]
    assert client.post(f"{one}:enable", headers={"Content-Type": "application/json"}).json() == {}
    assert client.get(one).json()["status"] == "ENABLED"
    assert client.delete(one, params={"propagation_policy": "FOREGROUND"}).json() == {}
    refused(client.get(one), 404, 5, "not found")


@pytest.mark.parametrize(("method", "suffix"), [("GET", ""), ("DELETE", ""), ("POST", ":enable"), ("POST", ":disable")])
def test_what_is_not_there(client: TestClient, method: str, suffix: str) -> None:
    refused(client.request(method, f"{RECURRING}/{NOWHERE}{suffix}"), 404, 5, f"{NOWHERE} not found")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"display_name": None}, "no name"),
    ({"max_concurrency": None}, "Received 0"),
    ({"max_concurrency": "11"}, "Max concurrency of a recurring run must be at least 1 and at most 10. Received 11"),
    ({"trigger": {"cron_schedule": {"cron": "nope"}}}, "Schedule cron is not a supported format"),
    ({"trigger": {"cron_schedule": {}}}, "Schedule cron is not a supported format"),
    ({"trigger": {"periodic_schedule": {}}}, "interval_second"),
    ({"trigger": {"periodic_schedule": {"interval_second": "-1"}}}, "interval_second"),
    ({"trigger": {**HOURLY, "cron_schedule": {"cron": "@daily"}}}, "not both"),
    ({"trigger": {"periodic_schedule": {"interval_second": "1", "end_time": "tomorrow"}}}, "end_time"),
    ({"mode": "SOMETIMES"}, "mode"),
    ({"mode": 3}, "mode"),
    ({"pipeline_spec": None}, "Name one pipeline"),
    ({"runtime_config": None}, "who"),
    ({"runtime_config": {"parameters": {"who": 5}}}, "who"),
    ({"surprise": 1}, 'unknown field "surprise"'),
]


@pytest.mark.parametrize(("changes", "words"), WRONG)
def test_what_is_wrong_is_said(client: TestClient, changes: dict[str, Any], words: str) -> None:
    refused(post(client, **changes), 400, 3, words)
    assert client.get(RECURRING).json() == {}


def test_unknown_pipelines_and_experiments(client: TestClient) -> None:
    reference = {"pipeline_id": NOWHERE}
    refused(post(client, pipeline_spec=None, pipeline_version_reference=reference), 404, 5, NOWHERE)
    refused(post(client, experiment_id=NOWHERE), 404, 5, NOWHERE)
    refused(client.get(RECURRING, params={"experiment_id": NOWHERE}), 404, 5, NOWHERE)


def test_lists(client: TestClient) -> None:
    experiment = client.post(f"{KFP}/experiments", json={"display_name": "e"}).json()["experiment_id"]
    for name, place in (("c", None), ("a", experiment), ("b", experiment)):
        made(client, display_name=name, experiment_id=place)

    def names(**query: Any) -> list[str]:
        answer = client.get(RECURRING, params=query)
        assert answer.status_code == 200, answer.text
        return [item["display_name"] for item in answer.json().get("recurringRuns", [])]

    assert names() == ["c", "a", "b"]
    assert names(sort_by="created_at desc", namespace="kubeflow", experiment_id="", page_token="") == ["b", "a", "c"]
    assert names(sort_by="name", experiment_id=experiment) == ["a", "b"]
    assert names(filter='{"predicates":[{"operation":1,"key":"display_name","stringValue":"a"}]}') == ["a"]
    page = client.get(RECURRING, params={"page_size": 2, "sort_by": "display_name"}).json()
    assert (len(page["recurringRuns"]), page["total_size"]) == (2, 3)
    assert names(page_size=2, page_token=page["next_page_token"]) == ["c"]
    refused(client.get(RECURRING, params={"sort_by": "status"}), 400, 3, "Invalid sorting field")
    wrong = '{"predicates":[{"operation":"EQUALS","key":"experiment_id","string_value":"x"}]}'
    refused(client.get(RECURRING, params={"filter": wrong}), 400, 3, "unrecognized field")


def test_a_stored_version_is_referred_to_and_not_shown(client: TestClient) -> None:
    files = {"uploadfile": ("p.json", json.dumps(SPEC))}
    pipeline = client.post(f"{KFP}/pipelines/upload", params={"name": "p"}, files=files).json()["pipeline_id"]
    version = client.get(f"{KFP}/pipelines/{pipeline}/versions").json()["pipeline_versions"][0]["pipeline_version_id"]
    latest = made(client, pipeline_spec=None, pipeline_version_reference={"pipeline_id": pipeline})
    assert latest["pipeline_version_reference"] == {"pipeline_id": pipeline}
    both = {"pipeline_id": pipeline, "pipeline_version_id": version}
    pinned = made(client, pipeline_spec=None, pipeline_version_reference=both)
    assert pinned["pipeline_version_reference"] == both
    assert "pipeline_spec" not in latest
    assert "pipeline_spec" not in pinned


def test_its_runs_name_it_and_can_be_found_by_it(client: TestClient, world: World) -> None:
    found = made(client, runtime_config={"parameters": {"who": "number [[Index]] at [[ScheduledTime.15:04]]"}})
    made(client, display_name="other")
    world.clock.advance(3600)
    assert world.firing.fire_due().acted == 2
    predicate = {"operation": "EQUALS", "key": "recurring_run_id", "string_value": found["recurring_run_id"]}
    query = {"filter": json.dumps({"predicates": [predicate]})}
    (run,) = client.get(f"{KFP}/runs", params=query).json()["runs"]
    assert run["recurring_run_id"] == found["recurring_run_id"]
    assert run["display_name"] == "nightly-1"
    assert run["runtime_config"] == {"parameters": {"who": "number 1 at 23:13"}}
    assert run["scheduled_at"] == "2023-11-14T23:13:21Z"
    client.delete(f"{RECURRING}/{found['recurring_run_id']}")
    assert client.get(f"{KFP}/runs/{run['run_id']}").json()["recurring_run_id"] == found["recurring_run_id"]


def test_why_it_makes_no_runs_is_its_error(client: TestClient, world: World) -> None:
    experiment = client.post(f"{KFP}/experiments", json={"display_name": "e"}).json()["experiment_id"]
    found = made(client, experiment_id=experiment)
    client.delete(f"{KFP}/experiments/{experiment}")
    world.clock.advance(3600)
    world.firing.fire_due()
    error = client.get(f"{RECURRING}/{found['recurring_run_id']}").json()["error"]
    assert (error["code"], error["message"]) == (9, f"Experiment {experiment} not found")


def test_what_fires_too_often_is_warned_of(client: TestClient) -> None:
    often = post(client, trigger={"cron_schedule": {"cron": "*/5 * * * *"}})
    assert "more often than once a minute: 12 times" in often.headers["Pinnace-Warning"]
    assert "seconds" in often.headers["Pinnace-Warning"]
    assert "Pinnace-Warning" not in post(client).headers


def test_the_preview_of_an_expression(client: TestClient) -> None:
    query: dict[str, str | int] = {"expression": "0 0 9 * * *", "time_zone": "Asia/Seoul", "count": 2}
    assert client.get(f"{OURS}/cron:preview", params=query).json() == {
        "expression": "0 0 9 * * *",
        "time_zone": "Asia/Seoul",
        "next_times": ["2023-11-15T00:00:00Z", "2023-11-16T00:00:00Z"],
        "next_local_times": ["2023-11-15T09:00:00+09:00", "2023-11-16T09:00:00+09:00"],
        "warnings": [],
    }
    five = client.get(f"{OURS}/cron:preview", params={"expression": "*/20 * * * *"}).json()
    assert (len(five["next_times"]), five["time_zone"], len(five["warnings"])) == (5, "UTC", 2)
    query |= {"after": "2024-02-28T10:00:00+09:00"}
    assert client.get(f"{OURS}/cron:preview", params=query).json()["next_times"][0] == "2024-02-29T00:00:00Z"
    own = client.get(f"{OURS}/cron:preview", params={"expression": "TZ=Asia/Tokyo @daily", "time_zone": "UTC"}).json()
    assert own["time_zone"] == "Asia/Tokyo"
    wrongs: list[dict[str, str | int]] = [
        {"expression": "x"},
        {"count": 0},
        {"count": 101},
        {"time_zone": "X/Y"},
        {"after": "x"},
    ]
    for wrong in wrongs:
        refused(client.get(f"{OURS}/cron:preview", params=query | wrong), 400, 3, "")
    refused(client.get(f"{OURS}/cron:preview"), 400, 3, "expression")


def test_how_far_a_recurring_run_has_come(client: TestClient, world: World) -> None:
    recurring = made(client, trigger={"cron_schedule": {"cron": "TZ=Asia/Seoul 0 0 * * * *"}})["recurring_run_id"]
    world.clock.advance(3600)
    world.firing.fire_due()
    assert client.get(f"{OURS}/recurringruns/{recurring}", params={"count": 1}).json() == {
        "recurring_run_id": recurring,
        "enabled": True,
        "last_time": "2023-11-14T23:00:00Z",
        "runs_made": 1,
        "error": None,
        "time_zone": "Asia/Seoul",
        "next_times": ["2023-11-15T00:00:00Z"],
        "next_local_times": ["2023-11-15T09:00:00+09:00"],
        "warnings": [],
    }
    world.schedules.disable(RecurringRunId(recurring))
    assert client.get(f"{OURS}/recurringruns/{recurring}").json()["next_times"] == []
    refused(client.get(f"{OURS}/recurringruns/{NOWHERE}"), 404, 5, NOWHERE)


def test_rows_tell_how_far_each_has_come(world: World, client: TestClient) -> None:
    late = made(client, display_name="late", trigger={"periodic_schedule": {"interval_second": "7200"}})
    soon = made(client, display_name="soon")
    off = made(client, display_name="off", mode="DISABLE")
    world.clock.advance(3650)
    world.firing.fire_due()
    rows = client.get(f"{OURS}/recurringruns").json()["recurring_runs"]
    assert [(row["display_name"], row["runs_made"]) for row in rows] == [("late", 0), ("soon", 1)]
    assert rows[1] == {
        "recurring_run_id": soon["recurring_run_id"],
        "display_name": "soon",
        "enabled": True,
        "next_time": rows[1]["next_time"],
        "last_time": rows[1]["last_time"],
        "runs_made": 1,
        "error": None,
    }
    assert rows[1]["last_time"] < rows[0]["next_time"] < rows[1]["next_time"]
    first = client.get(f"{OURS}/recurringruns", params={"count": 1}).json()["recurring_runs"]
    assert [row["recurring_run_id"] for row in first] == [late["recurring_run_id"]]
    named = {"recurring_run_id": [off["recurring_run_id"], late["recurring_run_id"], NOWHERE]}
    chosen = client.get(f"{OURS}/recurringruns", params=named).json()["recurring_runs"]
    assert [(row["display_name"], row["next_time"] is None) for row in chosen] == [("late", False), ("off", True)]
