"""JSON as the store keeps it: text, with large values kept once, by hash, and referred to.

A reference is the object ``{"$value": "<SHA-256 of the value's text>"}``. So that no user's object is taken for one,
keys made of dollar signs and ``value`` get one more dollar sign. A kept value may itself hold references.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

LIMIT: Final = 32 * 1024
"""Values whose JSON is longer than that are kept apart. Characters; the text is ASCII."""

_MARK: Final = '$value"'
_ESCAPED: Final = re.compile(r"\$+value")
_REFERENCE: Final = re.compile(r'\{"\$value": "([0-9a-f]{64})"\}')


class LargeValues:
    """Encodes JSON values and collects what is too large to stay in them."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        """Text of the large values by digest."""

    def encode(self, value: object) -> str:
        """The text of a JSON value, never longer than the limit (but for single scalars of the store's own)."""
        text = _dumps(value)
        if len(text) <= LIMIT and _MARK not in text:
            return text
        return self._encode(value)

    def _encode(self, value: object) -> str:
        if isinstance(value, Mapping):
            parts = (f"{json.dumps(_escape(key))}: {self._encode(item)}" for key, item in value.items())
            text = "{" + ", ".join(parts) + "}"
        elif isinstance(value, list | tuple):
            text = "[" + ", ".join([self._encode(item) for item in value]) + "]"
        else:
            text = _dumps(value)
        if len(text) <= LIMIT:
            return text
        digest = hashlib.sha256(text.encode("ascii")).hexdigest()
        self.found[digest] = text
        return f'{{"$value": "{digest}"}}'


def decode_all(texts: Iterable[str], fetch: Callable[[Iterable[str]], Mapping[str, str]]) -> list[Any]:
    """The JSON values of some texts.

    Args:
        texts: Texts made by :meth:`LargeValues.encode`.
        fetch: Gives the text of those of some digests that are kept.
    """
    given = list(texts)
    kept: dict[str, str] = {}
    missing = _references(given)
    while missing:
        fetched = fetch(missing)
        kept.update(fetched)
        missing = _references(fetched.values()) - kept.keys()
    return [_decode(text, kept) for text in given]


def _plain(value: object) -> object:
    """Mappings that are no dict."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value")


_dumps: Final = json.JSONEncoder(default=_plain).encode


def _references(texts: Iterable[str]) -> set[str]:
    return {digest for text in texts if _MARK in text for digest in _REFERENCE.findall(text)}


def _decode(text: str, kept: Mapping[str, str]) -> Any:
    if _MARK not in text:
        return json.loads(text)

    def resolve(found: dict[str, Any]) -> Any:
        if len(found) == 1 and "$value" in found:
            return _decode(kept[found["$value"]], kept)
        return {_unescape(key): item for key, item in found.items()}

    return json.loads(text, object_hook=resolve)


def _escape(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"JSON objects have text as keys, not {type(key).__name__}")
    return f"${key}" if _ESCAPED.fullmatch(key) else key


def _unescape(key: str) -> str:
    return key[1:] if _ESCAPED.fullmatch(key) else key
