"""Under which address a server answers, and from which it downloads, as the command line sets it."""

import json
from pathlib import Path
from urllib.parse import urlsplit

from kfp import Client, compiler, dsl
from tests.api.odd_host import odd_host

from pinnace.cli.server_file import require_server
from pinnace.domain.values import JsonObject
from pinnace.testing.command import PinnaceCommand


@dsl.container_component  # type: ignore[untyped-decorator]
def greet() -> dsl.ContainerSpec:
    return dsl.ContainerSpec(image="alpine", command=["echo", "hello"])


def test_a_server_under_a_path_runs_a_pipeline_from_an_allowed_url(pinnace: PinnaceCommand, tmp_path: Path) -> None:
    compiler.Compiler().compile(greet, str(tmp_path / "greet.yaml"))
    with odd_host({"greet.yaml": (tmp_path / "greet.yaml").read_bytes()}) as host:
        pinnace.start("--base-path", "/tools/pinnace", "--allowed-url-host", host.name)
        record = require_server(pinnace.data)
        assert urlsplit(record.address).path == "/tools/pinnace"
        assert json.loads(pinnace("status", "--json").stdout)["address"] == record.address

        version: JsonObject = {"package_url": {"pipeline_url": host.url("greet.yaml")}}
        body: JsonObject = {"pipeline": {"name": "greeter"}, "pipeline_version": version}
        made = record.client().post("/apis/v2beta1/pipelines/create", body)
    client = Client(host=record.address)
    (first,) = client.list_pipeline_versions(made["pipeline_id"]).pipeline_versions
    run = client.run_pipeline(
        client.create_experiment("e").experiment_id,
        "from a URL",
        pipeline_id=made["pipeline_id"],
        version_id=first.pipeline_version_id,
    )
    assert client.wait_for_run_completion(run.run_id, timeout=120, sleep_duration=1).state == "SUCCEEDED"
    assert "hello" in pinnace("logs", run.run_id, "greet").stdout


def test_settings_that_cannot_be_are_told(pinnace: PinnaceCommand) -> None:
    for option, value in (("--base-path", "pinnace"), ("--allowed-url-host", "https://github.com")):
        refused = pinnace("up", "--port", "0", option, value)
        assert refused.returncode != 0
        assert f"{option}: " in refused.stderr
