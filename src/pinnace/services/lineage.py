"""Artifacts across runs: what made each, what used it, and what that led to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pinnace.domain.artifacts import KINDS, MAX_NAME, Artifact, ArtifactType, StoredArtifact
from pinnace.domain.ids import ArtifactId, RunId, task_uuid
from pinnace.domain.lineage import MAKING, Graph, Link, LinkQuery, LinkRole, TaskBrief
from pinnace.domain.listing import ListQuery, Page
from pinnace.domain.values import JsonValue
from pinnace.errors import InvalidInput
from pinnace.ports.clock import Clock
from pinnace.ports.store import Store, UnitOfWork
from pinnace.services.experiments import NAMESPACE
from pinnace.services.lineage_walk import Walk

MAX_DEPTH: Final = 50
MAX_URI: Final = 8_000


class Direction(StrEnum):
    """Which way a lineage goes from an artifact."""

    BACKWARD = "BACKWARD"
    """What made it, out of what."""
    FORWARD = "FORWARD"
    """What used it, and what came of that."""
    BOTH = "BOTH"


@dataclass(frozen=True, slots=True)
class Use:
    """A task that had to do with an artifact, and how."""

    link: Link
    task: TaskBrief


@dataclass(frozen=True, slots=True)
class Uses:
    """Such tasks, the newest first; ``truncated`` tells that there are more."""

    items: Sequence[Use]
    truncated: bool


@dataclass(frozen=True, slots=True)
class ArtifactDetails:
    """An artifact with its neighbours.

    Attributes:
        producer: The task that made it, or first imported it; None for a registered one, and when that run is gone.
        reused_by: Tasks that gave it out without having made it: by a cache hit, or by importing it again.
        used_by: Tasks that took it in.
    """

    stored: StoredArtifact
    producer: Use | None
    reused_by: Uses
    used_by: Uses


@dataclass(frozen=True, slots=True)
class ProducedArtifact:
    """An artifact with the task that made it, or first imported it, where it is known."""

    stored: StoredArtifact
    producer: Use | None


@dataclass(frozen=True, slots=True)
class NewArtifact:
    """An artifact that a client registers: where something lies, and what it is."""

    name: str
    kind: str
    uri: str
    description: str = ""
    metadata: Mapping[str, JsonValue] = field(default_factory=dict)
    number_value: float | None = None
    run: str = ""


@dataclass(frozen=True, slots=True)
class Links:
    """A page of links with the task that made each artifact, where it is known."""

    page: Page[Link]
    producers: Mapping[ArtifactId, Link]


class LineageService:
    """Use-cases on artifacts. The engine alone ties artifacts to tasks; a client may register some of its own."""

    def __init__(self, store: Store, clock: Clock, new_id: Callable[[], str]) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id

    def get(self, artifact: ArtifactId, limit: int = 100) -> ArtifactDetails:
        """An artifact with at most *limit* tasks each way. Raises NotFound."""
        with self._store.read() as uow:
            stored = uow.lineage.artifact(artifact)
            producer = uow.lineage.producers([artifact]).get(artifact)
            made = uow.lineage.links_of_artifacts([artifact], MAKING, limit + 2)
            used = uow.lineage.links_of_artifacts([artifact], [LinkRole.USED], limit + 1)
            reused = [link for link in made if link != producer]
            briefs = _briefs(uow, [*reused, *used, *([producer] if producer else [])])
        return ArtifactDetails(
            stored,
            _uses([producer], briefs, 1).items[0] if producer is not None else None,
            _uses(reused, briefs, limit),
            _uses(used, briefs, limit),
        )

    def record(self, artifact: ArtifactId) -> StoredArtifact:
        """An artifact without its neighbours. Raises NotFound."""
        with self._store.read() as uow:
            return uow.lineage.artifact(artifact)

    def list(self, query: ListQuery) -> Page[StoredArtifact]:
        """One page of artifacts; ``query.parent`` is the run that made them."""
        with self._store.read() as uow:
            return uow.lineage.artifacts(query)

    def produced(self, query: ListQuery) -> Page[ProducedArtifact]:
        """The same with the task that made each."""
        with self._store.read() as uow:
            page = uow.lineage.artifacts(query)
            links = uow.lineage.producers([each.artifact.id for each in page.items])
            briefs = _briefs(uow, links.values())
        uses = {each: _uses([link], briefs, 1).items[0] for each, link in links.items()}
        items = [ProducedArtifact(each, uses.get(each.artifact.id)) for each in page.items]
        return Page(items, page.total, page.next_token)

    def links(self, query: LinkQuery) -> Links:
        """One page of links between artifacts and tasks."""
        with self._store.read() as uow:
            page = uow.lineage.links(query)
            return Links(page, uow.lineage.producers(list({link.artifact for link in page.items})))

    def lineage(self, artifact: ArtifactId, direction: Direction, depth: int) -> Graph:
        """The artifacts and tasks around an artifact, at most *depth* tasks away. Raises NotFound."""
        if not 1 <= depth <= MAX_DEPTH:
            raise InvalidInput(f"depth: {depth} is out of range. Give a number from 1 to {MAX_DEPTH}.")
        with self._store.read() as uow:
            walk = Walk(uow.lineage, uow.lineage.artifact(artifact))
            if direction is not Direction.FORWARD:
                walk.backward(depth)
            if direction is not Direction.BACKWARD:
                walk.forward(depth)
            return walk.graph()

    def register(self, new: NewArtifact) -> StoredArtifact:
        """Keep an artifact that no task of this server made. Its content is not looked at.

        Raises:
            InvalidInput: name, type or uri is missing or wrong.
            NotFound: there is no such run.
        """
        _check(new)
        artifact = Artifact(
            id=ArtifactId(self._new_id()),
            name=new.name,
            type=ArtifactType(KINDS[new.kind]),
            uri=new.uri,
            metadata=new.metadata,
        )
        with self._store.write() as uow:
            run = uow.runs.get(RunId(new.run)).id if new.run else RunId("")
            stored = StoredArtifact(
                artifact,
                self._clock.now(),
                run,
                NAMESPACE,
                description=new.description,
                number_value=new.number_value,
            )
            uow.lineage.add_artifact(stored)
        return stored


def _check(new: NewArtifact) -> None:
    if not new.name or len(new.name) > MAX_NAME:
        raise InvalidInput(f"artifact.name: give a name of 1 to {MAX_NAME} characters.")
    if new.kind not in KINDS:
        raise InvalidInput(f"artifact.type: name one of {', '.join(KINDS)}.")
    if not new.uri:
        raise InvalidInput("artifact.uri: say where the artifact lies, like s3://bucket/key or /data/file.csv.")
    scheme, found, rest = new.uri.partition("://")
    is_url = bool(found and rest) and scheme.replace("+", "").replace("-", "").isalnum()
    if len(new.uri) > MAX_URI or not (is_url or new.uri.startswith("/")):
        raise InvalidInput(
            f"artifact.uri: write a URL like s3://bucket/key, or an absolute path, of at most {MAX_URI} characters."
        )


def _briefs(uow: UnitOfWork, links: Iterable[Link]) -> Mapping[str, TaskBrief]:
    return uow.lineage.briefs(list({task_uuid(link.run, link.node) for link in links}))


def _uses(links: Sequence[Link], briefs: Mapping[str, TaskBrief], limit: int) -> Uses:
    shown = [Use(link, briefs[task_uuid(link.run, link.node)]) for link in links[:limit]]
    return Uses(shown, len(links) > limit)
