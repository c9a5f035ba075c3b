"""A collector of traces on loopback, which speaks OTLP over HTTP as the real ones do."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True, slots=True)
class ReceivedSpan:
    """A span as it came."""

    name: str
    trace: str
    id: str
    parent: str
    begin: int
    end: int
    status: int
    kind: int
    attributes: dict[str, Any]
    events: tuple[str, ...]
    service: str

    @property
    def node(self) -> str:
        return str(self.attributes.get("pinnace.task.node", "."))


class OtlpReceiver(ThreadingHTTPServer):
    """Keeps all spans, in ``spans``. ``silent`` makes it take requests and never answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.spans: list[ReceivedSpan] = []
        self.headers: list[dict[str, str]] = []
        self.silent = False
        self.closing = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def of(self, run: str) -> list[ReceivedSpan]:
        """The spans of a run, in the order in which they ended."""
        return sorted((span for span in list(self.spans) if span.trace == run.replace("-", "")), key=lambda s: s.end)


@contextmanager
def receiving() -> Iterator[OtlpReceiver]:
    """A receiver for the time of the block."""
    server = OtlpReceiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: OtlpReceiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.silent:
            self.server.closing.wait(300)
            return
        assert self.path == "/v1/traces"
        assert self.headers["Content-Type"] == "application/x-protobuf"
        self.server.headers.append(dict(self.headers.items()))
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = _values(resource.resource.attributes)["service.name"]
            self.server.spans += [_read(span, service) for scope in resource.scope_spans for span in scope.spans]
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


def _read(span: Any, service: str) -> ReceivedSpan:
    return ReceivedSpan(
        name=span.name,
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        begin=span.start_time_unix_nano,
        end=span.end_time_unix_nano,
        status=span.status.code,
        kind=span.kind,
        attributes=_values(span.attributes),
        events=tuple(event.name for event in span.events),
        service=service,
    )


def _values(attributes: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}
