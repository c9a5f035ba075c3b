"""Room: what takes it, and what is collected."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from pinnace.api.extensions.wire_base import Time, View, time_of
from pinnace.ports.room import KeptEnvironment, Leftover
from pinnace.services.garbage import Report, Usage

Bytes = Annotated[int, Field(ge=0)]

MOST_RUNS = 5000
_SHOWN = 1000
"""Leftovers that an answer lists."""


class WireStorage(View):
    """What takes how much, as it was at most a minute ago."""

    database_bytes: Bytes
    log_bytes: Bytes = Field(description="Directories of attempts, with their logs.")
    artifact_bytes: Bytes = Field(description="Artifacts in the data directory.")
    workspace_bytes: Bytes
    environment_bytes: Bytes = Field(description="Python environments that were built for tasks.")
    total_bytes: Bytes
    is_complete: bool = Field(description="False where there are so many files that only a part was counted.")


class WireEnvironment(View):
    """A Python environment that was built for tasks."""

    id: str
    mode: str = Field(description="`inherit` for a layer on the server's Python, `isolated` for one that stands alone.")
    python_version: str
    requirements: list[str] = Field(description="What was asked for.")
    bytes: Bytes
    built_at: Time
    last_used_at: Time
    in_use: bool


class WireEnvironments(View):
    """All of them, the last used first."""

    environments: list[WireEnvironment]


class GcRequest(BaseModel):
    """What to collect."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dry_run: bool = Field(default=False, description="Only say what would be removed.")
    runs_older_than_seconds: Annotated[float, Field(gt=0, lt=1e11)] | None = Field(
        default=None, description="Delete also runs, archived or not, that ended longer ago."
    )
    max_runs: Annotated[int, Field(ge=1, le=MOST_RUNS)] = Field(
        default=500, description="The most runs that one request deletes; `more` says whether there are others."
    )


class WireLeftover(View):
    """A directory of a run that does not exist."""

    path: str
    kind: str = Field(description="`logs`, `artifacts` or `workspace`.")
    bytes: Bytes


class WireGcReport(View):
    """What was removed, or, in a dry run, would be."""

    dry_run: bool
    runs_archived: int
    runs_deleted: int
    log_bytes: Bytes = Field(description="Of the runs that are deleted; they go right after this answer.")
    artifact_bytes: Bytes = Field(description="Of the same, but for what other runs use.")
    workspace_bytes: Bytes
    leftover_count: int
    leftover_bytes: Bytes
    leftovers: list[WireLeftover] = Field(description=f"The first {_SHOWN} of them.")
    document_count: int = Field(description="Pipeline documents that nothing needs.")
    document_bytes: Bytes
    environment_count: int = Field(description="Environments over the budget.")
    environment_bytes: Bytes
    total_bytes: Bytes
    more: bool = Field(description="Whether there are more old runs than one request takes.")


def storage_view(usage: Usage) -> WireStorage:
    """The usage as our API tells it."""
    files = usage.files
    return WireStorage(
        database_bytes=usage.database,
        log_bytes=files.logs,
        artifact_bytes=files.artifacts,
        workspace_bytes=files.workspaces,
        environment_bytes=usage.environments,
        total_bytes=usage.database + files.logs + files.artifacts + files.workspaces + usage.environments,
        is_complete=files.complete,
    )


def environment_view(environment: KeptEnvironment) -> WireEnvironment:
    """An environment as our API tells it."""
    return WireEnvironment(
        id=environment.key,
        mode=environment.mode,
        python_version=environment.python_version,
        requirements=list(environment.requirements),
        bytes=environment.size,
        built_at=time_of(environment.built_at),
        last_used_at=time_of(environment.last_used_at),
        in_use=environment.in_use,
    )


def report_view(report: Report, *, dry_run: bool) -> WireGcReport:
    """A report as our API tells it."""
    return WireGcReport(
        dry_run=dry_run,
        runs_archived=report.archived,
        runs_deleted=report.deleted,
        log_bytes=report.freed.logs,
        artifact_bytes=report.freed.artifacts,
        workspace_bytes=report.freed.workspaces,
        leftover_count=len(report.leftovers),
        leftover_bytes=sum(each.size for each in report.leftovers),
        leftovers=[_leftover(each) for each in report.leftovers[:_SHOWN]],
        document_count=report.documents.count,
        document_bytes=report.documents.size,
        environment_count=report.environments.count,
        environment_bytes=report.environments.size,
        total_bytes=report.size,
        more=report.more,
    )


def _leftover(leftover: Leftover) -> WireLeftover:
    return WireLeftover(path=leftover.path, kind=leftover.kind, bytes=leftover.size)
