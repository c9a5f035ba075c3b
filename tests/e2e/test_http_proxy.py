"""A server that is started where a corporate proxy is set: loopback is asked directly, everything else by the proxy."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import kfp
from kfp import compiler, dsl
from tests.e2e.forward_proxy import forwarding
from tests.e2e.metrics_page import metrics
from tests.e2e.otlp_receiver import receiving

from pinnace.cli.server_file import ServerRecord, require_server
from pinnace.testing.command import PinnaceCommand, clean_environment
from pinnace.testing.wheels import write_wheel

WAIT_SECONDS: Final = 120.0
PROXIES: Final = ("http_proxy", "https_proxy", "all_proxy")
NOBODY: Final = "http://127.0.0.1:9"
"""Nothing listens there, so that whatever is sent to the proxy fails."""


ASK: Final = """
import sys, urllib.request
import requests
from kfp import Client

address, output = sys.argv[1:]
for host in (address, address.replace("127.0.0.1", "localhost")):
    urllib.request.urlopen(f"{host}/apis/v2beta1/healthz").read()
    requests.get(f"{host}/apis/v2beta1/healthz", timeout=30).raise_for_status()
    found = Client(host=host).list_runs().total_size
with open(output, "w") as file:
    file.write(str(found))
"""


@dsl.container_component  # type: ignore[untyped-decorator]
def ask_the_server(address: str, found: dsl.OutputPath(int)):  # type: ignore[no-untyped-def, valid-type]  # noqa: ANN201
    """A command of its own: the SDK keeps its client from being imported in a lightweight component."""
    return dsl.ContainerSpec(
        image="python:3.12",
        command=["sh", "-c", 'mkdir -p "$(dirname "$2")"; python3 -c "$0" "$@"', ASK, address, found],
    )


@dsl.component(  # type: ignore[untyped-decorator]
    base_image="python:3.12-slim",
    packages_to_install=["pinnace_behind_a_proxy"],
    pip_index_urls=["http://index.example/simple"],
)
def use_a_package() -> str:
    import pinnace_behind_a_proxy  # type: ignore[import-not-found]

    return str(pinnace_behind_a_proxy.VERSION)


@dsl.pipeline(name="asks")  # type: ignore[untyped-decorator]
def asks(address: str) -> None:
    ask_the_server(address=address).set_caching_options(False)


@contextmanager
def served(folder: Path, proxy: str, *options: str, **more: str) -> Iterator[PinnaceCommand]:
    """A server that is to use *proxy* for everything, as far as its environment says."""
    inherited = {name: value for name, value in clean_environment().items() if not name.lower().endswith("_proxy")}
    proxies = {spelling: proxy for name in PROXIES for spelling in (name, name.upper())}
    command = PinnaceCommand(folder / "data", environment={**inherited, **proxies, **more})
    command.start(*options)
    try:
        yield command
    finally:
        command.stop()


def until(reached: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not reached():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def package(pipeline: Any, folder: Path) -> str:
    path = str(folder / f"{pipeline.name}.yaml")
    compiler.Compiler().compile(pipeline, path)
    return path


def stored(client: kfp.Client, pipeline: str) -> dict[str, str]:
    """The pipeline's only version, as the client wants it named."""
    (version,) = client.list_pipeline_versions(pipeline).pipeline_versions
    return {"pipeline_id": pipeline, "version_id": version.pipeline_version_id}


def outputs(server: ServerRecord, run: str, node: str) -> Any:
    tasks: Any = server.client().get(f"/apis/pinnace/v1/runs/{run}/tasks")["tasks"]
    return next(task["outputs"]["parameters"] for task in tasks if task["node"] == node)


def test_loopback_works_where_the_proxy_is_dead(tmp_path: Path) -> None:
    with (
        receiving() as collector,
        served(
            tmp_path, NOBODY, OTEL_EXPORTER_OTLP_ENDPOINT=collector.address, OTEL_BSP_SCHEDULE_DELAY="50"
        ) as pinnace,
    ):
        server = require_server(pinnace.data)
        client = kfp.Client(host=server.address)
        path = package(asks, tmp_path)
        uploaded = client.upload_pipeline(path, "asks")
        experiment = client.create_experiment("e").experiment_id
        source = stored(client, uploaded.pipeline_id)
        given = {"address": server.address}
        run = client.run_pipeline(experiment, "by id", params=given, **source).run_id
        ended = client.wait_for_run_completion(run, timeout=WAIT_SECONDS, sleep_duration=0.2)
        assert ended.state == "SUCCEEDED", pinnace("logs", run).stdout
        assert outputs(server, run, "ask-the-server") == {"found": 1}
        until(lambda: len(collector.of(run)) == 2, "the collector got no spans")
        recurring = client.create_recurring_run(
            experiment, "often", interval_second=1, max_concurrency=1, params=given, **source
        )
        until(lambda: "often-1" in pinnace("runs").stdout, "the recurring run made no run")
        client.disable_recurring_run(recurring.recurring_run_id)
        assert metrics(server)("pinnace_recurring_run_firings_total", result="run") >= 1


def test_downloads_and_packages_go_through_the_proxy(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, "pinnace_behind_a_proxy", "1.2.3")
    pipeline = Path(package(use_a_package, tmp_path)).read_bytes()
    index = "http://index.example/simple/pinnace-behind-a-proxy/"
    pages = {
        "http://git.example/pipeline.yaml": pipeline,
        index: f'<a href="{wheel.name}">{wheel.name}</a>'.encode(),
        f"{index}{wheel.name}": wheel.read_bytes(),
    }
    with (
        forwarding(pages) as proxy,
        served(tmp_path, proxy.address, "--allowed-url-host", "git.example") as pinnace,
    ):
        server = require_server(pinnace.data)
        body: Any = {"pipeline": {"display_name": "by url"}}
        body["pipeline_version"] = {"package_url": {"pipeline_url": "http://git.example/pipeline.yaml"}}
        made: Any = server.client().post("/apis/v2beta1/pipelines/create", body)
        client = kfp.Client(host=server.address)
        experiment = client.create_experiment("e").experiment_id
        run = client.run_pipeline(experiment, "packages", **stored(client, made["pipeline_id"])).run_id
        ended = client.wait_for_run_completion(run, timeout=WAIT_SECONDS, sleep_duration=0.2)
        assert ended.state == "SUCCEEDED", (pinnace("logs", run).stdout, proxy.asked)
        assert outputs(server, run, "use-a-package") == {"Output": "1.2.3"}
        assert metrics(server)("pinnace_environment_build_seconds_count", result="success") == 1
        asked = {re.sub(r"^(GET|HEAD) ", "", line) for line in proxy.asked}
        assert set(pages) <= asked
        assert not [target for target in asked if "127.0.0.1" in target or "localhost" in target]
