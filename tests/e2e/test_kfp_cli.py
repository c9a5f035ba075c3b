"""Every command of the SDK's program ``kfp`` that speaks to a server, in tables and in JSON.

The commands run in this process, which is the same code without importing the SDK for each; two run as users run them.
"""

import json
import os
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner
from kfp.cli.cli import cli

from pinnace.cli.server_file import ServerRecord

NOWHERE: Final = "00000000-0000-4000-8000-000000000000"

SPEC: Final[dict[str, Any]] = {
    "pipelineInfo": {"name": "greet"},
    "schemaVersion": "2.1.0",
    "sdkVersion": "kfp-2.17.0",
    "root": {
        "inputDefinitions": {
            "parameters": {
                "who": {"parameterType": "STRING", "defaultValue": "you", "isOptional": True},
                "times": {"parameterType": "NUMBER_INTEGER", "defaultValue": 1, "isOptional": True},
            }
        },
        "dag": {
            "tasks": {
                "hello": {
                    "componentRef": {"name": "comp-hello"},
                    "taskInfo": {"name": "hello"},
                    "inputs": {"parameters": {"who": {"componentInputParameter": "who"}}},
                }
            }
        },
    },
    "components": {
        "comp-hello": {
            "executorLabel": "exec-hello",
            "inputDefinitions": {"parameters": {"who": {"parameterType": "STRING"}}},
        }
    },
    "deploymentSpec": {
        "executors": {
            "exec-hello": {
                "container": {"image": "alpine", "command": ["echo"], "args": ["{{$.inputs.parameters['who']}}"]}
            }
        }
    },
}


