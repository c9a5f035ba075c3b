"""Nodes of runs as the tasks that upstream has announced; ``convert_tasks`` has those of its present release."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from pinnace.api.kfp.convert_artifacts import artifact_to_wire, task_key
from pinnace.api.kfp.convert_tasks import TASK_STATES, is_iteration, state_history, status_of
from pinnace.api.kfp.filters import Fields
from pinnace.api.kfp.times import timestamp
from pinnace.api.kfp.wire_tasks import (
    WireInputOutputs,
    WireIOArtifact,
    WireIOParameter,
    WireIOProducer,
    WireTask,
    WireTaskChild,
    WireTaskPod,
    WireTaskTypeAttributes,
)
from pinnace.domain.ids import ROOT, ArtifactId, task_uuid
from pinnace.domain.lineage import Link, TaskBrief
from pinnace.domain.listing import Operation, Predicate
from pinnace.domain.states import NodePhase
from pinnace.domain.tasks import NodeBinding, TaskRecord
from pinnace.errors import InvalidInput
from pinnace.ir.parameters import to_text
from pinnace.services.tasks import TaskContext, in_phases

# The compiler says by the name alone what a group of tasks is; upstream goes by it too.
_GROUPS: Final = (
    (re.compile(r"condition-branches-\d+"), "CONDITION_BRANCH"),
    (re.compile(r"condition-\d+"), "CONDITION"),
    (re.compile(r"exit-handler-\d+"), "EXIT_HANDLER"),
)

_PHASES: Final[Mapping[str, Sequence[str]]] = {
    state: [phase.value for phase in NodePhase if TASK_STATES[phase] == state] for state in set(TASK_STATES.values())
}


def _in_phases(predicate: Predicate) -> list[Predicate]:
    """A predicate on the wire's state: several phases may show as one. There is one namespace: it rules out nothing."""
    if predicate.field == "namespace":
        return []
    if predicate.field != "phase":
        return [predicate]
    values = predicate.value if isinstance(predicate.value, tuple) else (predicate.value,)
    phases = tuple(phase for value in values for phase in _PHASES.get(str(value), ()))
    if predicate.operation in {Operation.EQUALS, Operation.IN}:
        return [in_phases(map(NodePhase, phases))]
    if predicate.operation is Operation.NOT_EQUALS:
        return [Predicate("phase", Operation.NOT_EQUALS, phase) for phase in phases]
    raise InvalidInput("filter: a state can be compared with EQUALS, NOT_EQUALS and IN.")


TASK_FIELDS: Final = Fields(
    "Task",
    {
        "id": "id",
        "task_id": "id",
        "run_id": "run_id",
        "parent_task_id": "parent_id",
        "name": "name",
        "display_name": "display_name",
        "state": "phase",
        "status": "phase",
        "cache_fingerprint": "fingerprint",
        "fingerprint": "fingerprint",
        "create_time": "created_at",
        "created_at": "created_at",
        "start_time": "started_at",
        "end_time": "ended_at",
        "finished_at": "ended_at",
        "namespace": "namespace",
    },
    times=frozenset({"created_at", "started_at", "ended_at"}),
    rewrite=_in_phases,
)


def task_to_wire(task: TaskRecord, context: TaskContext, children: Iterable[TaskBrief] = ()) -> WireTask:
    """A node as clients read it."""
    return WireTask.model_construct(
        name="root" if task.node == ROOT else task.name,
        display_name=task.display_name,
        task_id=task_uuid(task.run, task.node),
        run_id=task.run,
        pods=_pods(task),
        cache_fingerprint=task.fingerprint,
        create_time=timestamp(task.created_at),
        start_time=timestamp(task.started_at),
        end_time=timestamp(task.ended_at),
        state=TASK_STATES[task.phase],
        status_metadata={"message": task.detail} if task.detail else None,
        state_history=state_history(task),
        type=task_type(task),
        type_attributes=_attributes(task),
        error=status_of(task.failure) if task.failure is not None else None,
        parent_task_id="" if task.parent is None else task_uuid(task.run, task.parent),
        child_tasks=tuple(WireTaskChild(task_id=child.task_id, name=child.name) for child in children),
        inputs=_values(task.inputs, context),
        outputs=_values(task.outputs, context),
    )


def task_type(task: TaskRecord) -> str:
    """What kind of task a node is, in upstream's words. What has no tasks inside is a RUNTIME task."""
    if task.node == ROOT:
        return "ROOT"
    if task.kind == "LOOP":
        return "LOOP"
    if task.kind != "DAG":
        return "RUNTIME"
    if is_iteration(task):
        return "LOOP_ITERATION"
    return next((kind for pattern, kind in _GROUPS if pattern.fullmatch(task.name)), "DAG")


def _attributes(task: TaskRecord) -> WireTaskTypeAttributes | None:
    if task.kind == "LOOP":
        return WireTaskTypeAttributes.model_construct(iteration_count=task.iterations)
    return WireTaskTypeAttributes.model_construct(iteration_index=task.index) if is_iteration(task) else None


def _pods(task: TaskRecord) -> tuple[WireTaskPod, ...]:
    identity = task_uuid(task.run, task.node)
    return tuple(
        WireTaskPod(name=f"{identity}-{attempt.number}", uid=identity, type="EXECUTOR") for attempt in task.attempts
    )


def _values(binding: NodeBinding, context: TaskContext) -> WireInputOutputs | None:
    if not binding.parameters and not binding.artifacts:
        return None
    return WireInputOutputs.model_construct(
        parameters=tuple(
            WireIOParameter.model_construct(name=name, value=to_text(value))
            for name, value in binding.parameters.items()
        ),
        artifacts=tuple(
            WireIOArtifact.model_construct(
                parameter_name=name,
                value=artifact_to_wire(context.artifacts[each]),
                producer=_producer(context.producers, each),
            )
            for name, ids in binding.artifacts.items()
            for each in ids
            if each in context.artifacts
        ),
    )


def _producer(producers: Mapping[ArtifactId, Link], artifact: ArtifactId) -> WireIOProducer | None:
    made = producers.get(artifact)
    return None if made is None else WireIOProducer(task_name=task_key(made.node), key=made.key)
