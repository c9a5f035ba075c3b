"""Identifiers, and how a node of a run is named.

A node id is the path of task keys from the root, with the index of a loop iteration in brackets:
``train/for-loop-1[3]/fit``. Characters with a meaning in the path are percent-encoded in a key, so that two
different nodes never share an id whatever the keys contain.
"""

import hashlib
import uuid
from typing import Final, NewType

RunId = NewType("RunId", str)
NodeId = NewType("NodeId", str)
ArtifactId = NewType("ArtifactId", str)
ExperimentId = NewType("ExperimentId", str)
PipelineId = NewType("PipelineId", str)
PipelineVersionId = NewType("PipelineVersionId", str)
RecurringRunId = NewType("RecurringRunId", str)

ROOT: Final = NodeId(".")
"""The node of the whole pipeline. No task can have this id, since ``.`` alone is escaped in a key."""

_RESERVED: Final = {"%": "%25", "/": "%2F", "[": "%5B", "]": "%5D"}
_NAMESPACE: Final = uuid.UUID("6f1b6a0e-3c57-5f0e-9d0c-70696e6e6163")


def escape_key(key: str) -> str:
    """A task key as one segment of a node id."""
    for character, replacement in _RESERVED.items():
        key = key.replace(character, replacement)
    return {".": "%2E", "..": "%2E%2E"}.get(key, key)


def child_node(parent: NodeId, task_key: str) -> NodeId:
    """The node of task *task_key* inside the DAG node *parent*."""
    segment = escape_key(task_key)
    return NodeId(segment if parent == ROOT else f"{parent}/{segment}")


def iteration_node(loop: NodeId, index: int) -> NodeId:
    """The node of iteration *index* of the loop node *loop*."""
    return NodeId(f"{loop}[{index}]")


def task_uuid(run: RunId, node: NodeId) -> str:
    """The ``task_id`` by which the KFP API shows a node: stable over restarts and retries."""
    # What uuid.uuid5 gives, in a fifth of the time: the rows of a large loop need forty thousand of them at once.
    digest = bytearray(hashlib.sha1(_NAMESPACE.bytes + f"{run}\n{node}".encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def output_artifact_id(run: RunId, node: NodeId, attempt: int, key: str, index: int) -> ArtifactId:
    """The id of the *index*-th artifact that an attempt publishes under output *key*."""
    return ArtifactId(str(uuid.uuid5(_NAMESPACE, f"{run}\n{node}\n{attempt}\n{key}\n{index}")))
