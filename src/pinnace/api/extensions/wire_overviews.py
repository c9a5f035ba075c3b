"""Artifacts and tasks of all runs, a line each."""

from pydantic import Field

from pinnace.api.extensions.wire_base import Time, View
from pinnace.api.extensions.wire_lineage import WireArtifactUse, WireTaskBrief


class WireArtifactLine(View):
    """An artifact in a list, without what was recorded with it."""

    artifact_id: str
    name: str
    type: str = Field(description="The title of its schema, like `system.Model`.")
    uri: str
    size: int | None = Field(description="In bytes, null where that is not known.")
    created_at: Time
    run_id: str | None = Field(description="The run that made it, which may be gone; null for a registered one.")
    producer: WireArtifactUse | None = Field(description="The task that made it, or first imported it.")


class WireArtifactLines(View):
    """One page of artifacts, newest first."""

    items: list[WireArtifactLine]
    total: int = Field(description="How many match, on all pages.")
    next_page_token: str = Field(description='"" on the last page.')


class WireTaskLines(View):
    """One page of tasks, newest first."""

    items: list[WireTaskBrief]
    total: int = Field(description="How many match, on all pages.")
    next_page_token: str = Field(description='"" on the last page.')
