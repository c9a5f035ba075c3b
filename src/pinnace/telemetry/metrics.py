"""What the server counts and measures, for Prometheus. Labels have few values: no ids, no names that users choose."""

import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from pinnace.domain.states import AttemptOutcome, RunState
from pinnace.errors import Unavailable
from pinnace.ports.telemetry import AttemptBegan, AttemptDone, CacheAsked, Fact, RunDone, TaskDone

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_TASK_OUTCOMES: Final = ("SUCCEEDED", "CACHED", "FAILED", "SKIPPED", "CANCELED")
_REQUEST_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_COMMIT_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
_LAG_SECONDS: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
_WAIT_SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
_WORK_SECONDS: Final = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 10800.0, 43200.0)


@dataclass(frozen=True, slots=True)
class Load:
    """Attempts in the executor's hands."""

    running: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Sources:
    """What is asked when the page is asked for.

    Attributes:
        runs: How many runs are in each state. Blocks, and raises Unavailable where the database does not answer.
        load: The attempts that run and that wait.
    """

    runs: Callable[[], Mapping[RunState, int]]
    load: Callable[[], Load]


class Metrics:
    """Counters and histograms of this server, in a registry of their own. Safe to use from any thread."""

    def __init__(self, version: str) -> None:
        self._registry = registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=registry)
        build = Gauge("pinnace_build_info", "Always 1.", ["version", "python"], registry=registry)
        build.labels(version, platform.python_version()).set(1)
        self._count_work(registry)
        self._count_service(registry)

    def _count_work(self, registry: CollectorRegistry) -> None:
        self._runs = Counter("pinnace_runs_finished", "Runs that ended.", ["state"], registry=registry)
        self._run_seconds = _histogram(
            registry, "pinnace_run_duration", "From submission or retry of a run to its end.", _WORK_SECONDS, ["state"]
        )
        self._tasks = Counter("pinnace_tasks_finished", "Tasks that ended for good.", ["outcome"], registry=registry)
        self._attempts = Counter("pinnace_attempts_finished", "Attempts of tasks.", ["outcome"], registry=registry)
        self._task_seconds = _histogram(
            registry, "pinnace_task_duration", "From the begin of a task's command to its end.", _WORK_SECONDS
        )
        self._queue_seconds = _histogram(
            registry, "pinnace_task_queue", "What attempts waited before their command began.", _WAIT_SECONDS
        )
        self._cache = Counter("pinnace_cache_lookups", "Questions to the cache.", ["result"], registry=registry)
        self._build_seconds = _histogram(
            registry, "pinnace_environment_build", "Builds of Python environments.", _WORK_SECONDS, ["result"]
        )
        self._firings = Counter(
            "pinnace_recurring_run_firings", "How often recurring runs acted.", ["result"], registry=registry
        )
        self._late_seconds = _histogram(
            registry, "pinnace_recurring_run_lateness", "How late they acted.", _WAIT_SECONDS
        )
        for state in RunState:
            if state.is_terminal:
                self._runs.labels(state.value)
        for outcome in _TASK_OUTCOMES:
            self._tasks.labels(outcome)
        for ended in AttemptOutcome:
            self._attempts.labels(ended.value)
        for result in ("hit", "miss"):
            self._cache.labels(result)

    def _count_service(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "pinnace_http_requests", "Requests that were answered.", ["method", "route", "status"], registry=registry
        )
        self._request_seconds = _histogram(
            registry, "pinnace_http_request_duration", "Requests, streams aside.", _REQUEST_SECONDS, ["method", "route"]
        )
        self._commit_seconds = _histogram(
            registry, "pinnace_commit_duration", "Commits of the histories of runs.", _COMMIT_SECONDS
        )
        self._commit_entries = Counter("pinnace_commit_entries", "Entries of runs in these commits.", registry=registry)
        self._lag_seconds = _histogram(
            registry, "pinnace_event_loop_lag", "How late the event loop came to what was due.", _LAG_SECONDS
        )
        self._spans = Counter("pinnace_spans_exported", "Spans by what became of them.", ["result"], registry=registry)

    def watch(self, sources: Sources) -> None:
        """Show what *sources* say whenever the page is asked for."""
        self._registry.register(_Current(sources))

    def happened(self, facts: Sequence[Fact]) -> None:
        """See ``ports.telemetry``."""
        for fact in facts:
            match fact:
                case AttemptBegan(waited):
                    self._queue_seconds.observe(waited)
                case AttemptDone(outcome, seconds):
                    self._attempts.labels(outcome).inc()
                    if seconds is not None:
                        self._task_seconds.observe(seconds)
                case TaskDone(outcome):
                    self._tasks.labels(outcome).inc()
                case CacheAsked(hit):
                    self._cache.labels("hit" if hit else "miss").inc()
                case RunDone(state, seconds):
                    self._runs.labels(state.value).inc()
                    self._run_seconds.labels(state.value).observe(seconds)

    def committed(self, entries: int, seconds: float) -> None:
        """See ``ports.telemetry``."""
        self._commit_entries.inc(entries)
        self._commit_seconds.observe(seconds)

    def answered(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """See ``ports.telemetry``."""
        labels = (method if method in _METHODS else "other", route or "none")
        self._requests.labels(*labels, str(status)).inc()
        if seconds is not None:
            self._request_seconds.labels(*labels).observe(seconds)

    def fired(self, *, made_run: bool, late: float) -> None:
        """See ``ports.telemetry``."""
        self._firings.labels("run" if made_run else "error").inc()
        self._late_seconds.observe(late)

    def built(self, *, succeeded: bool, seconds: float) -> None:
        """See ``ports.telemetry``."""
        self._build_seconds.labels("success" if succeeded else "failure").observe(seconds)

    def lagged(self, seconds: float) -> None:
        """The event loop came so late to what was due."""
        self._lag_seconds.observe(seconds)

    def exported(self, result: str, spans: int) -> None:
        """So many spans were handed on, or are lost."""
        self._spans.labels(result).inc(spans)

    def render(self, accept: str) -> tuple[bytes, str]:
        """See ``ports.telemetry.MetricsPage``."""
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type


class _Current(Collector):
    """What is the case when it is asked for."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def describe(self) -> Iterator[GaugeMetricFamily]:
        yield from _current({}, Load(0, 0))

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            runs = self._sources.runs()
        except Unavailable:
            runs = None  # The other metrics are wanted then more than ever.
        yield from _current(runs, self._sources.load())


def _current(runs: Mapping[RunState, int] | None, load: Load) -> Iterator[GaugeMetricFamily]:
    yield GaugeMetricFamily("pinnace_database_up", "Whether the database can be read.", int(runs is not None))
    if runs is not None:
        by_state = GaugeMetricFamily("pinnace_runs", "Runs that the database holds.", labels=["state"])
        for state in RunState:
            by_state.add_metric([state.value], runs.get(state, 0))
        yield by_state
    yield GaugeMetricFamily("pinnace_tasks_running", "Attempts that run.", load.running)
    yield GaugeMetricFamily("pinnace_tasks_waiting", "Attempts that the executor has yet to begin.", load.waiting)


def _histogram(
    registry: CollectorRegistry, name: str, text: str, buckets: Sequence[float], labels: Sequence[str] = ()
) -> Histogram:
    return Histogram(f"{name}_seconds", text, labels, buckets=buckets, registry=registry)
