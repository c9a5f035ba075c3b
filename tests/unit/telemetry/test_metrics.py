"""The page of metrics, read as Prometheus reads it."""

from collections.abc import Mapping

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

from pinnace.domain.states import RunState
from pinnace.errors import Unavailable
from pinnace.ports.telemetry import AttemptBegan, AttemptDone, CacheAsked, RunDone, TaskDone
from pinnace.telemetry.metrics import Load, Metrics, Sources


def page(metrics: Metrics) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    content, content_type = metrics.render("text/plain")
    assert content_type.startswith("text/plain; version=")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in prometheus(content.decode())
        for sample in family.samples
    }


def value(metrics: Metrics, name: str, **labels: str) -> float:
    return page(metrics)[name, frozenset(labels.items())]


def test_facts_are_counted_and_measured() -> None:
    metrics = Metrics("1.2.3")
    metrics.happened([AttemptBegan(2.0), AttemptDone("FAILED", 3.0), AttemptDone("LOST", None), TaskDone("FAILED")])
    metrics.happened(
        [CacheAsked(hit=True), CacheAsked(hit=False), CacheAsked(hit=False), RunDone(RunState.FAILED, 9.0)]
    )
    metrics.fired(made_run=True, late=0.5)
    metrics.built(succeeded=False, seconds=4.0)
    metrics.committed(3, 0.01)
    assert value(metrics, "pinnace_task_queue_seconds_sum") == 2.0
    assert value(metrics, "pinnace_task_duration_seconds_count") == 1
    assert value(metrics, "pinnace_attempts_finished_total", outcome="LOST") == 1
    assert value(metrics, "pinnace_tasks_finished_total", outcome="FAILED") == 1
    assert value(metrics, "pinnace_tasks_finished_total", outcome="SUCCEEDED") == 0
    assert value(metrics, "pinnace_cache_lookups_total", result="miss") == 2
    assert value(metrics, "pinnace_runs_finished_total", state="FAILED") == 1
    assert value(metrics, "pinnace_run_duration_seconds_sum", state="FAILED") == 9.0
    assert value(metrics, "pinnace_recurring_run_lateness_seconds_sum") == 0.5
    assert value(metrics, "pinnace_environment_build_seconds_count", result="failure") == 1
    assert value(metrics, "pinnace_commit_entries_total") == 3
    assert [labels for name, labels in page(metrics) if name == "pinnace_build_info" and ("version", "1.2.3") in labels]


def test_requests_have_few_labels_whatever_is_asked() -> None:
    metrics = Metrics("1")
    for number in range(50):
        metrics.answered(f"METHOD{number}", "", 404, 0.1)
    metrics.answered("GET", "/runs/{run_id}", 200, None)
    asked = [labels for name, labels in page(metrics) if name == "pinnace_http_requests_total"]
    assert len(asked) == 2
    assert value(metrics, "pinnace_http_requests_total", method="other", route="none", status="404") == 50
    assert value(metrics, "pinnace_http_request_duration_seconds_count", method="other", route="none") == 50
    measured = [labels for name, labels in page(metrics) if name == "pinnace_http_request_duration_seconds_sum"]
    assert [dict(labels)["method"] for labels in measured] == ["other"]


def test_what_is_the_case_is_asked_for_each_page() -> None:
    counts: dict[RunState, int] = {}
    metrics = Metrics("1")
    metrics.watch(Sources(lambda: counts, lambda: Load(2, 5)))
    assert value(metrics, "pinnace_runs", state="RUNNING") == 0
    counts[RunState.RUNNING] = 7
    assert value(metrics, "pinnace_runs", state="RUNNING") == 7
    assert value(metrics, "pinnace_tasks_running") == 2
    assert value(metrics, "pinnace_tasks_waiting") == 5
    assert value(metrics, "pinnace_database_up") == 1


def test_a_database_that_is_down_does_not_hide_the_rest() -> None:
    def runs() -> Mapping[RunState, int]:
        raise Unavailable("The database does not answer.")

    metrics = Metrics("1")
    metrics.watch(Sources(runs, lambda: Load(1, 0)))
    assert value(metrics, "pinnace_database_up") == 0
    assert value(metrics, "pinnace_tasks_running") == 1
    assert not [name for name, _ in page(metrics) if name == "pinnace_runs"]


def test_openmetrics_is_spoken_where_it_is_asked_for() -> None:
    metrics = Metrics("1")
    metrics.watch(Sources(dict, lambda: Load(0, 0)))
    content, content_type = metrics.render("application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text")
    names = [family.name for family in openmetrics(content.decode())]  # type: ignore[no-untyped-call]
    assert len(names) == len(set(names)) > 20
