"""Nodes of a run with everything that is known of them."""

from typing import Any

from pydantic import Field

from pinnace.api.extensions.wire_base import Time, View
from pinnace.domain.states import AttemptOutcome, NodePhase


class WireFailureView(View):
    """Why something failed."""

    message: str
    code: str = Field(description="One word for the kind of failure.")
    exit_code: int | None = Field(description="Of the process, where one ended by itself.")


class WireArtifactOfTask(View):
    """An artifact as a task took it in or gave it out."""

    artifact_id: str
    name: str
    type: str = Field(description="The title of its schema, like `system.Model`.")
    uri: str
    metadata: dict[str, Any]
    digest: str = Field(description='SHA-256 of its content, "" where that is not known.')
    size: int | None = Field(description="In bytes, null where that is not known.")


class WireValuesView(View):
    """Inputs, or outputs, of a node."""

    parameters: dict[str, Any]
    artifacts: dict[str, list[WireArtifactOfTask]]


class WireAttemptView(View):
    """One attempt to run a task."""

    number: int = Field(description="From 1.")
    scheduled_at: Time
    started_at: Time | None
    ended_at: Time | None
    outcome: AttemptOutcome | None
    failure: WireFailureView | None
    has_log: bool
    directory: str = Field(description="On the server's machine.")


class WirePhaseView(View):
    """A phase, and when it was entered."""

    at: Time
    phase: NodePhase


class WireTaskView(View):
    """A node of a run: the whole pipeline, a nested one, a loop, an iteration or a task."""

    task_id: str = Field(description="The same for each retry of the run.")
    node: str = Field(description="The path of the node within the run.")
    parent: str | None = Field(description="The node around it.")
    name: str = Field(description="The task's key in the pipeline; `root` for the whole pipeline.")
    display_name: str
    kind: str
    index: int | None = Field(description="The number of the iteration that it belongs to.")
    phase: NodePhase
    cached: bool = Field(description="Whether its outputs are those of an earlier run.")
    fingerprint: str = Field(description='What the cache knows it by; "" if it was not looked up.')
    detail: str = Field(description="Why it was skipped, or what it waits for.")
    created_at: Time
    started_at: Time | None
    ended_at: Time | None
    failure: WireFailureView | None
    inputs: WireValuesView
    outputs: WireValuesView
    attempts: list[WireAttemptView]
    history: list[WirePhaseView]


class WireTasksView(View):
    """Every node of a run."""

    tasks: list[WireTaskView]
