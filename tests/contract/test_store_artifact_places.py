"""Artifacts are found by where they lie."""

from pinnace.domain.ids import RunId
from pinnace.ports.store import LogAppend, Store
from pinnace.testing.records import a_run, an_artifact, some_events


def test_artifacts_are_found_by_the_place_that_their_uri_names(store: Store) -> None:
    with store.write() as unit:
        unit.runs.add(a_run("one"))
    uris = {"a": "/data/x", "b": "file:///data//x/", "c": "s3a://bucket/x", "d": "/data"}
    made = [an_artifact(name, uri=uri) for name, uri in uris.items()]
    store.append([LogAppend(RunId("one"), 0, some_events(1, 1), artifacts=made)])
    with store.read() as unit:
        found = unit.runs.artifacts_at(["/data/x", "/data/x/y", "s3://bucket/x", "s3://bucket"])
        assert found == made[:3]
        assert unit.runs.artifacts_at([]) == []
