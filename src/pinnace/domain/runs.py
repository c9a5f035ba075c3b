"""Runs as users submit and read them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pinnace.domain.environments import EnvironmentMode
from pinnace.domain.ids import ExperimentId, PipelineId, PipelineVersionId, RecurringRunId, RunId
from pinnace.domain.plugins import PluginOutput, PluginsInput
from pinnace.domain.states import RunState, StorageState
from pinnace.domain.tasks import TaskFailure
from pinnace.domain.values import Instant, JsonValue


@dataclass(frozen=True, slots=True)
class PipelineReference:
    """The stored pipeline version that a run was made from; ``version`` None, in a request, means the latest."""

    pipeline: PipelineId
    version: PipelineVersionId | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A run.

    Attributes:
        document: SHA-256 of the submitted pipeline document, which is stored byte for byte under it.
        reference: The pipeline version that it was made from, or None for an inline document.
        parameters: As submitted; defaults are not filled in.
        pipeline_root: Where artifacts go; "" for the server's own root.
        artifact_root: The directory or prefix of its own, below that, that its artifacts go to; "" before it starts.
        environment: How Python environments are made for its tasks; None leaves it to the server.
        caching: False switches the cache off for the whole run; None leaves it to the pipeline.
        plugins_input: What the user told each plugin.
        plugins_output: What each plugin tells of it.
        recurring_run: The recurring run that made it, which may be gone; None for a run that somebody submitted.
        state_history: Every state with the time at which the run entered it, oldest first.
    """

    id: RunId
    display_name: str
    experiment: ExperimentId
    document: str
    pipeline_name: str
    created_at: Instant
    scheduled_at: Instant
    state: RunState = RunState.PENDING
    namespace: str = "default"
    creator: str = ""
    description: str = ""
    reference: PipelineReference | None = None
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)
    pipeline_root: str = ""
    artifact_root: str = ""
    service_account: str = ""
    caching: bool | None = None
    environment: EnvironmentMode | None = None
    plugins_input: PluginsInput = field(default_factory=dict)
    plugins_output: Mapping[str, PluginOutput] = field(default_factory=dict)
    recurring_run: RecurringRunId | None = None
    storage_state: StorageState = StorageState.AVAILABLE
    finished_at: Instant | None = None
    failure: TaskFailure | None = None
    state_history: tuple[tuple[Instant, RunState], ...] = ()
