import json
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.api.conftest import KFP, SPEC, World

PIPELINES = f"{KFP}/pipelines"
NOWHERE = "00000000-0000-4000-8000-000000000000"


def make(client: TestClient, **fields: Any) -> dict[str, Any]:
    answer = client.post(PIPELINES, json=fields)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def upload(client: TestClient, pipeline: str, name: str, **query: str) -> dict[str, Any]:
    answer = client.post(
        f"{PIPELINES}/upload_version",
        params={"pipelineid": pipeline, "name": name, **query},
        files={"uploadfile": ("p.json", json.dumps(SPEC).encode())},
    )
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_each_name_stands_in_for_the_other(client: TestClient) -> None:
    one = make(client, name="one")
    assert (one["name"], one["display_name"]) == ("one", "one")
    two = make(client, display_name="Two", description="words", tags={"team": "a"})
    assert (two["name"], two["display_name"]) == ("Two", "Two")
    assert client.get(f"{PIPELINES}/{two['pipeline_id']}").json() == two
    assert client.get(f"{PIPELINES}/names/Two", params={"namespace": "kubeflow"}).json() == two
    assert make(client, name="three", display_name="Two")["display_name"] == "Two"
    assert "namespace" not in two


@pytest.mark.parametrize(
    "fields",
    [
        {"description": "nameless"},
        {"name": "x" * 129},
        {"name": "x", "tags": {"a.b": "c"}},
        {"name": "x", "tags": {"": "c"}},
        {"name": "x", "tags": {"k" * 64: "c"}},
        {"name": "x", "tags": {"k": "c" * 64}},
        {"name": "x", "tags": {str(i): "" for i in range(21)}},
        {"name": "x", "tags": {"k": 5}},
        {"name": "x", "unknown": 5},
    ],
)
def test_rules_for_names_and_tags(client: TestClient, fields: dict[str, Any]) -> None:
    refused = client.post(PIPELINES, json=fields)
    assert (refused.status_code, refused.json()["code"]) == (400, 3)
    assert client.get(PIPELINES).json() == {}


def test_a_taken_name(client: TestClient) -> None:
    make(client, name="one")
    refused = client.post(PIPELINES, json={"name": "one", "display_name": "other"})
    assert (refused.status_code, refused.json()["code"]) == (409, 6)
    assert "The name one already exists. Please specify a new name" in refused.json()["message"]


def test_a_patch_changes_what_it_names(client: TestClient) -> None:
    path = f"{PIPELINES}/{make(client, name='one', description='words', tags={'a': 'b', 'c': 'd'})['pipeline_id']}"
    assert client.patch(path, json={"display_name": "New"}).json()["tags"] == {"a": "b", "c": "d"}
    changed = client.patch(path, json={"tags": {"e": "f"}, "name": "ignored", "description": "ignored"}).json()
    assert (changed["name"], changed["display_name"], changed["tags"]) == ("one", "New", {"e": "f"})
    assert changed["description"] == "words"
    assert "tags" not in client.patch(path, json={"tags": {}}).json()
    assert client.get(path).json()["display_name"] == "New"
    assert client.patch(path, json={"tags": {"a.b": "c"}}).status_code == 400
    assert client.patch(f"{PIPELINES}/{NOWHERE}", json={"display_name": "x"}).status_code == 404


def test_deleting_asks_for_cascade_while_there_are_versions(client: TestClient) -> None:
    pipeline = make(client, name="one")["pipeline_id"]
    version = upload(client, pipeline, "first")["pipeline_version_id"]
    path = f"{PIPELINES}/{pipeline}"
    for query in ({}, {"cascade": "false"}, {"cascade": ""}):
        refused = client.delete(path, params=query)
        assert (refused.status_code, refused.json()["code"]) == (400, 3)
        assert "Set cascade=true" in refused.json()["message"]
    assert client.delete(path, params={"cascade": "True"}).json() == {}
    assert client.get(path).status_code == 404
    assert client.get(f"{path}/versions/{version}").status_code == 404
    assert client.delete(path).status_code == 404
    assert client.delete(f"{PIPELINES}/{make(client, name='one')['pipeline_id']}").json() == {}


def test_versions_belong_to_their_pipeline(client: TestClient) -> None:
    one, two = make(client, name="one")["pipeline_id"], make(client, name="two")["pipeline_id"]
    made = upload(client, one, "v", description="words", tags='{"stage": "x"}')
    upload(client, two, "v")
    path = f"{PIPELINES}/{one}/versions/{made['pipeline_version_id']}"
    assert client.get(path).json() == made
    assert (made["name"], made["description"], made["tags"]) == ("v", "words", {"stage": "x"})
    assert made["pipeline_spec"] == SPEC
    crossed = path.replace(one, two)
    for answer in (client.get(crossed), client.delete(crossed), client.patch(crossed, json={"display_name": "x"})):
        assert (answer.status_code, answer.json()["code"]) == (404, 5)
    assert client.patch(path, json={"display_name": "Renamed"}).json()["display_name"] == "Renamed"
    listed = client.get(f"{PIPELINES}/{one}/versions").json()
    assert [item["display_name"] for item in listed["pipeline_versions"]] == ["Renamed"]
    assert client.delete(path).json() == {}
    assert client.get(f"{PIPELINES}/{one}/versions").json() == {}
    assert client.get(f"{PIPELINES}/{NOWHERE}/versions").status_code == 404


def test_a_filter_by_tag(world: World, client: TestClient) -> None:
    make(client, name="one", tags={"team": "a"})
    make(client, name="two", tags={"team": "b"})

    def named(**predicate: Any) -> Any:
        answer = client.get(PIPELINES, params={"filter": json.dumps({"predicates": [predicate]})})
        return (
            [item["name"] for item in answer.json().get("pipelines", [])] if answer.is_success else answer.status_code
        )

    assert named(key="tags.team", operation="EQUALS", string_value="b") == ["two"]
    assert named(key="tags.none", operation="EQUALS", string_value="b") == []
    assert named(key="tags.team", operation="NOT_EQUALS", string_value="b") == 400
    assert named(key="tags.", operation="EQUALS", string_value="b") == 400
