"""Runs as lists and comparisons show them."""

from typing import Any

from pydantic import Field

from pinnace.api.extensions.wire_base import View
from pinnace.api.extensions.wire_streams import WireRunHeader


class WireRunRow(View):
    """A run with the names of what it belongs to, and the numbers that it made."""

    run: WireRunHeader
    description: str
    experiment_name: str
    pipeline_name: str = Field(description="Of the stored pipeline, or what the document calls itself.")
    pipeline_id: str | None
    pipeline_version_id: str | None
    version_name: str
    recurring_run_id: str | None
    recurring_run_name: str
    creator: str
    parameters: dict[str, Any]
    metrics: dict[str, float] = Field(description="Scalar metrics; of a name that came twice, the last.")


class WireRunRows(View):
    """A page of runs."""

    runs: list[WireRunRow]
    total_size: int
    next_page_token: str = Field(description='"" on the last page.')
