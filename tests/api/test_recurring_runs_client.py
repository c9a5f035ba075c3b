"""Recurring runs through the unmodified SDK: kfp.Client, and the command kfp."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kfp
import kfp_server_api
import pytest
from tests.api.conftest import SPEC, World, served

from pinnace.api.peers import system_peers
from pinnace.api.security import Policy


@pytest.fixture
def address(world: World) -> Iterator[str]:
    with served(world.app(Policy(peers=system_peers()))) as address:
        yield address


@pytest.fixture
def package(tmp_path: Path) -> str:
    path = tmp_path / "greet.yaml"
    path.write_text(json.dumps(SPEC))
    return str(path)


@pytest.fixture
def sdk(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("KF_PIPELINES_ENDPOINT", "KF_PIPELINES_DEFAULT_EXPERIMENT_NAME", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return kfp.Client(host=address)


def test_the_life_of_a_recurring_run(sdk: Any, package: str, world: World) -> None:
    experiment = sdk.create_experiment("churn").experiment_id
    made = sdk.create_recurring_run(
        experiment,
        "nightly",
        description="words",
        start_time="2023-11-14T00:00:00Z",
        end_time="2033-01-01T00:00:00Z",
        cron_expression="0 0 9 ? * MON-FRI",
        max_concurrency=2,
        no_catchup=True,
        params={"who": "you"},
        pipeline_package_path=package,
    )
    assert (made.status, made.mode, made.max_concurrency) == ("ENABLED", "ENABLE", "2")
    assert made.trigger.cron_schedule.cron == "0 0 9 ? * MON-FRI"
    assert made.trigger.cron_schedule.end_time.year == 2033
    listed = sdk.list_recurring_runs(experiment_id=experiment, sort_by="created_at desc")
    assert [item.recurring_run_id for item in listed.recurring_runs] == [made.recurring_run_id]
    assert world.firing.fire_due().acted == 1
    (run,) = sdk.list_runs(experiment_id=experiment).runs
    assert run.recurring_run_id == made.recurring_run_id
    assert run.scheduled_at.isoformat() == "2023-11-14T09:00:00+00:00"
    sdk.disable_recurring_run(made.recurring_run_id)
    assert sdk.get_recurring_run(made.recurring_run_id).status == "DISABLED"
    sdk.enable_recurring_run(made.recurring_run_id)
    assert sdk.get_recurring_run(made.recurring_run_id).status == "ENABLED"
    sdk.delete_recurring_run(made.recurring_run_id)
    assert sdk.list_recurring_runs().recurring_runs is None
    assert sdk.get_run(run.run_id).recurring_run_id == made.recurring_run_id
    with pytest.raises(kfp_server_api.ApiException) as refused:
        sdk.get_recurring_run(made.recurring_run_id)
    assert refused.value.status == 404


def test_an_interval_on_a_stored_version(sdk: Any, package: str) -> None:
    pipeline = sdk.upload_pipeline(package, pipeline_name="greeter")
    version = sdk.list_pipeline_versions(pipeline.pipeline_id).pipeline_versions[0].pipeline_version_id
    experiment = sdk.create_experiment("churn").experiment_id
    made = sdk.create_recurring_run(
        experiment,
        "hourly",
        interval_second=3600,
        pipeline_id=pipeline.pipeline_id,
        version_id=version,
        params={"who": "you"},
        enabled=False,
    )
    assert made.status == "DISABLED"
    assert made.trigger.periodic_schedule.interval_second == "3600"
    assert made.pipeline_version_reference.pipeline_version_id == version


@pytest.fixture
def command(address: str, tmp_path: Path) -> Callable[..., Any]:
    """The command kfp; the JSON that it prints, or None."""
    program = "from kfp.cli.__main__ import main; main()"

    def run(*arguments: str, answer: str = "") -> Any:
        environment = {key: value for key, value in os.environ.items() if key.lower() != "http_proxy"}
        done = subprocess.run(
            [sys.executable, "-c", program, "--endpoint", address, "--output", "json", "recurring-run", *arguments],
            env=environment | {"HOME": str(tmp_path)},
            input=answer,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        found = re.search(r"^[\[{].*", done.stdout, re.DOTALL | re.MULTILINE)
        return None if found is None else json.loads(found[0])

    return run


def test_every_command_of_kfp(command: Callable[..., Any], package: str) -> None:
    options = ["--experiment-name", "churn", "--job-name", "nightly", "--pipeline-package-path", package]
    made = command("create", *options, "--cron-expression", "0 0 9 * * *", "--max-concurrency", "3", "who=you")
    recurring = made["recurring_run_id"]
    assert (made["max_concurrency"], made["no_catchup"], made["runtime_config"]["parameters"]) == (
        "3",
        True,
        {"who": "you"},
    )
    assert [item["recurring_run_id"] for item in command("list")] == [recurring]
    assert command("get", recurring)["display_name"] == "nightly"
    assert command("disable", recurring)["status"] == "DISABLED"
    assert command("enable", recurring)["status"] == "ENABLED"
    assert command("enable", recurring)["mode"] == "ENABLE"
    command("delete", recurring, answer="y\n")
    assert command("list") == []
