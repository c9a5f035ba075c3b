"""The unmodified clients of the SDK against a real server."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kfp
import kfp_server_api
import pytest
from kfp.kubeflow_client import KubernetesBackendConfig, PipelinesClient
from tests.api.conftest import SPEC, World, served

from pinnace.api.peers import system_peers
from pinnace.api.security import Policy


@pytest.fixture
def address(world: World) -> Iterator[str]:
    with served(world.app(Policy(peers=system_peers()))) as address:
        yield address


@pytest.fixture
def sdk(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("KF_PIPELINES_ENDPOINT", "KF_PIPELINES_DEFAULT_EXPERIMENT_NAME", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return kfp.Client(host=address)


@pytest.fixture
def package(tmp_path: Path) -> str:
    path = tmp_path / "greet.yaml"
    path.write_text(json.dumps(SPEC))
    return str(path)


def test_experiments_of_the_sdk_are_get_or_create(sdk: Any) -> None:
    made = sdk.create_experiment("churn", description="words")
    assert sdk.create_experiment("churn").experiment_id == made.experiment_id
    assert sdk.get_experiment(experiment_name="churn").description == "words"
    listed = sdk.list_experiments(sort_by="created_at desc")
    assert [item.display_name for item in listed.experiments] == ["churn", "Default"]
    sdk.archive_experiment(made.experiment_id)
    assert sdk.get_experiment(experiment_id=made.experiment_id).storage_state == "ARCHIVED"
    sdk.unarchive_experiment(made.experiment_id)
    sdk.delete_experiment(made.experiment_id)
    with pytest.raises(kfp_server_api.ApiException) as refused:
        sdk.get_experiment(experiment_id=made.experiment_id)
    assert refused.value.status == 404


def test_upload_then_run_a_version(sdk: Any, package: str) -> None:
    pipeline = sdk.upload_pipeline(package, pipeline_name="greeter", description="says hello")
    assert sdk.get_pipeline_id("greeter") == pipeline.pipeline_id
    sdk.upload_pipeline_version(package, "second", pipeline_id=pipeline.pipeline_id)
    versions = sdk.list_pipeline_versions(pipeline.pipeline_id, sort_by="created_at desc").pipeline_versions
    assert [item.display_name for item in versions] == ["second", "greeter"]
    assert versions[0].pipeline_spec == SPEC

    experiment = sdk.create_experiment("churn")
    run = sdk.run_pipeline(
        experiment.experiment_id,
        "from a version",
        pipeline_id=pipeline.pipeline_id,
        version_id=versions[0].pipeline_version_id,
        params={"who": "you"},
    )
    found = sdk.get_run(run.run_id)
    assert found.pipeline_version_reference.pipeline_version_id == versions[0].pipeline_version_id
    assert found.pipeline_spec is None
    assert found.state == "PENDING"

    for version in versions:
        sdk.delete_pipeline_version(pipeline.pipeline_id, version.pipeline_version_id)
    sdk.delete_pipeline(pipeline.pipeline_id)
    assert sdk.get_run(run.run_id).display_name == "from a version"


def test_a_run_from_a_file_through_its_life(world: World, sdk: Any, package: str) -> None:
    started = sdk.create_run_from_pipeline_package(package, arguments={"who": "you"}, run_name="first")
    run_id = started.run_id
    found = sdk.get_run(run_id)
    assert found.pipeline_spec["pipelineInfo"] == {"name": "greet"}
    assert found.runtime_config.parameters == {"who": "you"}
    assert [item.state for item in found.state_history] == ["PENDING"]
    assert sdk.get_experiment(experiment_id=found.experiment_id).display_name == "Default"
    assert [item.run_id for item in sdk.list_runs(experiment_id=found.experiment_id).runs] == [run_id]
    sdk.archive_run(run_id)
    assert sdk.get_run(run_id).storage_state == "ARCHIVED"
    sdk.unarchive_run(run_id)
    sdk.terminate_run(run_id)
    sdk.delete_run(run_id)
    assert sdk.list_runs().runs is None
    verbs = [verb for verb, _ in world.control.calls]
    assert verbs == ["wake", "terminate by a client of the KFP API", "forget", "clear"]


def test_wrong_arguments_reach_the_sdk_as_400(sdk: Any, package: str) -> None:
    with pytest.raises(kfp_server_api.ApiException) as refused:
        sdk.create_run_from_pipeline_package(package, arguments={"times": "seven", "surplus": 1})
    assert refused.value.status == 400
    body = json.loads(refused.value.body)
    assert body["code"] == 3
    for word in ("who", "times", "surplus"):
        assert word in body["message"]


def test_the_token_of_the_sdk(world: World) -> None:
    with served(world.app(Policy(token="open sesame"))) as address:
        assert kfp.Client(host=address, existing_token="open sesame").list_experiments().total_size == 1
        with pytest.raises(kfp_server_api.ApiException) as refused:
            kfp.Client(host=address, existing_token="let me in", namespace="any").list_experiments()
        assert refused.value.status == 401


def test_pipelines_client(address: str, package: str) -> None:
    client = PipelinesClient(KubernetesBackendConfig(base_url=address, namespace="kubeflow"))
    client.upload_pipeline(package, name="greeter", version="first")
    client.upload_pipeline(package, name="greeter", version="second")
    assert [item.name for item in client.list_pipelines().pipelines] == ["greeter"]
    versions = client.list_pipeline_versions("greeter").pipeline_versions
    assert {item.display_name for item in versions} == {"first", "second"}
    client.create_experiment("churn")
    run = client.run("greeter", params={"who": "you"}, experiment="churn")
    other = client.run(package, params={"who": "you"})
    assert {item.run_id for item in client.list_runs().runs} == {run.run_id, other.run_id}
    assert [item.run_id for item in client.list_runs(experiment="churn").runs] == [run.run_id]
    assert [item.run_id for item in client.list_runs(pipeline="greeter").runs] == [run.run_id]
    assert not client.list_runs(status="succeeded").runs
    assert client.get_run(run.run_id).run_id == run.run_id
    client.delete_pipeline("greeter", force=True)
    assert not client.list_pipelines().pipelines
