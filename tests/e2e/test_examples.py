"""The examples, sent to a real server by the official client."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import joblib
import pytest
from kfp import Client, compiler

from pinnace.cli.server_api import read_run
from pinnace.cli.server_file import ServerRecord
from pinnace.cli.task_view import TaskView

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def example(name: str) -> ModuleType:
    path = EXAMPLES / name / "pipeline.py"
    specification = importlib.util.spec_from_file_location(f"example_{name}", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def tasks_of(server: ServerRecord, run: str) -> dict[str, TaskView]:
    return {task.name: task for task in read_run(server.client(), run).tasks}


def test_the_quickstart_trains_and_releases_a_model(server: ServerRecord) -> None:
    program = subprocess.run(
        [sys.executable, "submit.py", server.address],
        cwd=EXAMPLES / "quickstart",
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert program.returncode == 0, program.stdout + program.stderr
    run = next(line for line in program.stdout.splitlines() if line.startswith("run ")).split()[1]
    tasks = tasks_of(server, run)
    accuracy = tasks["train-and-evaluate"].parameters["accuracy"]
    assert isinstance(accuracy, float)
    assert 0.9 < accuracy < 1.0
    assert tasks["train-and-evaluate"].artifacts["metrics"][0].metadata["accuracy"] == pytest.approx(accuracy)
    assert tasks["deploy-model"].parameters["Output"] == f"Model deployed with accuracy {accuracy:.4f}"
    assert "reject-model" not in tasks
    assert tasks["ingest-data"].parameters == {"Output": 569}
    assert joblib.load(tasks["deploy-model"].artifacts["released"][0].uri).n_estimators == 200


def test_the_gate_of_the_quickstart_closes(server: ServerRecord, kfp_client: Client) -> None:
    run = kfp_client.create_run_from_pipeline_func(
        example("quickstart").quickstart, arguments={"n_estimators": 10, "min_accuracy": 0.999}
    )
    assert run.wait_for_run_completion(timeout=300).state == "SUCCEEDED"
    tasks = tasks_of(server, run.run_id)
    assert "deploy-model" not in tasks
    assert str(tasks["reject-model"].parameters["Output"]).startswith("Model not deployed: accuracy 0.9")


def test_bad_data_stops_the_quickstart_before_the_training(server: ServerRecord, kfp_client: Client) -> None:
    run = kfp_client.create_run_from_pipeline_func(example("quickstart").quickstart, arguments={"min_rows": 1000})
    assert run.wait_for_run_completion(timeout=300).state == "SUCCEEDED"
    tasks = tasks_of(server, run.run_id)
    assert tasks["validate-data"].parameters["Output"] is False
    assert tasks["data-valid"].phase == "SKIPPED"


def test_add_and_multiply_as_the_tutorial_does_it(server: ServerRecord, kfp_client: Client, tmp_path: Path) -> None:
    package = str(tmp_path / "math_pipeline.yaml")
    compiler.Compiler().compile(example("add_multiply").math_pipeline, package)
    experiment = kfp_client.create_experiment(name="math_pipeline test experiment")
    pipeline = kfp_client.upload_pipeline(
        package, pipeline_name="second math_pipeline", description="from the tutorial"
    )
    version = kfp_client.list_pipeline_versions(pipeline.pipeline_id).pipeline_versions[0]
    run = kfp_client.run_pipeline(
        experiment.experiment_id,
        job_name="math_pipeline_run",
        pipeline_id=pipeline.pipeline_id,
        version_id=version.pipeline_version_id,
        params={"a": 4.0, "b": 5.0, "c": 6.0},
    )
    assert kfp_client.wait_for_run_completion(run.run_id, timeout=120).state == "SUCCEEDED"
    tasks = tasks_of(server, run.run_id)
    assert tasks["add"].parameters == {"Output": 9.0}
    assert tasks["multiply"].parameters == {"Output": 54.0}
    listed = kfp_client.list_runs(experiment_id=experiment.experiment_id, page_size=10, sort_by="created_at desc").runs
    assert [entry.run_id for entry in listed] == [run.run_id]
