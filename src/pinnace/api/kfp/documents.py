"""Pipeline documents on the wire: a Struct in, a Struct out."""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from pinnace.ir.document import load_document


def document_of(spec: dict[str, Any]) -> bytes:
    """The document that a Struct is kept as."""
    return json.dumps(spec, ensure_ascii=False, separators=(",", ":")).encode()


class SpecReader:
    """Stored documents as Structs.

    With a platform document the form is ``{"pipeline_spec": …, "platform_spec": …}``, else the bare PipelineSpec.
    Documents never change, so the last ones stay read.
    """

    def __init__(self, load: Callable[[str], bytes], keep: int = 64) -> None:
        self._read = lru_cache(maxsize=keep)(lambda digest: _struct(load(digest)))

    def __call__(self, digest: str) -> dict[str, Any]:
        """The Struct of the document with that digest. Callers must not change it."""
        return self._read(digest)


def _struct(content: bytes) -> dict[str, Any]:
    document = load_document(content)
    if document.platform is None:
        return document.spec
    return {"pipeline_spec": document.spec, "platform_spec": document.platform}
