"""What has changed since a pipeline last succeeded."""

from typing import Any

from pydantic import Field

from pinnace.api.extensions.wire_base import Time, View
from pinnace.services.run_changes import ChangedThing


class WireSuccess(View):
    """The run that succeeded."""

    run_id: str
    display_name: str
    created_at: Time


class WireRunDifference(View):
    """One thing that is not as it was."""

    thing: ChangedThing
    task: str = Field(description="The path of the task in the pipeline, without iterations; empty for the run.")
    name: str = Field(
        description="Of the parameter, setting or input. For `PIPELINE` what of the task: `ADDED`, `REMOVED`, `CODE`, "
        "`PACKAGES`, `IMAGE`, `COMMAND`, `VARIABLES`, `RESOURCES`, `CONSTANTS`, `IMPORTED`, `CONDITION`, `LOOP`, "
        "`ORDER`, `RETRIES`, `CACHING`."
    )
    before: Any = Field(description="Null where there was none. Long values are cut, passwords in URLs left out.")
    after: Any = Field(description="Null where there is none any more.")
    diff: str = Field(description="Of code: a unified diff.")


class WireChangesSinceSuccess(View):
    """What is different from the newest run of the same pipeline that succeeded before."""

    last_success: WireSuccess | None = Field(description="Null if there is none; then nothing is compared.")
    comparable: bool = Field(description="False if one of the two pipeline documents cannot be read by this release.")
    differences: list[WireRunDifference]
    more: int = Field(description="How many more differences there are.")
