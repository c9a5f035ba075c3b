"""Artifacts between the wire and the domain."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

from fastapi import Query

from pinnace.api.kfp.filters import Fields
from pinnace.api.kfp.paging import ListParameters
from pinnace.api.kfp.times import timestamp
from pinnace.api.kfp.wire_artifacts import LINK_TYPES, WireArtifact, WireArtifactTask, WireCreateArtifactRequest
from pinnace.api.kfp.wire_base import OneOf
from pinnace.domain.artifacts import KINDS, StoredArtifact
from pinnace.domain.ids import ROOT, ArtifactId, NodeId, RunId, task_uuid
from pinnace.domain.lineage import Link, LinkDirection, LinkQuery
from pinnace.domain.listing import ListQuery, Operation, Predicate
from pinnace.domain.places import place_of
from pinnace.errors import InvalidInput
from pinnace.services.lineage import NewArtifact

_LINKS: Final = uuid.UUID("2d8fb5a4-6e0e-5d3a-8a56-6c696e6b7321")
_MOST: Final = 200


def _in_our_words(predicate: Predicate) -> list[Predicate]:
    """Types can be asked for by their schema titles too. There is one namespace, so that its name rules out nothing."""
    if predicate.field == "namespace":
        return []
    if predicate.field == "uri" and predicate.operation is Operation.EQUALS:
        # Places have an index, which holds texts of bounded length.
        return [predicate, Predicate("place", Operation.EQUALS, place_of(str(predicate.value)))]
    if predicate.field != "kind":
        return [predicate]
    kinds = {title: kind for kind, title in KINDS.items()}
    values = predicate.value if isinstance(predicate.value, tuple) else (predicate.value,)
    known = tuple(kinds.get(str(value), value) for value in values)
    return [replace(predicate, value=known if isinstance(predicate.value, tuple) else known[0])]


ARTIFACT_FIELDS: Final = Fields(
    "Artifact",
    {
        "id": "id",
        "artifact_id": "id",
        "name": "name",
        "type": "kind",
        "uri": "uri",
        "description": "description",
        "created_at": "created_at",
        "namespace": "namespace",
        "run_id": "run_id",
    },
    times=frozenset({"created_at"}),
    rewrite=_in_our_words,
)

# Links have one order: that of run and task. "created_at" is what lists are sorted by where nothing is said.
_LINK_FIELDS: Final = Fields(
    "ArtifactTask",
    {
        "id": "order",
        "created_at": "order",
        "artifact_id": "artifact_id",
        "run_id": "run_id",
        "task_id": "task_id",
        "type": "type",
    },
)


def artifact_to_wire(stored: StoredArtifact) -> WireArtifact:
    """An artifact as clients read it."""
    artifact = stored.artifact
    return WireArtifact.model_construct(
        artifact_id=artifact.id,
        name=artifact.name,
        description=stored.description,
        type=artifact.type.kind,
        uri=artifact.uri,
        metadata=dict(artifact.metadata) or None,
        number_value=stored.number_value,
        created_at=timestamp(stored.created_at),
    )


def new_artifact(wire: WireCreateArtifactRequest) -> NewArtifact:
    """What a client registers. Raises InvalidInput."""
    if wire.artifact is None:
        raise InvalidInput('artifact: it is missing. Send {"artifact": {"name": …, "type": …, "uri": …}}.')
    artifact = wire.artifact
    return NewArtifact(
        name=artifact.name,
        kind=artifact.type,
        uri=artifact.uri,
        description=artifact.description,
        metadata=artifact.metadata or {},
        number_value=artifact.number_value,
        run=wire.run_id,
    )


def link_to_wire(link: Link, producers: Mapping[ArtifactId, Link]) -> WireArtifactTask:
    """A link as clients read it."""
    producer = producers.get(link.artifact)
    place = f"{link.run}\n{link.node}\n{link.direction.value}\n{link.key}\n{link.index}"
    return WireArtifactTask.model_construct(
        id=str(uuid.uuid5(_LINKS, place)),
        artifact_id=link.artifact,
        run_id=link.run,
        task_id=task_uuid(link.run, link.node),
        type=link.direction.value,
        producer_task_name="" if producer is None else task_key(producer.node),
        producer_key="" if producer is None else producer.key,
        artifact_key=link.key,
    )


def task_key(node: NodeId) -> str:
    """The key of a node's task in the pipeline, which is the last part of its path."""
    if node == ROOT:
        return "root"
    key = node.rsplit("/", 1)[-1].split("[", 1)[0]
    for code, character in (("%2E", "."), ("%5B", "["), ("%5D", "]"), ("%2F", "/"), ("%25", "%")):
        key = key.replace(code, character)
    return key


