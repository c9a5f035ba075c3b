"""Contract of the store for large values and for what a deletion leaves: nothing."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from pinnace.domain.ids import ArtifactId, ExperimentId, NodeId, RunId
from pinnace.domain.tasks import NodeBinding
from pinnace.domain.values import Instant, JsonValue
from pinnace.errors import NotFound
from pinnace.ports.store import CacheEntry, LogAppend, Store
from pinnace.store import open_store
from pinnace.store.large_values import LIMIT, LargeValues, decode_all
from pinnace.store.tables import metadata
from pinnace.testing.records import a_pipeline, a_run, a_task, a_version, an_artifact, an_experiment, some_events

ONE = RunId("one")
TWO = RunId("two")


def _counts(address: str) -> dict[str, int]:
    """Rows in every table, past the store."""
    url = address.replace("postgresql:", "postgresql+psycopg:") if "://" in address else f"sqlite:///{address}"
    engine = create_engine(url)
    with engine.connect() as connection:
        counts = {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in metadata.tables
        }
    engine.dispose()
    return counts


def test_a_large_value_round_trips_and_is_kept_once(store: Store, address: str) -> None:
    large: JsonValue = ["row", {"numbers": list(range(30_000))}]
    with store.write() as unit:
        for run in (ONE, TWO):
            unit.runs.add(a_run(run, parameters={"data": large}))
    for run in (ONE, TWO):
        task = a_task(run, "a", parameters={"data": large, "small": 1})
        events = some_events(1, 2, {"type": "x", "parameters": {"data": large}})
        assert store.append([LogAppend(run, 0, events, tasks=[task])]) == [None]
        with store.read() as unit:
            assert unit.log.events(run) == events
            assert unit.runs.tasks([run]) == {run: [task]}
            assert unit.runs.get(run).parameters == {"data": large}
    assert _counts(address)["blobs"] == 1
    with store.write() as unit:
        unit.runs.delete(ONE)
    with store.read() as unit:
        assert unit.runs.get(TWO).parameters == {"data": large}
    with store.write() as unit:
        unit.runs.delete(TWO)
    assert _counts(address)["blobs"] == 0


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.just("x" * (LIMIT + 1)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=3) | st.sampled_from(["$value", "$$value", "value"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow])
@given(json_values)
def test_any_json_survives_encoding(value: JsonValue) -> None:
    encoder = LargeValues()
    encoded = encoder.encode(value)
    assert len(encoded) <= LIMIT
    assert all(len(kept) <= len("x" * LIMIT) * 4 + 1000 for kept in encoder.found.values())
    asked: list[str] = []

    def fetch(digests: object) -> dict[str, str]:
        assert isinstance(digests, set)
        asked.extend(digests)
        return {digest: encoder.found[digest] for digest in digests if digest in encoder.found}

    decoded = decode_all([encoded], fetch)
    assert decoded == [value]
    assert repr(decoded) == repr([value])
    assert set(encoder.found) <= set(asked)


def test_a_look_alike_of_a_reference_stays_what_it_is(store: Store) -> None:
    look_alike: JsonValue = {"$value": "0" * 64}
    parameters: dict[str, JsonValue] = {"a": look_alike, "b": {"$$value": look_alike}, "c": "x" * LIMIT}
    with store.write() as unit:
        unit.runs.add(a_run(ONE, parameters=parameters))
    with store.read() as unit:
        assert unit.runs.get(ONE).parameters == parameters


def test_a_deleted_run_leaves_nothing(store: Store, address: str) -> None:
    empty = _counts(address)
    binding = NodeBinding({"x": "y" * 40_000})
    with store.write() as unit:
        digest = unit.pipelines.add_document(b"pipeline")
        unit.runs.add(a_run(ONE, document=digest, parameters={"x": "z" * 40_000}))
    entry = LogAppend(
        ONE,
        0,
        some_events(1, 3, {"x": "e" * 40_000}),
        tasks=[a_task(ONE, "a", outputs={"o": ("made",)}), a_task(ONE, "b", inputs={"i": ("made",)})],
        artifacts=[an_artifact("made"), an_artifact("loose")],
        cached=[CacheEntry("f", "p", "default", ONE, NodeId("a"), Instant(1), binding)],
    )
    assert store.append([entry]) == [None]
    full = _counts(address)
    unchanged = {name for name, count in full.items() if count == empty[name]}
    others = {"experiments", "pipelines", "pipeline_tags", "pipeline_versions", "version_tags", "recurring_runs"}
    assert unchanged == {"counters", *others}
    assert full["changes"] == 1, "what the feed tells of the run"
    with store.write() as unit:
        unit.runs.delete(ONE)
    assert _counts(address) == {**empty, "changes": 2}
    with pytest.raises(NotFound), store.write() as unit:
        unit.runs.delete(ONE)
    with store.read() as unit:
        assert unit.log.events(ONE) == []
        assert unit.log.change_number() == 5, "numbers are never given again"


def test_an_artifact_stays_as_long_as_a_run_refers_to_it(store: Store) -> None:
    with store.write() as unit:
        unit.runs.add(a_run(ONE))
        unit.runs.add(a_run(TWO))
    shared = an_artifact("shared")
    for run in (ONE, TWO):
        task = a_task(run, "a", outputs={"o": ("shared",)})
        store.append([LogAppend(run, 0, some_events(1, 1), tasks=[task], artifacts=[shared])])
    for run, left in ((ONE, {"shared": shared}), (TWO, {})):
        with store.write() as unit:
            unit.runs.delete(run)
        with store.read() as unit:
            assert unit.runs.artifacts([ArtifactId("shared")]) == left


def test_a_document_stays_as_long_as_it_is_needed(store: Store) -> None:
    content = b"\x00\xff\r\n# as it was\n"
    with store.write() as unit:
        digest = unit.pipelines.add_document(content)
        assert unit.pipelines.add_document(content) == digest
        unit.pipelines.add(a_pipeline("p"))
        unit.versions.add(a_version("p", "v", document=digest))
        unit.runs.add(a_run(ONE, document=digest))
    with store.write() as unit:
        unit.runs.delete(ONE)
        assert unit.pipelines.document(digest) == content
        unit.pipelines.delete(a_pipeline("p").id)
    with pytest.raises(NotFound), store.read() as unit:
        unit.pipelines.document(digest)


def test_a_deleted_pipeline_and_experiment_leave_nothing_but_runs(store: Store, address: str) -> None:
    empty = _counts(address)
    with store.write() as unit:
        unit.experiments.add(an_experiment("e"))
        unit.pipelines.add(a_pipeline("p", tags={"a": "b"}))
        unit.versions.add(a_version("p", "v", tags={"c": "d"}))
        unit.runs.add(a_run(ONE, experiment="e"))
    with store.write() as unit:
        unit.experiments.delete(ExperimentId("e"))
        unit.pipelines.delete(a_pipeline("p").id)
    assert _counts(address) == {**empty, "runs": 1, "run_counts": 1, "changes": 7}


def test_what_was_stored_is_there_when_the_store_is_opened_again(address: str) -> None:
    first = open_store(address)
    with first.write() as unit:
        unit.runs.add(a_run(ONE, parameters={"x": "y" * 40_000}))
    first.append([LogAppend(ONE, 0, some_events(1, 2))])
    first.close()
    second = open_store(Path(address) if "://" not in address else address)
    with second.read() as unit:
        assert unit.runs.get(ONE).parameters == {"x": "y" * 40_000}
        assert unit.log.last_sequence(ONE) == 2
        assert unit.log.change_number() == 3
    second.close()
