"""All that observes a server, as one ``ports.telemetry.Telemetry``."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

from pinnace.domain.tasks import AttemptKey
from pinnace.ports.telemetry import Fact, SpanEnded
from pinnace.telemetry.loop_lag import watched_loop
from pinnace.telemetry.metrics import Metrics
from pinnace.telemetry.otlp_settings import wants_traces
from pinnace.telemetry.span_ids import TRACEPARENT, traceparent
from pinnace.telemetry.traces import Traces


class ServerTelemetry:
    """Metrics always, traces where they are wanted."""

    is_on: Final = True

    def __init__(self, metrics: Metrics, traces: Traces | None = None) -> None:
        self.metrics = metrics
        self._traces = traces
        self.committed = metrics.committed
        self.answered = metrics.answered
        self.fired = metrics.fired
        self.built = metrics.built

    def happened(self, facts: Sequence[Fact]) -> None:
        """See the port."""
        self.metrics.happened(facts)
        if self._traces is not None:
            for fact in facts:
                if isinstance(fact, SpanEnded):
                    self._traces.add(fact)

    def variables(self, key: AttemptKey) -> Mapping[str, str]:
        """See the port."""
        return {} if self._traces is None else {TRACEPARENT: traceparent(key)}


@contextmanager
def observed(version: str, environ: Mapping[str, str], loop: asyncio.AbstractEventLoop) -> Iterator[ServerTelemetry]:
    """What observes the server for as long as the block lasts; behind it the last spans are sent.

    Raises:
        SetupError: traces are wanted and cannot be exported.
    """
    metrics = Metrics(version)
    with ExitStack() as stack:
        traces = Traces(version, metrics.exported) if wants_traces(environ) else None
        if traces is not None:
            stack.callback(traces.close)
        stack.enter_context(watched_loop(loop, metrics.lagged))
        yield ServerTelemetry(metrics, traces)
