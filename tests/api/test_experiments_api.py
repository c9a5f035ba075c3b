import json
from typing import Any

from starlette.testclient import TestClient
from tests.api.conftest import KFP, SPEC, World


def make(client: TestClient, name: str, **more: str) -> dict[str, Any]:
    answer = client.post(f"{KFP}/experiments", json={"display_name": name, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_new_experiment_reads_back_and_leaves_out_what_is_empty(client: TestClient) -> None:
    made = make(client, "churn", description="words")
    assert made == {
        "experiment_id": made["experiment_id"],
        "display_name": "churn",
        "description": "words",
        "created_at": "2023-11-14T22:13:21Z",
        "storage_state": "AVAILABLE",
        "last_run_created_at": "1970-01-01T00:00:00Z",
    }
    assert client.get(f"{KFP}/experiments/{made['experiment_id']}").json() == made


def test_the_default_experiment_is_there_once_and_stays(world: World, client: TestClient) -> None:
    again = world.experiments.ensure_default()
    listed = client.get(f"{KFP}/experiments").json()
    assert listed["total_size"] == 1
    assert listed["experiments"][0]["display_name"] == "Default"
    refused = client.delete(f"{KFP}/experiments/{again.id}")
    assert refused.status_code == 400
    assert refused.json()["code"] == 3
    assert "default experiment cannot be deleted" in refused.json()["message"]


def test_a_taken_name_is_a_conflict_in_upstreams_words(client: TestClient) -> None:
    make(client, "churn")
    refused = client.post(f"{KFP}/experiments", json={"display_name": "churn"})
    assert refused.status_code == 409
    assert refused.json()["code"] == 6
    assert "The name churn already exists. Please specify a new name" in refused.json()["message"]


def test_names_are_checked(client: TestClient) -> None:
    for name in ("", "   ", "x" * 129, "tab\tname"):
        refused = client.post(f"{KFP}/experiments", json={"display_name": name})
        assert (refused.status_code, refused.json()["code"]) == (400, 3), name
    make(client, "x" * 128)


def test_archiving_takes_the_runs_along_and_unarchiving_does_not_bring_them_back(
    world: World, client: TestClient
) -> None:
    experiment = make(client, "churn")["experiment_id"]
    body = {
        "display_name": "one",
        "experiment_id": experiment,
        "pipeline_spec": SPEC,
        "runtime_config": {"parameters": {"who": "you"}},
    }
    run = client.post(f"{KFP}/runs", json=body).json()["run_id"]

    assert client.post(f"{KFP}/experiments/{experiment}:archive").json() == {}
    assert client.get(f"{KFP}/experiments/{experiment}").json()["storage_state"] == "ARCHIVED"
    assert client.get(f"{KFP}/runs/{run}").json()["storage_state"] == "ARCHIVED"
    refused = client.post(f"{KFP}/runs/{run}:unarchive")
    assert (refused.status_code, refused.json()["code"]) == (400, 9)

    assert client.post(f"{KFP}/experiments/{experiment}:unarchive").json() == {}
    assert client.get(f"{KFP}/runs/{run}").json()["storage_state"] == "ARCHIVED"
    assert client.post(f"{KFP}/runs/{run}:unarchive").json() == {}
    assert client.get(f"{KFP}/runs/{run}").json()["storage_state"] == "AVAILABLE"

    assert client.delete(f"{KFP}/experiments/{experiment}").json() == {}
    assert client.get(f"{KFP}/experiments/{experiment}").status_code == 404
    assert client.get(f"{KFP}/runs/{run}").json()["experiment_id"] == experiment


def test_what_does_not_exist_is_not_found(client: TestClient) -> None:
    one = f"{KFP}/experiments/00000000-0000-4000-8000-000000000000"
    answers = [client.get(one), client.delete(one), client.post(one + ":archive"), client.post(one + ":unarchive")]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (404, 5)
        assert "not found" in answer.json()["message"]


def test_pages_follow_each_other_and_keep_their_filter(client: TestClient) -> None:
    for name in ("b", "a", "c", "other"):
        make(client, f"x-{name}" if name != "other" else name)
    wanted = json.dumps({"predicates": [{"operation": "IS_SUBSTRING", "key": "display_name", "stringValue": "x-"}]})
    ask = {"filter": wanted, "sort_by": "display_name desc", "page_size": "2"}
    first = client.get(f"{KFP}/experiments", params=ask).json()
    assert [item["display_name"] for item in first["experiments"]] == ["x-c", "x-b"]
    assert first["total_size"] == 3
    rest = client.get(f"{KFP}/experiments", params={"page_token": first["next_page_token"], "page_size": "2"}).json()
    assert [item["display_name"] for item in rest["experiments"]] == ["x-a"]
    assert "next_page_token" not in rest
    same = client.get(f"{KFP}/experiments", params={**ask, "page_token": first["next_page_token"]}).json()
    assert same == rest
    for change in ({"sort_by": "display_name"}, {"filter": wanted.replace("x-", "y-")}):
        refused = client.get(f"{KFP}/experiments", params={**ask, **change, "page_token": first["next_page_token"]})
        assert (refused.status_code, refused.json()["code"]) == (400, 3)
        assert "page token does not match" in refused.json()["message"]


def test_list_parameters_that_make_no_sense_are_refused(client: TestClient) -> None:
    for ask in (
        {"page_size": "-1"},
        {"page_size": "many"},
        {"page_token": "%%%not-a-token%%%"},
        {"page_token": "WzEsMl0="},
        {"sort_by": "no_such_field"},
        {"sort_by": "created_at sideways"},
        {"sort_by": "created_at desc please"},
        {"filter": "{not json"},
    ):
        refused = client.get(f"{KFP}/experiments", params=ask)
        assert (refused.status_code, refused.json()["code"]) == (400, 3), ask


def test_empty_list_parameters_and_any_namespace_mean_nothing(client: TestClient) -> None:
    ask = {"page_token": "", "sort_by": "", "filter": "", "namespace": "kubeflow", "page_size": "500"}
    assert client.get(f"{KFP}/experiments", params=ask).json()["total_size"] == 1


def test_an_empty_list_is_an_empty_object(client: TestClient) -> None:
    assert client.get(f"{KFP}/pipelines").json() == {}
