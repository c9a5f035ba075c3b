"""Spans of runs and their parts, sent to a collector by OTLP over HTTP.

A span is made when what it is about has ended, from the times of the history. Its ids follow from what it is about.
Spans wait in a queue of limited length; where the collector is slow or gone the oldest are dropped, and nobody waits.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType, SimpleNamespace
from typing import Any, Final

from pinnace.domain.ids import ROOT, task_uuid
from pinnace.domain.tasks import AttemptKey
from pinnace.domain.values import Instant
from pinnace.errors import SetupError
from pinnace.ports.telemetry import SpanEnded
from pinnace.telemetry.span_ids import span_id, trace_id

_LOG = logging.getLogger(__name__)
_NANOS: Final = 1000
_LAST_SECONDS: Final = 3.0
"""What a server that ends gives the collector to take the last spans."""

_RESULTS: Final = {
    "SUCCEEDED": "success",
    "FAILED": "failure",
    "CANCELED": "cancellation",
    "RETRIED": "failure",
    "LOST": "error",
    "INTERRUPTED": "error",
}
"""Outcomes in the words of OpenTelemetry's conventions for pipelines."""

_ERRORS: Final = frozenset({"FAILED", "RETRIED", "LOST"})

Exported = Callable[[str, int], None]
"""Is told what became of so many spans: ``success`` or ``failure``."""


class Traces:
    """Where spans go. Safe to use from any thread.

    Args:
        version: Of this program.
        exported: Is told what becomes of spans.

    Raises:
        SetupError: the libraries for it are not installed.
    """

    def __init__(self, version: str, exported: Exported) -> None:
        self._sdk = sdk = _sdk()
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # It would say the same for each batch.
        self._resource = sdk.Resource.create({"service.version": version})
        if str(self._resource.attributes.get("service.name", "")).startswith("unknown_service"):
            self._resource = self._resource.merge(sdk.Resource({"service.name": "pinnace"}))
        self._scope = sdk.InstrumentationScope("pinnace", version)
        self._exporter = _Watched(sdk.OTLPSpanExporter(), sdk.SpanExportResult.SUCCESS, exported)
        self._processor = sdk.BatchSpanProcessor(self._exporter)

    def add(self, ended: SpanEnded) -> None:
        """Queue the span of what has ended."""
        self._processor.on_end(self._span(ended))

    def close(self) -> None:
        """Send what is queued, within seconds."""
        # The processor would wait for as long as the collector lets it.
        ending = threading.Thread(target=self._processor.shutdown, daemon=True)
        ending.start()
        ending.join(_LAST_SECONDS)

    def _span(self, ended: SpanEnded) -> Any:
        sdk = self._sdk
        started = [] if ended.started_at is None else [sdk.Event("started", timestamp=_nanos(ended.started_at))]
        code = sdk.StatusCode.ERROR if ended.outcome in _ERRORS else sdk.StatusCode.UNSET
        if ended.outcome == "SUCCEEDED":
            code = sdk.StatusCode.OK
        text = ended.failure.message if ended.failure and code is sdk.StatusCode.ERROR else None
        return sdk.ReadableSpan(
            name=f"RUN {ended.name}" if ended.key.node == ROOT else ended.name,
            context=self._context(ended.key),
            parent=None if ended.parent is None else self._context(ended.parent),
            resource=self._resource,
            attributes=dict(_attributes(ended)),
            events=started,
            kind=sdk.SpanKind.SERVER if ended.key.node == ROOT else sdk.SpanKind.INTERNAL,
            status=sdk.Status(code, text),
            start_time=_nanos(ended.began_at),
            end_time=_nanos(ended.ended_at),
            instrumentation_scope=self._scope,
        )

    def _context(self, key: AttemptKey) -> Any:
        flags = self._sdk.TraceFlags(self._sdk.TraceFlags.SAMPLED)
        return self._sdk.SpanContext(trace_id(key.run), span_id(key), is_remote=False, trace_flags=flags)


class _Watched:
    """An exporter that says once that the collector cannot be reached, and once that it can be again."""

    def __init__(self, exporter: Any, success: Any, exported: Exported) -> None:
        self._exporter = exporter
        self._success = success
        self._exported = exported
        self._failing = False

    def export(self, spans: Sequence[Any]) -> Any:
        """Hand *spans* on."""
        result = self._exporter.export(spans)
        failed = result is not self._success
        self._exported("failure" if failed else "success", len(spans))
        if failed and not self._failing:
            _LOG.warning("The collector of traces does not take them; spans are lost until it does. Runs go on.")
        elif self._failing and not failed:
            _LOG.warning("The collector of traces takes them again.")
        self._failing = failed
        return result

    def shutdown(self) -> None:
        """Give up what is being sent."""
        self._exporter.shutdown()


def _attributes(ended: SpanEnded) -> Iterator[tuple[str, str | int | bool]]:
    run, node = ended.key.run, ended.key.node
    yield "cicd.pipeline.name", ended.pipeline
    yield "cicd.pipeline.run.id", run
    result = _RESULTS.get(ended.outcome, "error")
    if node == ROOT:
        yield "cicd.pipeline.result", result
    else:
        yield "cicd.pipeline.task.name", ended.name
        yield "cicd.pipeline.task.run.id", task_uuid(run, node)
        yield "cicd.pipeline.task.run.result", result
        yield "pinnace.task.node", node
    yield "pinnace.attempt", ended.key.attempt
    yield "pinnace.kind", "RUN" if node == ROOT else ended.kind
    yield "pinnace.outcome", ended.outcome
    yield "pinnace.cached", ended.cached
    if ended.index is not None:
        yield "pinnace.loop.index", ended.index
    if ended.failure is not None:
        yield "error.type", ended.failure.code
        if ended.failure.exit_code is not None:
            yield "process.exit.code", ended.failure.exit_code


def _nanos(at: Instant) -> int:
    return at * _NANOS


def _sdk() -> ModuleType | SimpleNamespace:
    """What is used of OpenTelemetry, which is imported by servers only that export traces."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import Event, ReadableSpan
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
        from opentelemetry.sdk.util.instrumentation import InstrumentationScope
        from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags
    except ImportError:
        raise SetupError(
            "OTEL_EXPORTER_OTLP_ENDPOINT asks for traces, and what exports them is not installed. "
            "Run `pip install 'pinnace[otel]'`, or set OTEL_SDK_DISABLED=true."
        ) from None
    return SimpleNamespace(
        BatchSpanProcessor=BatchSpanProcessor,
        Event=Event,
        InstrumentationScope=InstrumentationScope,
        OTLPSpanExporter=OTLPSpanExporter,
        ReadableSpan=ReadableSpan,
        Resource=Resource,
        SpanContext=SpanContext,
        SpanExportResult=SpanExportResult,
        SpanKind=SpanKind,
        Status=Status,
        StatusCode=StatusCode,
        TraceFlags=TraceFlags,
    )
