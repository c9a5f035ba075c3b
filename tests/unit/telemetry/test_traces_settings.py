"""Whether traces are wanted, and by what ids spans are known."""

import uuid

import pytest

from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.tasks import AttemptKey
from pinnace.errors import SetupError
from pinnace.telemetry.otlp_settings import secrets_of, wants_traces
from pinnace.telemetry.span_ids import span_id, trace_id, traceparent

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": " "}, False),
        (ENDPOINT, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}, True),
        ({**ENDPOINT, "OTEL_SDK_DISABLED": "TRUE"}, False),
        ({**ENDPOINT, "OTEL_TRACES_EXPORTER": "none"}, False),
        ({**ENDPOINT, "OTEL_TRACES_EXPORTER": "console, otlp"}, True),
        ({**ENDPOINT, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_SDK_DISABLED": "true"}, False),
        (
            {
                **ENDPOINT,
                "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
                "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
            },
            True,
        ),
    ],
)
def test_the_standard_variables_decide(environ: dict[str, str], *, wanted: bool) -> None:
    assert wants_traces(environ) is wanted


def test_a_protocol_that_is_not_spoken_is_refused() -> None:
    with pytest.raises(SetupError, match="OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf"):
        wants_traces({**ENDPOINT, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"})


def test_headers_to_the_collector_are_secrets() -> None:
    assert secrets_of({"OTEL_EXPORTER_OTLP_HEADERS": "api-key=s3cret, x = y=z"}) == ["s3cret", "y=z"]


def test_the_trace_of_a_run_is_its_id() -> None:
    run = RunId(str(uuid.uuid4()))
    key = AttemptKey(run, NodeId("train"), 1)
    version, trace, span, flags = traceparent(key).split("-")
    assert (version, flags) == ("00", "01")
    assert trace == run.replace("-", "")
    assert int(span, 16) == span_id(key) != 0


def test_ids_tell_attempts_nodes_and_runs_apart() -> None:
    keys = [AttemptKey(RunId(run), NodeId(node), number) for run in "rs" for node in "ab" for number in (1, 11)]
    assert len({span_id(key) for key in keys}) == len(keys)
    assert trace_id(RunId("no uuid")) != trace_id(RunId("another"))
    assert span_id(keys[0]) == span_id(AttemptKey(RunId("r"), NodeId("a"), 1))
