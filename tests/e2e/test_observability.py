"""Metrics, traces and the log of real servers with real runs."""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import kfp
import pytest
from kfp import compiler, dsl
from tests.e2e.metrics_page import metrics
from tests.e2e.otlp_receiver import OtlpReceiver, ReceivedSpan, receiving

from pinnace.cli.server_file import FILE_NAME, ServerRecord, require_server
from pinnace.testing.command import PinnaceCommand, clean_environment

WAIT_SECONDS: Final = 120.0
TOKEN: Final = "open-sesame"
OK, ERROR = 1, 2


@dsl.container_component  # type: ignore[untyped-decorator]
def tell(out: dsl.OutputPath(str)):  # type: ignore[no-untyped-def, valid-type]  # noqa: ANN201
    return dsl.ContainerSpec(
        image="alpine", command=["sh", "-c", 'mkdir -p "$(dirname "$0")"; printf "$TRACEPARENT" > "$0"', out]
    )


@dsl.container_component  # type: ignore[untyped-decorator]
def say(text: str):  # type: ignore[no-untyped-def]  # noqa: ANN201
    return dsl.ContainerSpec(image="alpine", command=["echo", text])


@dsl.container_component  # type: ignore[untyped-decorator]
def needs(path: str):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """Ends with 3 until there is a file PATH.ok; before, waits for PATH.go."""
    script = 'touch "$0.here"; while [ ! -e "$0.go" ]; do sleep 0.05; done; [ -e "$0.ok" ] || exit 3'
    return dsl.ContainerSpec(image="alpine", command=["sh", "-c", script, path])


@dsl.pipeline(name="seen")  # type: ignore[untyped-decorator]
def seen() -> None:
    told = tell()
    with dsl.ParallelFor(["a", "b"]) as item:
        say(text=item).after(told)


@dsl.pipeline(name="needy")  # type: ignore[untyped-decorator]
def needy(path: str) -> None:
    first = say(text="first").set_caching_options(False)
    needs(path=path).after(first).set_caching_options(False)


@pytest.fixture
def receiver() -> Iterator[OtlpReceiver]:
    with receiving() as server:
        yield server


@pytest.fixture
def pinnace(tmp_path: Path, receiver: OtlpReceiver) -> Iterator[PinnaceCommand]:
    """The command, whose servers export traces to the receiver within moments."""
    environment = {
        **clean_environment(),
        "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.address,
        "OTEL_EXPORTER_OTLP_HEADERS": "api-key=c0llector",
        "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "1",
        "OTEL_BSP_SCHEDULE_DELAY": "50",
    }
    command = PinnaceCommand(tmp_path / "data", environment=environment)
    yield command
    command.stop()