@dataclass(frozen=True, slots=True)
class LinkParameters:
    """The query parameters that narrow down a list of links."""

    task_ids: Annotated[list[str] | None, Query(description="Only of these tasks.")] = None
    run_ids: Annotated[list[str] | None, Query(description="Only of these runs.")] = None
    artifact_ids: Annotated[list[str] | None, Query(description="Only of these artifacts.")] = None
    type: Annotated[str, OneOf("", *LINK_TYPES), Query(description="Only what went in, or what came out.")] = ""


def link_query(page: ListParameters, chosen: LinkParameters) -> LinkQuery | None:
    """Which links are asked for; None where the parameters and the filter leave none.

    Raises:
        InvalidInput: a sort, an operation or a value that is not supported, or too many ids.
    """
    query = page.query(_LINK_FIELDS)
    wanted = {
        "task_id": _given(chosen.task_ids or (), "task_ids"),
        "run_id": _given(chosen.run_ids or (), "run_ids"),
        "artifact_id": _given(chosen.artifact_ids or (), "artifact_ids"),
        "type": (chosen.type,) if chosen.type else (),
    }
    if query.sort_by != "order":
        raise InvalidInput(f'Invalid sorting field: "{query.sort_by}" on listable type ArtifactTask')
    for predicate in query.predicates:
        values = _equal_to(predicate)
        left = tuple(each for each in wanted[predicate.field] if each in values) if wanted[predicate.field] else values
        if not left:
            return None
        wanted[predicate.field] = left
    return _link_query(query, wanted)


def _link_query(query: ListQuery, wanted: Mapping[str, tuple[str, ...]]) -> LinkQuery:
    types = set(wanted["type"])
    unknown = types - set(LINK_TYPES)
    if unknown:
        raise InvalidInput(f"type: there is none called {min(unknown)[:80]}. Use INPUT or OUTPUT.")
    return LinkQuery(
        runs=tuple(RunId(each) for each in wanted["run_id"]),
        tasks=wanted["task_id"],
        artifacts=tuple(ArtifactId(each) for each in wanted["artifact_id"]),
        direction=LinkDirection(types.pop()) if len(types) == 1 else None,
        # Who names a DAG or a loop wants to see what went through it; in all other lists it would look like a maker.
        groups=bool(wanted["task_id"]),
        descending=query.descending,
        size=query.size,
        token=query.token,
    )


def _given(ids: Iterable[str], name: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(each for each in ids if each))
    if len(found) > _MOST:
        raise InvalidInput(f"{name}: {len(found)} ids are too many. Ask for at most {_MOST} at a time.")
    return found


def _equal_to(predicate: Predicate) -> tuple[Any, ...]:
    if predicate.field == "order" or predicate.operation not in {Operation.EQUALS, Operation.IN}:
        raise InvalidInput(
            "filter: artifact tasks can be filtered by artifact_id, run_id, task_id and type, with EQUALS or IN."
        )
    values = predicate.value if isinstance(predicate.value, tuple) else (predicate.value,)
    return _given((str(value) for value in values), predicate.field)
