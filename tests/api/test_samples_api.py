"""Samples: what ships is what the sources compile to, and starts as it is."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest
import yaml
from kfp import compiler
from starlette.testclient import TestClient
from tests.api.conftest import KFP, OURS, SPEC

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "examples" / "samples").glob("*.py"))
SAMPLES = f"{OURS}/samples"


def _document(path: Path) -> Any:
    """What a package says, whichever release of the SDK wrote it."""
    first, *rest = yaml.safe_load_all(path.read_text(encoding="utf-8"))
    return {key: value for key, value in first.items() if key != "sdkVersion"}, rest


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_what_ships_is_what_the_source_compiles_to(source: Path, tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location(source.stem, source)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    name = f"{source.stem.replace('_', '-')}.yaml"
    compiler.Compiler().compile(module.pipeline, str(tmp_path / name))
    shipped = _document(ROOT / "src" / "pinnace" / "services" / "sample_pipelines" / name)
    assert _document(tmp_path / name) == shipped, "run python tools/compile_samples.py"
    text = str(shipped)
    assert "pip install" not in text, "a sample must start without a network"


def test_samples_are_listed(client: TestClient) -> None:
    samples = client.get(SAMPLES).json()["samples"]
    assert [sample["name"] for sample in samples] == [path.stem.replace("_", "-") for path in SOURCES]
    assert all(sample["description"] for sample in samples)


def test_a_sample_is_stored_once_and_started_each_time(client: TestClient) -> None:
    first, second = (client.post(f"{SAMPLES}/loop-and-condition:start").json() for _ in range(2))
    assert first["run_id"] != second["run_id"]
    assert first["pipeline_version_id"] == second["pipeline_version_id"]
    run = client.get(f"{KFP}/runs/{first['run_id']}").json()
    assert run["pipeline_version_reference"]["pipeline_id"] == first["pipeline_id"]
    assert client.get(f"{OURS}/runs/{first['run_id']}").json()["environment"] == "inherit"
    assert client.get(f"{KFP}/pipelines").json()["total_size"] == 1
    missing = client.post(f"{SAMPLES}/nothing:start")
    assert (missing.status_code, missing.json()["message"]) == (404, "Sample nothing not found")


def test_a_pipeline_that_has_the_name_already_gets_a_version(client: TestClient) -> None:
    body = yaml.safe_dump(SPEC).encode()
    params = {"name": "retry-until-ready"}
    own = client.post(f"{KFP}/pipelines/upload", params=params, files={"uploadfile": ("a.yaml", body)}).json()
    started = client.post(f"{SAMPLES}/retry-until-ready:start").json()
    again = client.post(f"{SAMPLES}/retry-until-ready:start").json()
    assert started["pipeline_id"] == own["pipeline_id"]
    assert started["pipeline_version_id"] == again["pipeline_version_id"]
    assert client.get(f"{KFP}/pipelines/{own['pipeline_id']}/versions").json()["total_size"] == 2
