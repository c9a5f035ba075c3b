"""What a pipeline consists of, for graphs and forms."""

from pathlib import Path
from typing import Any

import pytest
from kfp import compiler
from starlette.testclient import TestClient
from tests.api.conftest import KFP, OURS, SPEC
from tests.pipelines.dashboard import shapes


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("compiled") / "shapes.yaml"
    compiler.Compiler().compile(shapes, str(path))
    return path


def uploaded(client: TestClient, path: Path) -> tuple[str, str]:
    with path.open("rb") as file:
        pipeline = client.post(f"{KFP}/pipelines/upload?name=shapes", files={"uploadfile": file}).json()["pipeline_id"]
    versions = client.get(f"{KFP}/pipelines/{pipeline}/versions").json()["pipeline_versions"]
    return pipeline, versions[0]["pipeline_version_id"]


def by_key(tasks: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {task["key"]: task for task in tasks}


def test_the_structure_of_a_version(client: TestClient, compiled: Path) -> None:
    pipeline, version = uploaded(client, compiled)
    found = client.get(f"{OURS}/pipelines/{pipeline}/versions/{version}/structure").json()
    assert found["name"] == "shapes"
    count, text = found["parameters"]
    assert (count["name"], count["type"], count["optional"], count["has_default"]) == (
        "count",
        "NUMBER_INTEGER",
        False,
        False,
    )
    assert (text["name"], text["optional"], text["default"]) == ("text", True, "end")
    root = by_key(found["graphs"]["root"])
    assert (root["say"]["is_exit"], root["say"]["depends_on"]) == (True, ["exit-handler-1"])
    assert root["say"]["given"] == {"text": "$text"}
    guarded = by_key(found["graphs"][root["exit-handler-1"]["component"]])
    assert guarded["items"]["max_retries"] == 2
    loop = next(task for task in guarded.values() if task["loop"])
    assert (loop["kind"], loop["parallelism"], loop["depends_on"]) == ("DAG", 3, ["items"])
    assert [(edge["producer"], edge["output"], edge["is_artifact"]) for edge in loop["edges"]] == [
        ("items", "Output", False)
    ]
    inside = by_key(found["graphs"][loop["component"]])
    assert inside["work"]["kind"] == "CONTAINER"
    assert inside["work"]["image"].startswith("python:")
    condition = next(task for task in inside.values() if task["condition"])
    assert "== 1" in condition["condition"]
    assert [task["given"] for task in found["graphs"][condition["component"]]] == [{"text": "one"}]


def test_the_structure_of_a_run(client: TestClient) -> None:
    body = {"display_name": "one", "pipeline_spec": SPEC, "runtime_config": {"parameters": {"who": "you"}}}
    run = client.post(f"{KFP}/runs", json=body).json()["run_id"]
    found = client.get(f"{OURS}/runs/{run}/structure").json()
    assert [task["key"] for task in found["graphs"]["root"]] == ["hello"]


def test_what_is_not_there_has_no_structure(client: TestClient, compiled: Path) -> None:
    _, version = uploaded(client, compiled)
    assert client.get(f"{OURS}/pipelines/other/versions/{version}/structure").status_code == 404
    assert client.get(f"{OURS}/runs/nothing/structure").status_code == 404
