"""Messages of artifacts, as upstream has announced them (``proposals/12147-mlmd-removal/protos/artifacts.proto``)."""

from typing import Annotated, Final

from pydantic import Field

from pinnace.api.kfp.wire_base import Message, OneOf, Struct, Timestamp
from pinnace.domain.artifacts import KINDS

ARTIFACT_TYPES: Final = ("TYPE_UNSPECIFIED", *KINDS)
LINK_TYPES: Final = ("INPUT", "OUTPUT")

ArtifactType = Annotated[str, OneOf(*ARTIFACT_TYPES)]
LinkType = Annotated[str, OneOf(*LINK_TYPES)]


class WireArtifact(Message):
    """Something that a task gave out, or that a client registered."""

    artifact_id: str = ""
    name: str = ""
    description: str = ""
    type: ArtifactType = Field("", description="`Artifact` also stands for types of somebody's own.")
    uri: str = Field("", description="Where its content lies.")
    metadata: Struct | None = None
    number_value: Annotated[float, Field(allow_inf_nan=False)] | None = Field(
        None, description="Of a registered metric."
    )
    created_at: Timestamp = ""
    namespace: str = ""


class WireArtifacts(Message):
    """A page of artifacts."""

    artifacts: tuple[WireArtifact, ...] = ()
    total_size: int = 0
    next_page_token: str = ""


class WireCreateArtifactRequest(Message):
    """An artifact to register. The fields that would tie it to a task are read, to be refused with a reason."""

    artifact: WireArtifact | None = None
    run_id: str = Field("", description="The run that it came from, if any.")
    task_id: str = ""
    type: Annotated[str, OneOf("", *LINK_TYPES)] = ""
    producer_task_name: str = ""
    producer_key: str = ""


class WireArtifactTask(Message):
    """An artifact that a task took in or gave out, and the task that had made it.

    ``type`` is always written, also where it is the enum's zero.
    """

    id: str = ""
    artifact_id: str = ""
    run_id: str = ""
    task_id: str = ""
    type: LinkType = ""
    producer_task_name: str = Field("", description="The key of the task that made the artifact.")
    producer_key: str = Field("", description="Under which output that task gave it out.")
    artifact_key: str = Field("", description="The input or output of this task.")


class WireArtifactTasks(Message):
    """A page of links. ``total_size`` is left out where nothing narrows the list down."""

    artifact_tasks: tuple[WireArtifactTask, ...] = ()
    total_size: int = 0
    next_page_token: str = ""
