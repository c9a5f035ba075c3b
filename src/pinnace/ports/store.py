"""The seam to the database: units of work over a few small repositories, in the domain's words. All calls are sync.

Writers open :meth:`Store.write`; what it does becomes visible at once and durable when the block ends without an
error, or not at all. Readers open :meth:`Store.read`.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from pinnace.domain.artifacts import Artifact
from pinnace.domain.experiments import Experiment
from pinnace.domain.history import RecordedEvent
from pinnace.domain.ids import ArtifactId, ExperimentId, NodeId, PipelineId, PipelineVersionId, RunId
from pinnace.domain.listing import ListQuery, Page
from pinnace.domain.pipelines import PipelineVersion, StoredPipeline
from pinnace.domain.runs import Run
from pinnace.domain.states import RunState, StorageState
from pinnace.domain.tasks import NodeBinding, TaskFailure, TaskRecord
from pinnace.domain.values import Instant
from pinnace.ports.changes import Changes, Listener
from pinnace.ports.lineage import Lineage
from pinnace.ports.overview import Overview
from pinnace.ports.schedules import Schedules
from pinnace.ports.storage import Storage


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """What a successful task left for others with the same fingerprint.

    ``parts`` explain the fingerprint; ``component`` names the task's component ("" in entries of old releases).
    """

    fingerprint: str
    pipeline_name: str
    namespace: str
    run: RunId
    node: NodeId
    created_at: Instant
    outputs: NodeBinding
    parts: Mapping[str, str] = field(default_factory=dict)
    component: str = ""


@dataclass(frozen=True, slots=True)
class RunProgress:
    """The run's own row after some events. ``entered`` lists the states that it went through, with their times.

    ``artifact_root`` says, at its first step, where its artifacts go; "" changes nothing.
    """

    state: RunState
    finished_at: Instant | None = None
    failure: TaskFailure | None = None
    entered: tuple[tuple[Instant, RunState], ...] = ()
    artifact_root: str = ""


@dataclass(frozen=True, slots=True)
class LogAppend:
    """Events of one run with the rows that follow from them: all or nothing.

    Attributes:
        expected: The run's last sequence number, as the writer knows it.
        tasks: Every node that changed, as it is now.
        artifacts: New artifacts.
        cached: New cache entries.
        taken: Artifacts of earlier results that the run makes its own: they must be there still.
    """

    run: RunId
    expected: int
    events: Sequence[RecordedEvent]
    progress: RunProgress | None = None
    tasks: Sequence[TaskRecord] = ()
    artifacts: Sequence[Artifact] = ()
    cached: Sequence[CacheEntry] = ()
    taken: Sequence[ArtifactId] = ()


class RunLog(Protocol):
    """Histories of runs. Every append takes the next global change numbers, gapless and in commit order.

    So does everything that ``changes`` tells of.
    """

    def append(self, entry: LogAppend) -> None:
        """Add events and projections.

        Raises:
            VersionConflict: ``expected`` is not the run's last sequence number.
            NotFound: the run does not exist (it was deleted).
            ResultGone: an artifact of ``taken`` was deleted.
        """
        ...

    def events(self, run: RunId, after: int = 0) -> Sequence[RecordedEvent]:
        """The history from the event behind sequence number *after* on."""
        ...

    def last_sequence(self, run: RunId) -> int:
        """Sequence number of the last event; 0 for none."""
        ...

    def change_number(self) -> int:
        """The last global change number that is committed."""
        ...


class Runs(Protocol):
    """Runs and what belongs to them."""

    def add(self, run: Run) -> None:
        """Insert a run. Raises AlreadyExists if its id is taken."""
        ...

    def get(self, run: RunId) -> Run:
        """Raises NotFound."""
        ...

    def list(self, query: ListQuery) -> Page[Run]:
        """Fields: id name created_at scheduled_at finished_at state storage_state description namespace experiment_id
        pipeline_id pipeline_version_id pipeline_name
        recurring_run_id. ``query.parent`` is an experiment.
        """
        ...

    def last_success(self, before: Run) -> Run | None:
        """The newest run of the same pipeline, by name within the namespace, that was made before and succeeded."""
        ...

    def unfinished(self) -> Sequence[RunId]:
        """Every run that has not ended, oldest first."""
        ...

    def count_by_state(self) -> Mapping[RunState, int]:
        """How many runs are in each state, archived or not; a state that no run is in may be missing."""
        ...

    def set_storage_state(self, run: RunId, state: StorageState, at: Instant) -> None:
        """Archive or unarchive, at that time. Raises NotFound."""
        ...

    def archive_all(self, experiment: ExperimentId, at: Instant) -> None:
        """Archive every run of an experiment that is not archived yet, at that time."""
        ...

    def delete(self, run: RunId) -> Sequence[str]:
        """Remove the run, its history, tasks and cache entries, and artifacts that no other run uses.

        Returns the places (``domain.places``) that are named no more: of those artifacts, and the run's own root.
        Raises NotFound.
        """
        ...

    def tasks(self, runs: Sequence[RunId]) -> Mapping[RunId, Sequence[TaskRecord]]:
        """The nodes of each run in the order in which they came to be."""
        ...

    def task(self, run: RunId, node: NodeId) -> TaskRecord:
        """One node of a run. Raises NotFound."""
        ...

    def artifacts(self, ids: Sequence[ArtifactId]) -> Mapping[ArtifactId, Artifact]:
        """Those of the artifacts that exist."""
        ...

    def artifacts_at(self, places: Sequence[str]) -> Sequence[Artifact]:
        """Every artifact whose URI names one of the places (``domain.places.place_of``)."""
        ...


class Experiments(Protocol):
    """Experiments."""

    def add(self, experiment: Experiment) -> None:
        """Raises AlreadyExists if the name is taken in the namespace."""
        ...

    def get(self, experiment: ExperimentId) -> Experiment:
        """Raises NotFound."""
        ...

    def by_name(self, namespace: str, display_name: str) -> Experiment | None:
        """The experiment of that name, archived or not."""
        ...

    def list(self, query: ListQuery) -> Page[Experiment]:
        """Fields: id name created_at last_run_created_at description namespace storage_state."""
        ...

    def set_storage_state(self, experiment: ExperimentId, state: StorageState) -> None:
        """Raises NotFound."""
        ...

    def touch(self, experiment: ExperimentId, at: Instant) -> None:
        """Note the creation of a run."""
        ...

    def delete(self, experiment: ExperimentId) -> None:
        """Remove the experiment alone; its runs stay. Raises NotFound."""
        ...


class Pipelines(Protocol):
    """Pipelines, versions and the documents behind them."""

    def add(self, pipeline: StoredPipeline) -> None:
        """Raises AlreadyExists if the name is taken in the namespace."""
        ...

    def get(self, pipeline: PipelineId) -> StoredPipeline:
        """Raises NotFound."""
        ...

    def by_name(self, namespace: str, name: str) -> StoredPipeline | None:
        """The pipeline of that name."""
        ...

    def list(self, query: ListQuery) -> Page[StoredPipeline]:
        """Fields: id name display_name created_at description namespace, tags.KEY (equals only)."""
        ...

    def update(self, pipeline: StoredPipeline) -> None:
        """Replace display name and tags. Raises NotFound."""
        ...

    def delete(self, pipeline: PipelineId) -> None:
        """Remove the pipeline with all its versions. Raises NotFound."""
        ...

    def add_document(self, content: bytes) -> str:
        """Keep a document byte for byte; returns the SHA-256 that it is known by. Adding it again is no error."""
        ...

    def document(self, digest: str) -> bytes:
        """Raises NotFound."""
        ...

    def documents(self, digests: Iterable[str]) -> Mapping[str, bytes]:
        """Those of the documents that exist."""
        ...


class PipelineVersions(Protocol):
    """Versions of pipelines."""

    def add(self, version: PipelineVersion) -> None:
        """Raises AlreadyExists if the name is taken in the pipeline, NotFound if there is no such pipeline."""
        ...

    def get(self, version: PipelineVersionId) -> PipelineVersion:
        """Raises NotFound."""
        ...

    def latest(self, pipeline: PipelineId) -> PipelineVersion | None:
        """The newest by creation time, then by id."""
        ...

    def list(self, query: ListQuery) -> Page[PipelineVersion]:
        """Versions of the pipeline ``query.parent``. Fields: id name display_name created_at description, tags.KEY."""
        ...

    def update(self, version: PipelineVersion) -> None:
        """Replace display name and tags. Raises NotFound."""
        ...

    def delete(self, version: PipelineVersionId) -> None:
        """Raises NotFound."""
        ...


class Cache(Protocol):
    """Results of earlier tasks by fingerprint."""

    def find(self, namespace: str, pipeline_name: str, fingerprint: str, not_before: Instant) -> CacheEntry | None:
        """The newest entry that was written at *not_before* or later."""
        ...

    def entry_of(self, run: RunId, node: NodeId) -> CacheEntry | None:
        """The newest entry that a node has left."""
        ...

    def looked_up(self, run: RunId, node: NodeId) -> tuple[str, Mapping[str, str]] | None:
        """Fingerprint and parts by which a node was last looked up, whatever came of it."""
        ...

    def others(self, like: CacheEntry, limit: int) -> Sequence[CacheEntry]:
        """Entries of the same component in runs of the same pipeline, made before *like*, the newest first."""
        ...

    def expire(self, namespace: str, pipeline_name: str, fingerprint: str) -> int:
        """Remove every entry of a fingerprint in runs of a pipeline; how many they were."""
        ...


class UnitOfWork(Protocol):
    """One transaction."""

    @property
    def log(self) -> RunLog: ...
    @property
    def runs(self) -> Runs: ...
    @property
    def experiments(self) -> Experiments: ...
    @property
    def pipelines(self) -> Pipelines: ...
    @property
    def versions(self) -> PipelineVersions: ...
    @property
    def cache(self) -> Cache: ...
    @property
    def schedules(self) -> Schedules: ...
    @property
    def changes(self) -> Changes: ...
    @property
    def lineage(self) -> Lineage: ...
    @property
    def overview(self) -> Overview: ...
    @property
    def storage(self) -> Storage: ...


class Store(Protocol):
    """The database."""

    def write(self) -> AbstractContextManager[UnitOfWork]:
        """A transaction that commits when the block ends, and rolls back on an error. Writers wait for each other."""
        ...

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """A transaction that sees one consistent state and writes nothing. Never waits for writers."""
        ...

    def append(self, entries: Sequence[LogAppend]) -> Sequence[Exception | None]:
        """Append to many runs in one commit. Each entry succeeds or fails by itself: its error stands in its place."""
        ...

    def listen(self, listener: Listener) -> None:
        """Call *listener* behind each commit from now on that changed something, in the thread of its writer."""
        ...

    def close(self) -> None:
        """Release connections and locks."""
        ...