@dataclass
class Kfp:
    """The program, speaking to one server."""

    address: str

    def __call__(self, *words: str, answer: str = "", output: str = "table") -> str:
        """What a command prints; it must succeed."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = CliRunner().invoke(
                cli, ["--endpoint", self.address, "--output", output, *words], input=answer, obj={}
            )
        assert result.exception is None, (words, result.output, result.exception)
        return result.output

    def json(self, *words: str, answer: str = "") -> Any:
        """The JSON that a command prints; it prints links before."""
        text = self(*words, answer=answer, output="json")
        start = min(place for place in (text.find("{\n"), text.find("[\n"), text.find("[]")) if place >= 0)
        return json.JSONDecoder().raw_decode(text[start:])[0]


@pytest.fixture
def kfp(server: ServerRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kfp:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("KF_PIPELINES_ENDPOINT", "KF_PIPELINES_DEFAULT_EXPERIMENT_NAME", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return Kfp(server.address)


@pytest.fixture
def package(tmp_path: Path) -> str:
    path = tmp_path / "greet.yaml"
    path.write_text(json.dumps(SPEC))
    return str(path)


def test_experiments(kfp: Kfp) -> None:
    assert "churn" in kfp("experiment", "create", "churn", "-d", "words")
    made = kfp.json("experiment", "create", "churn")
    id_ = made["experiment_id"]
    assert (made["display_name"], made["description"]) == ("churn", "words")
    kfp("experiment", "create", "other")
    assert [item["display_name"] for item in kfp.json("experiment", "list")][:2] == ["other", "churn"]
    wanted = json.dumps({"predicates": [{"operation": 1, "key": "name", "stringValue": "churn"}]})
    assert [item["experiment_id"] for item in kfp.json("experiment", "list", "--filter", wanted)] == [id_]
    table = kfp("experiment", "list", "-m", "1", "--sort-by", "name")
    assert "Default" in table
    assert "churn" not in table
    assert id_ in kfp("experiment", "get", id_)
    assert kfp.json("experiment", "archive", "--experiment-name", "churn")["storage_state"] == "ARCHIVED"
    assert kfp.json("experiment", "unarchive", "--experiment-id", id_)["storage_state"] == "AVAILABLE"
    assert "deleted" not in kfp("experiment", "delete", id_, answer="n\n")
    assert "deleted" in kfp("experiment", "delete", id_, answer="y\n")
    assert id_ not in kfp("experiment", "list")


def test_pipelines_and_versions(kfp: Kfp, package: str) -> None:
    made = kfp.json("pipeline", "create", "-p", "greeter", "-d", "says hello", package)
    id_ = made["pipeline_id"]
    assert (made["name"], made["description"]) == ("greeter", "says hello")
    assert "second" in kfp("pipeline", "create-version", "-v", "second", "-p", id_, package)
    third = kfp.json("pipeline", "create-version", "-v", "third", "-n", "greeter", "-d", "newest", package)
    assert (third["pipeline_id"], third["name"]) == (id_, "third")
    assert id_ in kfp("pipeline", "list")
    assert [item["pipeline_id"] for item in kfp.json("pipeline", "list", "-m", "1")] == [id_]
    assert "greeter" in kfp("pipeline", "get", id_)
    assert "third" in kfp("pipeline", "list-versions", id_)
    versions = kfp.json("pipeline", "list-versions", id_)
    assert [item["name"] for item in versions] == ["third", "second", "greeter"]
    first = versions[-1]["pipeline_version_id"]
    assert "greeter" in kfp("pipeline", "get-version", id_, first)
    assert kfp.json("pipeline", "get-version", id_, first)["pipeline_spec"] == SPEC
    for version in versions:
        assert "deleted" in kfp("pipeline", "delete-version", id_, version["pipeline_version_id"], answer="y\n")
    assert kfp.json("pipeline", "list-versions", id_) == []
    assert "deleted" in kfp("pipeline", "delete", id_, answer="y\n")
    assert id_ not in kfp("pipeline", "list")


def test_runs(kfp: Kfp, package: str) -> None:
    experiment = kfp.json("experiment", "create", "runs")["experiment_id"]
    run = kfp.json("run", "create", "-e", "runs", "-r", "from a file", "-f", package, "who=me", "times=2")
    id_ = run["run_id"]
    assert run["runtime_config"]["parameters"] == {"who": "me", "times": 2}
    assert "Run is finished with state SUCCEEDED." in kfp("run", "get", "--watch", id_)
    shown = kfp.json("run", "get", id_)
    assert (shown["state"], shown["error"]) == ("SUCCEEDED", None)
    assert "from a file" in kfp("run", "list", "-e", experiment)
    assert [item["run_id"] for item in kfp.json("run", "list", "-m", "1")] == [id_]
    assert kfp.json("run", "archive", id_)["storage_state"] == "ARCHIVED"
    assert kfp.json("run", "unarchive", id_)["storage_state"] == "AVAILABLE"

    pipeline = kfp.json("pipeline", "create", "-p", "for runs", package)["pipeline_id"]
    version = kfp.json("pipeline", "list-versions", pipeline)[0]["pipeline_version_id"]
    watched = kfp("run", "create", "-e", "runs", "-r", "of a version", "-p", pipeline, "-v", version, "--watch")
    assert "Run is finished with state SUCCEEDED." in watched
    runs = kfp.json("run", "list", "-e", experiment, "--sort-by", "name")
    assert [item["display_name"] for item in runs] == ["from a file", "of a version"]
    for each in runs:
        assert "deleted" in kfp("run", "delete", each["run_id"], answer="y\n")
    assert kfp.json("run", "list", "-e", experiment) == []


def test_recurring_runs(kfp: Kfp, package: str) -> None:
    every = ("--cron-expression", "0 0 9 * * *", "--experiment-name", "nightly", "--job-name", "nightly", "--enabled")
    made = kfp.json("recurring-run", "create", *every, "--pipeline-package-path", package, "who=me")
    id_ = made["recurring_run_id"]
    assert made["trigger"]["cron_schedule"]["cron"] == "0 0 9 * * *"
    assert made["runtime_config"]["parameters"] == {"who": "me"}
    assert (made["mode"], made["no_catchup"], made["max_concurrency"]) == ("ENABLE", True, "1")
    interval = ("--interval-second", "86400", "--catchup", "--disabled", "--max-concurrency", "3")
    where = ("--experiment-id", made["experiment_id"], "--job-name", "daily", "--pipeline-package-path", package)
    assert "daily" in kfp("recurring-run", "create", *interval, *where)
    shown = kfp.json("recurring-run", "list", "-e", made["experiment_id"], "--sort-by", "created_at")
    assert [(item["display_name"], item["status"]) for item in shown] == [("nightly", "ENABLED"), ("daily", "DISABLED")]
    assert "nightly" in kfp("recurring-run", "get", id_)
    assert "nightly" in kfp("recurring-run", "list")
    assert kfp.json("recurring-run", "disable", id_)["status"] == "DISABLED"
    assert kfp.json("recurring-run", "enable", id_)["status"] == "ENABLED"
    for item in shown:
        assert "deleted" in kfp("recurring-run", "delete", item["recurring_run_id"], answer="y\n")
    assert kfp.json("recurring-run", "list") == []


def _program(address: str, folder: Path, *words: str, answer: str = "") -> "subprocess.CompletedProcess[str]":
    hidden = ("http_proxy", "HTTP_PROXY", "KF_PIPELINES_ENDPOINT")
    variables = {name: value for name, value in os.environ.items() if name not in hidden}
    program = str(Path(sys.executable).with_name("kfp"))
    return subprocess.run(
        [program, "--endpoint", address, *words],
        env=variables | {"HOME": str(folder)},
        input=answer,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_program_itself(server: ServerRecord, tmp_path: Path, package: str) -> None:
    watched = _program(server.address, tmp_path, "run", "create", "-e", "shell", "-f", package, "-w", "who=me")
    assert watched.returncode == 0, watched.stderr
    assert "Run is finished with state SUCCEEDED." in watched.stdout
    refused = _program(server.address, tmp_path, "run", "delete", NOWHERE, answer="y\n")
    assert refused.returncode != 0
    assert f"Run {NOWHERE} not found" in refused.stderr
