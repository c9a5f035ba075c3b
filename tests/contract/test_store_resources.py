"""Contract of the store for experiments, pipelines and versions."""

from dataclasses import replace

import pytest

from pinnace.domain.ids import ExperimentId, PipelineId, PipelineVersionId, RunId
from pinnace.domain.states import StorageState
from pinnace.domain.values import Instant
from pinnace.errors import AlreadyExists, NotFound
from pinnace.ports.store import Store
from pinnace.testing.records import a_pipeline, a_run, a_version, an_experiment

ARCHIVED = StorageState.ARCHIVED


def test_an_experiment_round_trips(store: Store) -> None:
    whole = replace(
        an_experiment("e", at=5, namespace="n"),
        id=ExperimentId("id"),
        creator="c",
        description="d",
        storage_state=ARCHIVED,
    )
    with store.write() as unit:
        unit.experiments.add(whole)
        unit.experiments.touch(whole.id, Instant(9))
        unit.experiments.set_storage_state(whole.id, StorageState.AVAILABLE)
    with store.read() as unit:
        expected = replace(whole, last_run_created_at=Instant(9), storage_state=StorageState.AVAILABLE)
        assert unit.experiments.get(whole.id) == expected
        assert unit.experiments.by_name("n", "e") == expected
        assert unit.experiments.by_name("default", "e") is None


def test_an_experiments_name_is_taken_once_in_its_namespace(store: Store) -> None:
    with store.write() as unit:
        unit.experiments.add(an_experiment("e"))
        unit.experiments.add(replace(an_experiment("e", namespace="other"), id=ExperimentId("2")))
        with pytest.raises(AlreadyExists):
            unit.experiments.add(replace(an_experiment("e"), id=ExperimentId("3")))
        with pytest.raises(AlreadyExists):
            unit.experiments.add(replace(an_experiment("else"), id=ExperimentId("e")))
        unit.experiments.add(an_experiment("E"))


def test_what_is_not_there_is_not_found(store: Store) -> None:
    experiment, pipeline, version, run = ExperimentId("x"), PipelineId("x"), PipelineVersionId("x"), RunId("x")
    with store.write() as unit:
        for attempt in (
            lambda: unit.experiments.get(experiment),
            lambda: unit.experiments.set_storage_state(experiment, ARCHIVED),
            lambda: unit.experiments.delete(experiment),
            lambda: unit.pipelines.get(pipeline),
            lambda: unit.pipelines.update(a_pipeline("x")),
            lambda: unit.pipelines.delete(pipeline),
            lambda: unit.pipelines.document("x"),
            lambda: unit.versions.get(version),
            lambda: unit.versions.add(a_version("x", "v")),
            lambda: unit.versions.update(a_version("x", "v")),
            lambda: unit.versions.delete(version),
            lambda: unit.runs.get(run),
            lambda: unit.runs.set_storage_state(run, ARCHIVED, Instant(1)),
            lambda: unit.runs.delete(run),
        ):
            with pytest.raises(NotFound):
                attempt()
        assert unit.versions.latest(pipeline) is None
        assert unit.pipelines.by_name("default", "x") is None


def test_archiving_an_experiments_runs_leaves_others_alone(store: Store) -> None:
    with store.write() as unit:
        for name, experiment in (("a", "e"), ("b", "e"), ("c", "f")):
            unit.runs.add(a_run(name, experiment=experiment))
        unit.runs.archive_all(ExperimentId("e"), Instant(1))
        unit.runs.set_storage_state(RunId("b"), StorageState.AVAILABLE, Instant(1))
    with store.read() as unit:
        states = [unit.runs.get(RunId(name)).storage_state for name in "abc"]
    assert states == [ARCHIVED, StorageState.AVAILABLE, StorageState.AVAILABLE]


def test_a_pipeline_round_trips_and_keeps_its_name(store: Store) -> None:
    whole = replace(a_pipeline("p", at=7, namespace="n", tags={"b": "2", "a": ""}), creator="c", description="d")
    with store.write() as unit:
        unit.pipelines.add(whole)
        with pytest.raises(AlreadyExists):
            unit.pipelines.add(replace(whole, id=PipelineId("2")))
    with store.read() as unit:
        assert unit.pipelines.get(whole.id) == unit.pipelines.by_name("n", "p") == whole
    changed = replace(whole, display_name="P", tags={"c": "3"})
    with store.write() as unit:
        unit.pipelines.update(replace(changed, name="ignored", description="ignored"))
    with store.read() as unit:
        assert unit.pipelines.get(whole.id) == changed


def test_a_version_round_trips_and_the_newest_is_the_latest(store: Store) -> None:
    whole = replace(
        a_version("p", "v1", at=5, tags={"a": "1"}), creator="c", description="d", package_url="u", code_source_url="s"
    )
    with store.write() as unit:
        unit.pipelines.add(a_pipeline("p"))
        unit.pipelines.add(a_pipeline("q"))
        unit.versions.add(whole)
        with pytest.raises(AlreadyExists):
            unit.versions.add(replace(whole, id=PipelineVersionId("2")))
        unit.versions.add(a_version("q", "v1", at=9))
        assert unit.versions.latest(PipelineId("p")) == whole
        unit.versions.add(a_version("p", "v0", at=4))
        unit.versions.add(a_version("p", "v2", at=5))
    changed = replace(whole, display_name="V", tags={})
    with store.write() as unit:
        unit.versions.update(changed)
    with store.read() as unit:
        assert unit.versions.get(whole.id) == changed
        latest = unit.versions.latest(PipelineId("p"))
        assert latest is not None
        assert latest.name == "v2"
    with store.write() as unit:
        unit.versions.delete(PipelineVersionId("p/v2"))
        assert unit.versions.latest(PipelineId("p")) == changed


def test_names_compare_by_code_points_on_every_database(store: Store) -> None:
    names = ["a", "A", "á", "Z", "_", "가", "a b", "a-b"]
    with store.write() as unit:
        for name in names:
            unit.pipelines.add(a_pipeline(name))
        assert unit.pipelines.by_name("default", "a") == a_pipeline("a")
        assert unit.pipelines.by_name("default", "á") == a_pipeline("á")
