"""Stored pipelines and their versions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from pinnace.domain.ids import PipelineId, PipelineVersionId
from pinnace.domain.listing import ListQuery, Page
from pinnace.domain.pipelines import PipelineVersion, StoredPipeline
from pinnace.errors import AlreadyExists, InvalidInput, NotFound
from pinnace.ir.parse import parse_pipeline
from pinnace.ports.clock import Clock
from pinnace.ports.store import Store, UnitOfWork
from pinnace.services.experiments import NAMESPACE
from pinnace.services.names import MAX_VERSION_NAME, check_name, check_package_name, check_tags


@dataclass(frozen=True, slots=True)
class Labels:
    """What a user calls something. Each of ``name`` and ``display_name`` stands for the other where that is empty."""

    name: str = ""
    display_name: str = ""
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    code_source_url: str = ""
    package_url: str = ""

    def completed(self) -> "Labels":
        """The same with both names set, if one of them is."""
        return replace(self, name=self.name or self.display_name, display_name=self.display_name or self.name)


class PipelineService:
    """Use-cases on pipelines and versions."""

    def __init__(self, store: Store, clock: Clock, new_id: Callable[[], str]) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id

    def create(self, labels: Labels) -> StoredPipeline:
        """A pipeline without versions.

        Raises:
            InvalidInput: a name or tag breaks the rules.
            AlreadyExists: the name is taken.
        """
        pipeline = self._new_pipeline(labels)
        with self._store.write() as uow:
            self._add_pipeline(uow, pipeline)
        return pipeline

    def check_free(self, labels: Labels) -> None:
        """Raise what :meth:`create` would raise now; for callers who then get hold of a document with some effort."""
        pipeline = self._new_pipeline(labels)
        with self._store.read() as uow:
            if uow.pipelines.by_name(NAMESPACE, pipeline.name) is not None:
                raise AlreadyExists(_taken(pipeline.name))

    def upload(self, labels: Labels, document: bytes, version_labels: Labels | None = None) -> StoredPipeline:
        """A pipeline with its first version, which takes over the pipeline's labels or has its own; both or neither.

        Raises:
            InvalidPipeline: with every fault of the document.
            InvalidInput: a name or tag breaks the rules.
            AlreadyExists: the name is taken.
        """
        pipeline = self._new_pipeline(labels)
        version = self._new_version(pipeline.id, version_labels or labels, document)
        with self._store.write() as uow:
            self._add_pipeline(uow, pipeline)
            uow.versions.add(replace(version, document=uow.pipelines.add_document(document)))
        return pipeline

    def upload_version(self, pipeline: PipelineId, labels: Labels, document: bytes) -> PipelineVersion:
        """Another version of a pipeline. Raises what :meth:`upload` raises, and NotFound."""
        version = self._new_version(pipeline, labels, document)
        try:
            with self._store.write() as uow:
                uow.pipelines.get(pipeline)
                version = replace(version, document=uow.pipelines.add_document(document))
                uow.versions.add(version)
        except AlreadyExists as error:
            raise AlreadyExists(
                f"Failed to create a new pipeline version. The name {version.name} already exists. "
                "Please specify a new name"
            ) from error
        return version

    def get(self, pipeline: PipelineId) -> StoredPipeline:
        """Raises NotFound."""
        with self._store.read() as uow:
            return uow.pipelines.get(pipeline)

    def by_name(self, name: str) -> StoredPipeline:
        """The pipeline with that ``name`` (not display name). Raises NotFound."""
        with self._store.read() as uow:
            found = uow.pipelines.by_name(NAMESPACE, name)
        if found is None:
            raise NotFound("Pipeline", name)
        return found

    def list(self, query: ListQuery) -> Page[StoredPipeline]:
        """One page."""
        with self._store.read() as uow:
            return uow.pipelines.list(query)

    def update(self, pipeline: PipelineId, display_name: str, tags: Mapping[str, str] | None) -> StoredPipeline:
        """Change display name ("" leaves it) and tags (None leaves them, a mapping replaces the whole set).

        Raises:
            NotFound: there is none.
            InvalidInput: a name or tag breaks the rules.
        """
        _check_change("pipeline", display_name, tags)
        with self._store.write() as uow:
            old = uow.pipelines.get(pipeline)
            new = replace(
                old, display_name=display_name or old.display_name, tags=dict(old.tags if tags is None else tags)
            )
            uow.pipelines.update(new)
        return new

    def delete(self, pipeline: PipelineId, *, cascade: bool) -> None:
        """Remove a pipeline. Runs made from it keep their own document.

        Raises:
            NotFound: there is none.
            InvalidInput: it has versions, and *cascade* does not say that they go too.
        """
        with self._store.write() as uow:
            uow.pipelines.get(pipeline)
            version = uow.versions.latest(pipeline)
            if version is not None and not cascade:
                raise InvalidInput(
                    f"Failed to delete pipeline with id {pipeline} as it has existing pipeline versions "
                    f"(e.g. {version.id}). Set cascade=true to delete all versions"
                )
            uow.pipelines.delete(pipeline)

    def version(self, pipeline: PipelineId, version: PipelineVersionId) -> PipelineVersion:
        """Raises NotFound, for a version of another pipeline too."""
        with self._store.read() as uow:
            return _version_of(uow, pipeline, version)

    def list_versions(self, pipeline: PipelineId, query: ListQuery) -> Page[PipelineVersion]:
        """One page of a pipeline's versions. Raises NotFound if there is no such pipeline."""
        with self._store.read() as uow:
            uow.pipelines.get(pipeline)
            return uow.versions.list(replace(query, parent=pipeline))

    def update_version(
        self, pipeline: PipelineId, version: PipelineVersionId, display_name: str, tags: Mapping[str, str] | None
    ) -> PipelineVersion:
        """Like :meth:`update`, for a version."""
        _check_change("pipeline version", display_name, tags)
        with self._store.write() as uow:
            old = _version_of(uow, pipeline, version)
            new = replace(
                old, display_name=display_name or old.display_name, tags=dict(old.tags if tags is None else tags)
            )
            uow.versions.update(new)
        return new

    def delete_version(self, pipeline: PipelineId, version: PipelineVersionId) -> None:
        """Remove a version; runs made from it keep their own document. Raises NotFound."""
        with self._store.write() as uow:
            _version_of(uow, pipeline, version)
            uow.versions.delete(version)

    def _new_pipeline(self, labels: Labels) -> StoredPipeline:
        labels = labels.completed()
        check_name("pipeline", labels.name)
        check_name("pipeline", labels.display_name)
        check_tags(labels.tags)
        return StoredPipeline(
            id=PipelineId(self._new_id()),
            name=labels.name,
            display_name=labels.display_name,
            created_at=self._clock.now(),
            namespace=NAMESPACE,
            description=labels.description,
            tags=dict(labels.tags),
        )

    def _new_version(self, pipeline: PipelineId, labels: Labels, document: bytes) -> PipelineVersion:
        labels = labels.completed()
        check_name("pipeline version", labels.name, MAX_VERSION_NAME)
        check_name("pipeline version", labels.display_name)
        check_tags(labels.tags)
        check_package_name(parse_pipeline(document).name)
        return PipelineVersion(
            id=PipelineVersionId(self._new_id()),
            pipeline=pipeline,
            name=labels.name,
            display_name=labels.display_name,
            document="",
            created_at=self._clock.now(),
            description=labels.description,
            code_source_url=labels.code_source_url,
            package_url=labels.package_url,
            tags=dict(labels.tags),
        )

    def _add_pipeline(self, uow: UnitOfWork, pipeline: StoredPipeline) -> None:
        try:
            uow.pipelines.add(pipeline)
        except AlreadyExists as error:
            raise AlreadyExists(_taken(pipeline.name)) from error


def _taken(name: str) -> str:
    return f"Failed to create a new pipeline. The name {name} already exists. Please specify a new name"


def _version_of(uow: UnitOfWork, pipeline: PipelineId, version: PipelineVersionId) -> PipelineVersion:
    found = uow.versions.get(version)
    if found.pipeline != pipeline:
        raise NotFound("PipelineVersion", version)
    return found


def _check_change(kind: str, display_name: str, tags: Mapping[str, str] | None) -> None:
    if display_name:
        check_name(kind, display_name)
    if tags is not None:
        check_tags(tags)
