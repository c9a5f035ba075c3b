"""What has changed since a pipeline last succeeded."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pinnace.domain.ids import ROOT
from pinnace.domain.runs import Run
from pinnace.domain.states import NodePhase
from pinnace.domain.tasks import TaskRecord
from pinnace.domain.values import JsonObject, JsonValue
from pinnace.errors import InvalidPipeline, NotFound
from pinnace.ir.difference import Aspect, TaskDifference, task_differences
from pinnace.ir.fingerprint import identity, without_credentials
from pinnace.ir.parameters import compact_json
from pinnace.ir.parse import parse_pipeline
from pinnace.ports.store import UnitOfWork

_LONGEST: Final = 4_000
"""Characters of one value that are shown."""
_MOST: Final = 100
"""Differences that are told; behind so many nobody looks for the one that matters."""
_CONTEXT: Final = 2


class ChangedThing(StrEnum):
    """What a difference is about."""

    PARAMETER = "PARAMETER"
    """A parameter of the run."""
    SETTING = "SETTING"
    """How the run was started."""
    PIPELINE = "PIPELINE"
    """A task of the pipeline's document."""
    INPUT = "INPUT"
    """What the failed task took in."""


@dataclass(frozen=True, slots=True)
class RunDifference:
    """One thing that is not as it was.

    Attributes:
        task: The path of the task in the pipeline, without iterations; "" for the run itself.
        name: Of the parameter, input or setting; the aspect for ``PIPELINE``.
        before: None where there was none.
        after: None where there is none any more.
        diff: Of code, as a unified diff without its header; "" for the others.
    """

    thing: ChangedThing
    task: str
    name: str
    before: JsonValue = None
    after: JsonValue = None
    diff: str = ""


@dataclass(frozen=True, slots=True)
class ChangesSinceSuccess:
    """What is different from the newest run of the same pipeline that succeeded before.

    Attributes:
        last_success: None if there is none, and then no differences either.
        is_comparable: Whether both documents could be read.
        more: How many differences were left out.
    """

    run: Run
    last_success: Run | None = None
    is_comparable: bool = True
    differences: Sequence[RunDifference] = field(default_factory=tuple)
    more: int = 0


def changes_since_success(uow: UnitOfWork, run: Run) -> ChangesSinceSuccess:
    """Compare a run with the last one of its pipeline that succeeded before it."""
    last = uow.runs.last_success(run)
    if last is None:
        return ChangesSinceSuccess(run)
    found = [*_parameters(uow, last, run), *_settings(last, run)]
    document = _in_the_document(uow, last, run)
    found += document or []
    found += _inputs(uow, last, run)
    return ChangesSinceSuccess(run, last, document is not None, found[:_MOST], max(0, len(found) - _MOST))


def _parameters(uow: UnitOfWork, last: Run, run: Run) -> Iterator[RunDifference]:
    for name, before, after in _different(_given(uow, last), _given(uow, run)):
        yield RunDifference(ChangedThing.PARAMETER, "", name, _shown(before), _shown(after))


def _given(uow: UnitOfWork, run: Run) -> Mapping[str, JsonValue]:
    """With defaults filled in, once the run has begun."""
    try:
        return uow.runs.task(run.id, ROOT).inputs.parameters or run.parameters
    except NotFound:
        return run.parameters


def _settings(last: Run, run: Run) -> Iterator[RunDifference]:
    def of(each: Run) -> JsonObject:
        return {
            "caching": each.caching,
            "environment": each.environment,
            "pipeline_root": each.pipeline_root or None,
            "service_account": each.service_account or None,
        }

    for name, before, after in _different(of(last), of(run)):
        yield RunDifference(ChangedThing.SETTING, "", name, _shown(before), _shown(after))


def _in_the_document(uow: UnitOfWork, last: Run, run: Run) -> list[RunDifference] | None:
    """None if this release does not understand one of them."""
    if last.document == run.document:
        return []
    try:
        before, after = (parse_pipeline(uow.pipelines.document(each.document)) for each in (last, run))
    except (InvalidPipeline, NotFound):
        return None
    return [_of_task(each) for each in task_differences(before, after)]


def _of_task(found: TaskDifference) -> RunDifference:
    if found.aspect is Aspect.CODE and isinstance(found.before, str) and isinstance(found.after, str):
        diff = _diff(found.before, found.after)
        return RunDifference(ChangedThing.PIPELINE, found.task, found.aspect, diff=diff)
    return RunDifference(ChangedThing.PIPELINE, found.task, found.aspect, _shown(found.before), _shown(found.after))


def _diff(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.strip().splitlines(), after.strip().splitlines(), n=_CONTEXT, lineterm="")
    return without_credentials("\n".join(list(lines)[2:]))[:_LONGEST]


def _inputs(uow: UnitOfWork, last: Run, run: Run) -> Iterator[RunDifference]:
    """What the task that failed first took in, beside what it took in then."""
    failed = _failed_first(uow.runs.tasks([run.id]).get(run.id, ()))
    if failed is None:
        return
    try:
        then = uow.runs.task(last.id, failed.node)
    except NotFound:
        return
    path = "/".join(segment.split("[", 1)[0] for segment in failed.node.split("/"))
    for name, before, after in _different(then.inputs.parameters, failed.inputs.parameters):
        yield RunDifference(ChangedThing.INPUT, path, name, _shown(before), _shown(after))
    for name, before, after in _different(_artifacts(uow, then), _artifacts(uow, failed)):
        yield RunDifference(ChangedThing.INPUT, path, name, before, after)


def _failed_first(tasks: Sequence[TaskRecord]) -> TaskRecord | None:
    failed = [task for task in tasks if task.phase is NodePhase.FAILED and task.node != ROOT]
    around = {task.parent for task in failed}
    return min((task for task in failed if task.node not in around), key=lambda task: task.ended_at or 0, default=None)


def _artifacts(uow: UnitOfWork, task: TaskRecord) -> JsonObject:
    ids = [each for some in task.inputs.artifacts.values() for each in some]
    known = uow.runs.artifacts(ids) if ids else {}
    return {
        name: [identity(known[each]) for each in some if each in known] for name, some in task.inputs.artifacts.items()
    }


def _different(
    before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]
) -> Iterator[tuple[str, JsonValue, JsonValue]]:
    for name in dict.fromkeys([*after, *before]):
        if (name in before) != (name in after) or before.get(name) != after.get(name):
            yield name, before.get(name), after.get(name)


def _shown(value: JsonValue) -> JsonValue:
    """The value without passwords in URLs; one that is very long as the beginning of its text."""
    text = value if isinstance(value, str) else compact_json(value)
    clean = without_credentials(text)
    if len(clean) > _LONGEST:
        return f"{clean[:_LONGEST]} …"
    return value if clean == text else clean
