"""Every key that lists can be filtered and sorted by, with every comparison, as KFP's clients spell them."""

import json
from itertools import product
from typing import Any, Final

import pytest
from starlette.testclient import TestClient
from tests.api.conftest import KFP, SPEC

OPERATIONS: Final = {
    "EQUALS": 1,
    "NOT_EQUALS": 2,
    "GREATER_THAN": 3,
    "GREATER_THAN_EQUALS": 5,
    "LESS_THAN": 6,
    "LESS_THAN_EQUALS": 7,
    "IN": 8,
    "IS_SUBSTRING": 9,
}
TIMES: Final = frozenset({"created_at", "last_run_created_at", "finished_at", "scheduled_at", "updated_at"})
KEYS: Final = {
    "experiments": "id experiment_id name display_name created_at last_run_created_at description namespace "
    "storage_state",
    "runs": "run_id id display_name name created_at finished_at description scheduled_at storage_state status "
    "namespace experiment_id state recurring_run_id",
    "recurringruns": "id recurring_run_id name display_name created_at updated_at description",
    "pipelines": "id pipeline_id name display_name created_at description namespace",
    "versions": "id pipeline_version_id name display_name created_at status description",
}


def _filter(key: str, operation: str | int, **value: Any) -> str:
    return json.dumps({"predicates": [{"operation": operation, "key": key, **value}]})


def _path(client: TestClient, kind: str) -> str:
    if kind != "versions":
        return f"{KFP}/{kind}"
    pipeline = client.post(f"{KFP}/pipelines", json={"name": "p"}).json()["pipeline_id"]
    return f"{KFP}/pipelines/{pipeline}/versions"


@pytest.mark.parametrize("kind", KEYS)
def test_every_key_takes_every_comparison(client: TestClient, kind: str) -> None:
    path = _path(client, kind)
    for key, (name, number) in product(KEYS[kind].split(), OPERATIONS.items()):
        if key in TIMES and name == "IS_SUBSTRING":
            continue
        value: dict[str, Any] = {"stringValue": "x"}
        if key in TIMES:
            several = {"longValues": {"values": ["1767225600"]}}
            value = several if name == "IN" else {"timestampValue": "2026-01-01T00:00:00Z"}
        elif name == "IN":
            value = {"string_values": {"values": ["x", "y"]}}
        for operation in (name, number):
            answer = client.get(path, params={"filter": _filter(key, operation, **value)})
            assert answer.status_code == 200, f"{key} {operation}: {answer.text}"
    for key, order in product(KEYS[kind].split(), ("", " asc", " DESC")):
        assert client.get(path, params={"sort_by": key + order}).status_code == 200, key + order


CONSTANTS: Final[list[tuple[str, dict[str, Any], bool]]] = [
    ("EQUALS", {"string_value": ""}, True),
    ("EQUALS", {"string_value": "kubeflow"}, False),
    ("NOT_EQUALS", {"string_value": "kubeflow"}, True),
    ("LESS_THAN", {"string_value": "a"}, True),
    ("GREATER_THAN", {"string_value": "a"}, False),
    ("IN", {"string_values": {"values": ["a", ""]}}, True),
    ("IN", {"string_values": {"values": []}}, False),
    ("IS_SUBSTRING", {"string_value": "a"}, False),
]


@pytest.mark.parametrize(("operation", "value", "found"), CONSTANTS)
def test_namespaces_are_empty_for_filters_too(
    client: TestClient, operation: str, value: dict[str, Any], found: bool
) -> None:
    client.post(f"{KFP}/pipelines", json={"name": "p"})
    for kind in ("experiments", "pipelines"):
        listed = client.get(f"{KFP}/{kind}", params={"filter": _filter("namespace", operation, **value)}).json()
        assert (listed.get("total_size", 0) == 1) is found


@pytest.mark.parametrize(("status", "found"), [("Pending", True), ("PENDING", True), ("Succeeded", False)])
def test_the_older_key_of_a_runs_state(client: TestClient, status: str, found: bool) -> None:
    body = {"display_name": "r", "pipeline_spec": SPEC, "runtime_config": {"parameters": {"who": "x"}}}
    assert client.post(f"{KFP}/runs", json=body).status_code == 200
    for wanted in (
        _filter("status", 1, stringValue=status),
        _filter("status", "IN", string_values={"values": [status, "Failed"]}),
    ):
        assert (client.get(f"{KFP}/runs", params={"filter": wanted}).json() != {}) is found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "filter: a JSON object belongs here"),
        ('{"predicates": [{"kee": 1}]}', 'filter: unknown field "predicates.0.kee"'),
        ("{", "filter: this is not JSON"),
    ],
)
def test_what_is_no_filter_is_said(client: TestClient, text: str, words: str) -> None:
    answer = client.get(f"{KFP}/runs", params={"filter": text})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(words)