def until(reached: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not reached():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def submit(server: ServerRecord, pipeline: Any, folder: Path, **arguments: str) -> str:
    package = str(folder / "package.yaml")
    compiler.Compiler().compile(pipeline, package)
    client = kfp.Client(host=server.address, existing_token=server.token or None)
    return str(client.create_run_from_pipeline_package(package, arguments=arguments).run_id)


def ended(server: ServerRecord, run: str) -> str:
    client = kfp.Client(host=server.address, existing_token=server.token or None)
    return str(client.wait_for_run_completion(run, timeout=WAIT_SECONDS, sleep_duration=0.2).state)


def log_of(pinnace: PinnaceCommand) -> str:
    return pinnace.data.with_name(f"{pinnace.data.name}.log").read_text()


def test_a_run_is_seen_in_metrics_traces_and_the_log(
    pinnace: PinnaceCommand, receiver: OtlpReceiver, tmp_path: Path
) -> None:
    pinnace.start("--token", TOKEN, "--log-format", "json")
    server = require_server(pinnace.data)
    runs = []
    for _ in range(2):
        runs.append(submit(server, seen, tmp_path))
        assert ended(server, runs[-1]) == "SUCCEEDED"
    until(lambda: all(len(receiver.of(run)) == 7 for run in runs), "not all spans came")
    check_tree(receiver.of(runs[0]))
    leaves = [span for span in receiver.of(runs[1]) if span.attributes["pinnace.kind"] == "CONTAINER"]
    assert [span.attributes["pinnace.cached"] for span in leaves] == [True] * 3
    check_traceparent(server, receiver.of(runs[0]), runs[0])
    value = metrics(server)
    assert value("pinnace_runs", state="SUCCEEDED") == value("pinnace_runs_finished_total", state="SUCCEEDED") == 2
    assert value("pinnace_tasks_finished_total", outcome="SUCCEEDED") == 3
    assert value("pinnace_tasks_finished_total", outcome="CACHED") == 3
    assert (
        value("pinnace_cache_lookups_total", result="hit") == value("pinnace_cache_lookups_total", result="miss") == 3
    )
    assert value("pinnace_task_duration_seconds_count") == value("pinnace_task_queue_seconds_count") == 3
    assert value("pinnace_http_requests_total", method="POST", route="/apis/v2beta1/runs", status="200") == 2
    assert value("pinnace_commit_duration_seconds_count") >= 2
    assert value("pinnace_spans_exported_total", result="success") == 14
    assert value("process_resident_memory_bytes") > 0
    pinnace.stop()
    check_log(log_of(pinnace))
    assert receiver.headers[0]["api-key"] == "c0llector"
    assert len(receiver.spans) == 14, "somebody else exports spans"


def check_tree(spans: list[ReceivedSpan]) -> None:
    by_id = {span.id: span for span in spans}
    around = {span.node: by_id[span.parent].node for span in spans if span.parent}
    assert around == {
        "tell": ".",
        "for-loop-2": ".",
        "for-loop-2[0]": "for-loop-2",
        "for-loop-2[1]": "for-loop-2",
        "for-loop-2[0]/say": "for-loop-2[0]",
        "for-loop-2[1]/say": "for-loop-2[1]",
    }
    assert {span.status for span in spans} == {OK}
    assert {span.service for span in spans} == {"pinnace"}
    assert all(
        by_id[span.parent].begin <= span.begin <= span.end <= by_id[span.parent].end for span in spans if span.parent
    )
    assert {span.name for span in spans if not span.parent} == {"RUN seen"}
    assert all("started" in span.events for span in spans if span.attributes["pinnace.kind"] == "CONTAINER")


def check_traceparent(server: ServerRecord, spans: list[ReceivedSpan], run: str) -> None:
    answer = server.client().get(f"/apis/pinnace/v1/runs/{run}/tasks")
    (task,) = [task for task in answer["tasks"] if task["node"] == "tell"]  # type: ignore[union-attr, index, call-overload]
    (span,) = [span for span in spans if span.node == "tell"]
    assert task["outputs"]["parameters"]["out"] == f"00-{span.trace}-{span.id}-01"  # type: ignore[index, call-overload]


def check_log(text: str) -> None:
    assert TOKEN not in text
    assert "c0llector" not in text
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    asked = Counter((line["method"], line["status"]) for line in lines if line["logger"] == "pinnace.access")
    assert asked["POST", 200] == 2
    assert all({"time", "level", "message", "request_id", "path", "duration_ms"} <= line.keys() for line in lines)


def test_neither_a_restart_nor_a_retry_doubles_a_span(
    pinnace: PinnaceCommand, receiver: OtlpReceiver, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    pinnace.start()
    server = require_server(pinnace.data)
    run = submit(server, needy, tmp_path, path=str(mark))
    until(lambda: mark.with_suffix(".here").exists(), "the second task did not begin")
    until(lambda: [span.node for span in receiver.of(run)] == ["say"], "no span of the first task")
    os.kill(server.pid, signal.SIGKILL)
    until(lambda: not server.is_alive(), "the server lives on")
    (pinnace.data / FILE_NAME).unlink()
    pinnace.start()
    server = require_server(pinnace.data)
    mark.with_suffix(".go").touch()
    assert ended(server, run) == "FAILED"
    until(lambda: len(receiver.of(run)) == 3, "no span of the run")
    failed = next(span for span in receiver.of(run) if span.node == "needs")
    assert failed.status == ERROR
    assert failed.attributes["process.exit.code"] == 3
    assert failed.attributes["error.type"] == "ExitCode"
    assert failed.attributes["cicd.pipeline.task.run.result"] == "failure"
    mark.with_suffix(".ok").touch()
    server.client().post(f"/apis/v2beta1/runs/{run}:retry")
    assert ended(server, run) == "SUCCEEDED"
    until(lambda: len(receiver.of(run)) == 5, "no spans of the retry")
    pinnace.stop()
    spans = receiver.of(run)
    assert len({span.id for span in spans}) == len(spans) == 5
    assert sorted((span.node, span.attributes["pinnace.attempt"]) for span in spans) == [
        (".", 1),
        (".", 2),
        ("needs", 1),
        ("needs", 2),
        ("say", 1),
    ]
    roots = {span.attributes["pinnace.attempt"]: span.id for span in spans if span.node == "."}
    assert {span.attributes["pinnace.attempt"]: span.parent for span in spans if span.node == "needs"} == roots


def test_a_collector_that_is_gone_stops_nothing(
    pinnace: PinnaceCommand, receiver: OtlpReceiver, tmp_path: Path
) -> None:
    receiver.silent = True
    pinnace.start()
    server = require_server(pinnace.data)
    for _ in range(2):
        assert ended(server, submit(server, seen, tmp_path)) == "SUCCEEDED"
        lost = metrics(server)("pinnace_spans_exported_total", result="failure")
        until(lambda: metrics(server)("pinnace_spans_exported_total", result="failure") > lost, "no export failed")  # noqa: B023
    pinnace.stop()
    assert not server.is_alive()
    assert log_of(pinnace).count("The collector of traces does not take them") == 1
    assert "Traceback" not in log_of(pinnace)


def test_traces_that_cannot_be_exported_are_refused_at_the_start(pinnace: PinnaceCommand, tmp_path: Path) -> None:
    hidden = tmp_path / "hidden" / "opentelemetry" / "exporter"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ImportError('not installed')\n")
    paths = os.pathsep.join(filter(None, [str(tmp_path / "hidden"), pinnace.environment.get("PYTHONPATH")]))
    without = replace(pinnace, environment={**pinnace.environment, "PYTHONPATH": paths})
    refused = without("up", "--port", "0")
    assert refused.returncode == 1
    assert "pip install 'pinnace[otel]'" in refused.stderr
    assert "OTEL_SDK_DISABLED=true" in refused.stderr
    disabled = replace(without, environment={**without.environment, "OTEL_SDK_DISABLED": "true"})
    disabled.start()
    disabled.stop()
