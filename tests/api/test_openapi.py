"""The OpenAPI document: complete, and true to what the server answers."""

import base64
import hashlib
import json
import re
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.api.conftest import KFP, OURS, World

from pinnace.api.openapi import OpenApi

_KFP_ID = re.compile(r"([A-Z][A-Za-z]+Service_)?[A-Z][A-Za-z]+")
_OUR_ID = re.compile(r"[a-z][A-Za-z]+")


@pytest.fixture
def document(world: World) -> dict[str, Any]:
    return OpenApi(world.app()).document()


def _operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, item) for path, each in document["paths"].items() for method, item in each.items()]


def test_every_operation_says_what_it_is_and_what_it_answers(document: dict[str, Any]) -> None:
    ids: list[str] = []
    for path, method, operation in _operations(document):
        where = f"{method} {path}"
        ids.append(operation["operationId"])
        pattern = _OUR_ID if path.startswith((OURS, "/metrics")) else _KFP_ID
        assert pattern.fullmatch(operation["operationId"]), where
        assert operation["summary"], where
        assert len(operation["tags"]) == 1, where
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), f"{where}: {parameter['name']}"
        responses = operation["responses"]
        assert "422" not in responses, where
        assert {"200", "400", "401", "403", "500", "503"} <= set(responses), where
        content = responses["200"]["content"]
        schemas = [item["schema"] for item in content.values()]
        assert schemas, where
        assert all("$ref" in schema or schema.get("type") == "string" for schema in schemas), f"{where}: no model"
    assert len(set(ids)) == len(ids)


def test_the_names_of_schemas_are_those_that_readers_know(document: dict[str, Any]) -> None:
    names = set(document["components"]["schemas"])
    assert {"Run", "ListRunsResponse", "PipelineVersion", "RecurringRun", "Status", "TaskView", "RunView"} <= names
    assert not [name for name in names if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name) or name.startswith("Wire")]
    used = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert used == names


def test_fields_of_our_own_api_have_types_and_are_always_there(document: dict[str, Any]) -> None:
    """What a generator of clients needs: no field without a type, none that may or may not be there."""
    schemas = document["components"]["schemas"]
    for name, schema in _reached(document, OURS).items():
        for field, item in schema.get("properties", {}).items():
            # What can be any JSON says so in words.
            assert {"type", "$ref", "anyOf", "allOf", "const", "enum", "description"} & set(item), f"{name}.{field}"
        if name != "Status" and "properties" in schema:
            assert set(schema["required"]) == set(schema["properties"]), name
    assert schemas["Run"]["properties"]["run_id"] == {"type": "string", "default": ""}


def _reached(document: dict[str, Any], prefix: str) -> dict[str, Any]:
    schemas = document["components"]["schemas"]
    answers = [item["responses"]["200"] for path, _method, item in _operations(document) if path.startswith(prefix)]
    found: dict[str, Any] = {}
    waiting = re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(answers))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = schemas[name]
            waiting += re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(schemas[name]))
    return found


def test_the_document_is_served_with_the_path_that_the_server_is_under(client: TestClient) -> None:
    plain = client.get("/openapi.json").json()
    assert plain["servers"] == [{"url": "/"}]
    assert f"{KFP}/runs" in plain["paths"]
    under = client.get("/openapi.json", headers={"X-Forwarded-Prefix": "/ml/team"}).json()
    assert under["servers"] == [{"url": "/ml/team"}]
    assert under["paths"] == plain["paths"]


def test_the_page_shows_every_operation_and_loads_nothing(client: TestClient) -> None:
    """The policy lets in the page's own style alone, so that there must be nothing else to load."""
    document = client.get("/openapi.json").json()
    answer = client.get("/docs", headers={"X-Forwarded-Prefix": "/ml"})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = answer.text
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert answer.headers["content-security-policy"].startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert not re.search(r"<script|<link|<img|<iframe| style=| src=| on[a-z]+=|url\(|@import", page)
    anchors = set(re.findall(r' id="([^"]+)"', page))
    links = re.findall(r'href="([^"]+)"', page)
    assert {link.removeprefix("#") for link in links if link.startswith("#")} <= anchors
    assert [link for link in links if not link.startswith("#")] == ["/ml/openapi.json"]
    for path, method, operation in _operations(document):
        assert operation["operationId"] in anchors
        assert f"<b>{method.upper()}</b> <code>{path}</code>" in page
    assert {f"schema-{name}" for name in document["components"]["schemas"]} <= anchors
    assert "curl -X POST http://localhost:8765/ml/apis/v2beta1/runs/RUN_ID:terminate" in page
