"""Places: one spelling, and what lies in what."""

import pytest

from pinnace.artifacts.places import local_path
from pinnace.domain.places import Places, above, is_within, place_of

SPELLINGS = {
    "/a/b/../c/": "/a/c",
    "//a/./b//": "/a/b",
    "/../..": "/",
    "/a?b#c%20": "/a?b#c%20",
    "file:///a%20b/c%C3%A9": "/a b/cé",
    "FILE://localhost/x?q#f": "/x",
    "file:/x//y": "/x/y",
    "file:////x/%2e%2e/y": "/y",
    "file://host/x": "file://host/x",
    "s3a://bucket/key/": "s3://bucket/key",
    "gcs://bucket/a/../b": "gs://bucket/a/../b",
    "http://[bad/x": "http://[bad/x",
    "nothing": "nothing",
}


@pytest.mark.parametrize(("uri", "place"), SPELLINGS.items())
def test_a_place_has_one_spelling(uri: str, place: str) -> None:
    assert place_of(uri) == place
    assert place_of(place) == place


@pytest.mark.parametrize("uri", [uri for uri in SPELLINGS if "[" not in uri])
def test_a_local_place_is_where_the_artifact_store_looks(uri: str) -> None:
    path = local_path(uri)
    assert (path is not None) is place_of(uri).startswith("/")
    assert path is None or place_of(str(path)) == place_of(uri)


def test_a_very_long_place_is_one_above_it() -> None:
    long = "/a/" + "é" * 1500
    assert place_of(f"{long}/x") == "/a"
    assert len(place_of("s3://" + "b" * 5000)) < 2000


def test_what_lies_in_what() -> None:
    assert above("/a/b") == ["/a", "/"]
    assert above("s3://bucket/a/b") == ["s3://bucket/a", "s3://bucket"]
    assert is_within("/a/b", "/a")
    assert is_within("/a", "/")
    assert not is_within("/ab", "/a")
    assert not is_within("/a", "/a/b")
    some = Places(["/a/b", "s3://bucket/a"])
    assert [some.covers(place) for place in ("/a/b", "/a/b/c", "/a/bc", "/a", "s3://bucket/a/x")] == [1, 1, 0, 0, 1]
    assert [some.any_in(place) for place in ("/", "/a", "/a/b", "/a/", "/a-", "s3://bucket")] == [1, 1, 0, 1, 0, 1]
