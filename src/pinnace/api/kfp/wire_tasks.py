"""Messages of tasks, as upstream has announced them (``proposals/12147-mlmd-removal/protos/runs.proto``)."""

from typing import Annotated

from pydantic import Field

from pinnace.api.kfp.wire_artifacts import WireArtifact
from pinnace.api.kfp.wire_base import Int64, Message, OneOf, RuntimeState, Status, Struct, Timestamp
from pinnace.api.kfp.wire_runs import WireRuntimeStatus

TaskType = Annotated[
    str,
    OneOf("ROOT", "RUNTIME", "CONDITION_BRANCH", "CONDITION", "LOOP", "LOOP_ITERATION", "EXIT_HANDLER", "DAG"),
]


class WireTaskPod(Message):
    """An attempt to run a task, by the names that the task itself can ask for."""

    name: str = ""
    uid: str = ""
    type: Annotated[str, OneOf("DRIVER", "EXECUTOR")] = ""


class WireTaskTypeAttributes(Message):
    """What only some types of tasks have."""

    iteration_index: Int64 | None = None
    iteration_count: Int64 | None = None


class WireIOProducer(Message):
    """The task that made a value, and under which output."""

    task_name: str = ""
    key: str = ""


class WireIOParameter(Message):
    """A parameter. Its value is text: JSON where it is no string."""

    value: str = ""
    name: str = ""
    producer: WireIOProducer | None = None


class WireIOArtifact(Message):
    """An artifact under an input or output; a list of artifacts is one of these each."""

    parameter_name: str = ""
    value: WireArtifact | None = None
    producer: WireIOProducer | None = None


class WireInputOutputs(Message):
    """Everything that a task took in, or gave out."""

    parameters: tuple[WireIOParameter, ...] = ()
    artifacts: tuple[WireIOArtifact, ...] = ()


class WireTaskChild(Message):
    """A task directly inside another."""

    task_id: str = ""
    name: str = ""


class WireTask(Message):
    """A node of a run. ``type`` is always written, also where it is the enum's zero."""

    name: str = Field("", description="The task's key in the pipeline; `root` for the whole pipeline.")
    display_name: str = ""
    task_id: str = ""
    run_id: str = ""
    pods: tuple[WireTaskPod, ...] = ()
    cache_fingerprint: str = ""
    create_time: Timestamp = ""
    start_time: Timestamp = ""
    end_time: Timestamp = ""
    state: RuntimeState = ""
    status_metadata: Struct | None = Field(None, description="`message` says why it was skipped, or what it waits for.")
    state_history: tuple[WireRuntimeStatus, ...] = ()
    type: TaskType = ""
    type_attributes: WireTaskTypeAttributes | None = None
    error: Status | None = None
    parent_task_id: str = ""
    child_tasks: tuple[WireTaskChild, ...] = Field((), description="Only where a single task is asked for.")
    inputs: WireInputOutputs | None = None
    outputs: WireInputOutputs | None = None


class WireTasks(Message):
    """A page of tasks."""

    tasks: tuple[WireTask, ...] = ()
    next_page_token: str = ""
    total_size: int = 0
