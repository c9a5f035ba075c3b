"""The data of messages that streams send."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from pinnace.api.extensions.wire_base import Time, View
from pinnace.api.extensions.wire_tasks import WireFailureView, WireTaskView
from pinnace.domain.changes import ChangeAction
from pinnace.domain.states import RunState, StorageState


class WireChange(View):
    """One change of an object that lists show."""

    change_number: int = Field(description="The place of the change in the order of all.")
    kind: str = Field(
        description="`run`, `experiment`, `pipeline`, `pipeline_version`, `recurring_run`, `artifact`; more may come."
    )
    id: str
    namespace: str
    action: ChangeAction
    summary: dict[str, Any] = Field(description="What lists show of the object, as far as it can change.")


class WireStreamPlace(View):
    """Where a stream goes on. What was loaded before is to be loaded anew."""

    change_number: int


class WireRunHeader(View):
    """A run without its tasks."""

    run_id: str
    display_name: str
    namespace: str
    experiment_id: str
    state: RunState = Field(description="A stopped run is CANCELED here.")
    storage_state: StorageState
    created_at: Time
    scheduled_at: Time
    finished_at: Time | None
    failure: WireFailureView | None


class WireRunEvent(View):
    """One event of a run's history, without its values."""

    sequence: int = Field(description="From 1, without gaps.")
    at: Time
    type: str
    node: str | None = Field(description="The node that it is about, if it is about one.")
    attempt: int | None


class WireRunUpdate(View):
    """What has changed in a run."""

    change_number: int | None = Field(description="Everything up to this change is told; null within a first load.")
    run: WireRunHeader
    tasks: list[WireTaskView] = Field(description="Nodes that are new or have changed, whole.")
    events: list[WireRunEvent] = Field(description="What happened, each event once.")


class EndReason(StrEnum):
    """Why there is nothing more to follow."""

    ENDED = "ENDED"
    DELETED = "DELETED"


class WireStreamEnd(View):
    """The end of a stream of a run. A run that is retried can be followed again."""

    reason: EndReason
