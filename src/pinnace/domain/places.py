"""Where contents lie, spelled in one way, so that it can be told which of them hold which.

A place is an absolute path without ``.``, ``..``, ``//`` and a slash at its end, or a URL without one at its end. Links
are not followed: two places that differ may be one and the same. A very long one is that of a directory above it, so
that an index can hold it: who keeps a place keeps what is in it.
"""

import posixpath
import re
from bisect import bisect_left
from collections.abc import Collection, Sequence
from typing import Final

_LOCAL: Final = re.compile(r"(?:file|local):(?://(?:localhost)?(?=/)|(?=/(?!/)))(/[^?#]*)", re.IGNORECASE)
_QUOTED: Final = re.compile(rb"%([0-9A-Fa-f]{2})")
_ALIASES: Final = {"s3a": "s3", "gcs": "gs"}
LONGEST: Final = 2000
"""Bytes. PostgreSQL's indexes take 2700."""


class Places:
    """A set of places, or of paths in a file system of fsspec's."""

    def __init__(self, places: Collection[str]) -> None:
        self._all = frozenset(places)
        self._sorted: Sequence[str] = sorted(self._all)

    def covers(self, place: str) -> bool:
        """Whether a place is in the set, or lies in one that is."""
        return place in self._all or not self._all.isdisjoint(above(place))

    def any_in(self, place: str) -> bool:
        """Whether something of the set lies in a place."""
        first, end = below(place)
        return bisect_left(self._sorted, first) < bisect_left(self._sorted, end)


def place_of(uri: str) -> str:
    """The place that a URI of an artifact names."""
    place = _spelled(uri)
    while len(place.encode(errors="surrogatepass")) > LONGEST:
        place = next(iter(above(place)), place[: LONGEST // 4])
    return place


def _spelled(uri: str) -> str:
    if uri.startswith("/"):
        return _path(uri)
    local = _LOCAL.match(uri)
    if local is not None:
        return _path(_unquoted(local[1]))
    scheme, separator, rest = uri.partition("://")
    if not separator:
        return uri.rstrip("/")
    return f"{_ALIASES.get(scheme.lower(), scheme.lower())}://{rest.rstrip('/')}"


def is_within(place: str, outer: str) -> bool:
    """Whether a place is *outer*, or lies in it."""
    return place == outer or place.startswith(below(outer)[0])


def below(place: str) -> tuple[str, str]:
    """Every place that lies in *place*, and no other, is at or after the first text and before the second."""
    stem = place.rstrip("/")
    return f"{stem}/", f"{stem}0"


def above(place: str) -> list[str]:
    """The places in which *place* lies, the nearest first."""
    scheme, separator, rest = place.partition("://") if "://" in place else ("", "", place)
    found = []
    while "/" in rest:
        rest = rest.rpartition("/")[0]
        found.append(f"{scheme}{separator}{rest}" if rest or separator else "/")
    return found


def _path(path: str) -> str:
    return "/" + posixpath.normpath(path).lstrip("/") if path else "/"


def _unquoted(text: str) -> str:
    """*text* without URLs' percent signs. Not from a library, since this is vocabulary and stands on nothing."""
    raw = text.encode(errors="surrogatepass")
    return _QUOTED.sub(lambda found: bytes.fromhex(found[1].decode()), raw).decode(errors="replace")
