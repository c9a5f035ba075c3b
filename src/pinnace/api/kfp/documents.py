"""Pipeline documents on the wire: a Struct in, a Struct out."""

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Any

from pinnace.errors import NotFound
from pinnace.ir.document import load_document


def document_of(spec: dict[str, Any]) -> bytes:
    """The document that a Struct is kept as."""
    return json.dumps(spec, ensure_ascii=False, separators=(",", ":")).encode()


class SpecReader:
    """Stored documents as Structs.

    With a platform document the form is ``{"pipeline_spec": …, "platform_spec": …}``, else the bare PipelineSpec.
    Documents never change, so the last ones stay read. Callers must not change what they get.
    """

    def __init__(self, load: Callable[[Iterable[str]], Mapping[str, bytes]], keep: int = 64) -> None:
        self._load = load
        self._keep = keep
        self._read: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._lock = Lock()

    def __call__(self, digest: str) -> dict[str, Any]:
        """The Struct of the document with that digest. Raises NotFound."""
        try:
            return self.all([digest])[digest]
        except KeyError:
            raise NotFound("Document", digest) from None

    def all(self, digests: Iterable[str]) -> Mapping[str, dict[str, Any]]:
        """The Structs of those documents that are there: for a whole page in one look into the store."""
        wanted = set(digests)
        with self._lock:
            found = {digest: self._read[digest] for digest in wanted if digest in self._read}
        missing = wanted - found.keys()
        if missing:
            found.update({digest: _struct(content) for digest, content in self._load(missing).items()})
        with self._lock:
            for digest, struct in found.items():
                self._read[digest] = struct
                self._read.move_to_end(digest)
            while len(self._read) > self._keep:
                self._read.popitem(last=False)
        return found


def _struct(content: bytes) -> dict[str, Any]:
    document = load_document(content)
    if document.platform is None:
        return document.spec
    return {"pipeline_spec": document.spec, "platform_spec": document.platform}
