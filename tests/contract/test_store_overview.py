"""What lists show of runs beside their own rows."""

from dataclasses import replace

from pinnace.domain.artifacts import ArtifactType
from pinnace.domain.changes import EXPERIMENT, PIPELINE, PIPELINE_VERSION, RECURRING_RUN
from pinnace.domain.ids import RunId
from pinnace.ports.store import LogAppend, Store
from pinnace.testing.records import a_pipeline, a_run, a_task, a_version, an_artifact, an_experiment, some_events


def test_names_by_kind(store: Store) -> None:
    with store.write() as unit:
        unit.experiments.add(an_experiment("e"))
        unit.pipelines.add(a_pipeline("p"))
        unit.versions.add(a_version("p", "v"))
    with store.read() as unit:
        assert unit.overview.names(EXPERIMENT, ["e", "gone"]) == {"e": "e"}
        assert unit.overview.names(PIPELINE, {"p"}) == {"p": "p"}
        version = a_version("p", "v")
        assert unit.overview.names(PIPELINE_VERSION, {version.id, "p"}) == {version.id: "v"}
        assert unit.overview.names(RECURRING_RUN, []) == {}


def test_metrics_are_the_numbers_of_what_the_tasks_of_a_run_gave_out(store: Store) -> None:
    kind = ArtifactType("system.Metrics")
    early = replace(an_artifact("early"), type=kind, metadata={"loss": 2, "note": "text", "flag": True})
    late = replace(an_artifact("late"), type=kind, metadata={"loss": 1.5, "accuracy": 0.9})
    other = replace(an_artifact("other"), metadata={"rows": 3})
    one, two = RunId("one"), RunId("two")
    with store.write() as unit:
        for run in (one, two):
            unit.runs.add(a_run(run))
        first, second = some_events(1, 2)
        unit.log.append(
            LogAppend(one, 0, [first], tasks=[a_task(one, "a", outputs={"m": ("early",)})], artifacts=[early])
        )
        tasks = [a_task(one, "b", outputs={"m": ("late",), "d": ("other",)})]
        unit.log.append(LogAppend(one, 1, [second], tasks=tasks, artifacts=[late, other]))
        served = a_task(two, "a", inputs={"x": ("late",)}, outputs={"m": ("early",)})
        unit.log.append(LogAppend(two, 0, [first], tasks=[served]))
    with store.read() as unit:
        assert unit.overview.metrics([one, two], 10) == {
            one: {"loss": 1.5, "accuracy": 0.9},
            two: {"loss": 2},
        }
        assert unit.overview.metrics([], 10) == {}
        assert list(unit.overview.metrics([one], 1)) == [one]
