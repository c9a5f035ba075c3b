"""A task of a run: what the executor is given, what it reports, and what readers see of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pinnace.domain.environments import EnvironmentSpec
from pinnace.domain.ids import ArtifactId, NodeId, RunId
from pinnace.domain.states import AttemptOutcome, NodePhase
from pinnace.domain.values import Instant, JsonValue


@dataclass(frozen=True, slots=True)
class AttemptKey:
    """One try of one node. Whatever is done for an attempt is idempotent by this key."""

    run: RunId
    node: NodeId
    attempt: int


@dataclass(frozen=True, slots=True)
class ResourceAmounts:
    """Resolved resources. Cores and bytes; None where the pipeline says nothing."""

    cpu_request: float | None = None
    cpu_limit: float | None = None
    memory_request: int | None = None
    memory_limit: int | None = None
    accelerator_type: str = ""
    accelerators: int = 0


@dataclass(frozen=True, slots=True)
class PythonProgram:
    """A command that runs a component's Python source by the SDK's executor, in parts.

    Attributes:
        source: The component's module.
        arguments: Of ``kfp.dsl.executor_main``, without the one that names the module; placeholders resolved.
    """

    source: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """All that an executor knows of a task.

    Attributes:
        key: Which attempt this is.
        display_name: For messages.
        image: The image that the pipeline names; the process executor does not use it.
        command: The whole command line, every placeholder resolved.
        program: What the command line does, where it is a lightweight component's; an executor may do that without it.
        environment: Variables that the pipeline sets, over what the executor passes on by itself.
        directory: The attempt's own directory, absolute. The executor creates it, writes ``log`` and its own
            records into it, and nothing else writes there but the task.
        parents: Directories that must exist before the command starts.
        deadline_seconds: The attempt fails after that time; 0 for none.
        stop_at: The attempt is canceled then, whether a server lives or not.
        resources: What it asks for and may use.
        python: The Python environment that the component declares.
    """

    key: AttemptKey
    display_name: str
    image: str
    command: tuple[str, ...]
    directory: str
    environment: Mapping[str, str] = field(default_factory=dict)
    parents: tuple[str, ...] = ()
    deadline_seconds: float = 0.0
    stop_at: Instant | None = None
    resources: ResourceAmounts = ResourceAmounts()
    python: EnvironmentSpec = EnvironmentSpec()
    program: PythonProgram | None = None


@dataclass(frozen=True, slots=True)
class TaskFailure:
    """Why something did not succeed.

    Attributes:
        message: One or two sentences; the first names the cause.
        code: A stable word for programs: ``ExitCode``, ``DeadlineExceeded``, ``OutOfMemory``, ``InvalidOutput``, …
        exit_code: Exit status of the command, where there is one.
    """

    message: str
    code: str = "Error"
    exit_code: int | None = None


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One attempt as readers see it."""

    number: int
    scheduled_at: Instant
    started_at: Instant | None = None
    ended_at: Instant | None = None
    outcome: AttemptOutcome | None = None
    failure: TaskFailure | None = None


@dataclass(frozen=True, slots=True)
class NodeBinding:
    """Values and artifacts that go into or come out of a node. A list of artifacts keeps its order."""

    parameters: Mapping[str, JsonValue] = field(default_factory=dict)
    artifacts: Mapping[str, tuple[ArtifactId, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """A node of a run as readers see it: the projection that the store keeps up to date.

    Attributes:
        kind: ``DAG``, ``LOOP``, ``CONTAINER`` or ``IMPORTER``.
        index: Iteration number inside a loop, or None.
        cached: Whether it succeeded by a cache hit.
        detail: In a sentence why it was skipped, or what it waits for; "" otherwise.
        fingerprint: Its cache key, "" when it was not looked up.
        iterations: Of a loop that was opened: how many.
    """

    run: RunId
    node: NodeId
    parent: NodeId | None
    name: str
    display_name: str
    kind: str
    phase: NodePhase
    created_at: Instant
    index: int | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None
    inputs: NodeBinding = NodeBinding()
    outputs: NodeBinding = NodeBinding()
    failure: TaskFailure | None = None
    cached: bool = False
    detail: str = ""
    fingerprint: str = ""
    attempts: tuple[AttemptRecord, ...] = ()
    history: tuple[tuple[Instant, NodePhase], ...] = ()
    iterations: int | None = None
