"""Runs beyond KFP's message, and their outputs."""

from typing import Any

from pydantic import Field

from pinnace.api.extensions.wire_base import View
from pinnace.domain.environments import EnvironmentMode
from pinnace.domain.states import RunState


class WireRunView(View):
    """What KFP's message of a run has no place for."""

    run_id: str
    state: RunState = Field(description="A stopped run is CANCELED here.")
    environment: EnvironmentMode | None = Field(
        description="How Python environments are made; null: as the server does."
    )
    caching: bool | None = Field(description="False: no task asks the cache; null: as the pipeline says.")
    workspace: str = Field(description="The directory that tasks share. It is there only if the pipeline asks for one.")
    change_number: int = Field(
        description="The last change on the server. Loaded later, tasks can be followed from here."
    )


class WireOutputsView(View):
    """Output parameters of a run and of its tasks."""

    outputs: dict[str, Any] = Field(description="By name.")
    tasks: dict[str, dict[str, Any]] = Field(
        description="By task, then by name. A task that ran more than once is named by its node id."
    )
