"""What the parts of a task's fingerprint were made of, read again from the run's pipeline and the task's inputs."""

from collections.abc import Mapping
from typing import Final

from pinnace.domain.ids import ROOT, escape_key
from pinnace.domain.runs import Run
from pinnace.domain.tasks import TaskRecord
from pinnace.domain.values import JsonValue
from pinnace.errors import InvalidPipeline
from pinnace.ir.fingerprint import part_values, without_credentials
from pinnace.ir.model import Component, Dag, Pipeline, Task
from pinnace.ir.parameters import compact_json
from pinnace.ir.parse import parse_pipeline
from pinnace.ports.store import UnitOfWork

_LONGEST: Final = 20_000
"""Characters of one part that are shown."""


class PartReader:
    """Reads parts of tasks of some runs; each pipeline is read once."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._pipelines: dict[str, Pipeline | None] = {}

    def component(self, task: TaskRecord) -> str:
        """The name of a task's component; "" if this release does not understand its pipeline."""
        found = self._place(task)
        return "" if found is None else found[1].name

    def values(self, task: TaskRecord) -> Mapping[str, JsonValue]:
        """What is known of the parts, by name, in a form to be shown."""
        found = self._place(task)
        if found is None:
            return {}
        place, component = found
        ids = [each for ids in task.inputs.artifacts.values() for each in ids]
        known = self._uow.runs.artifacts(ids)
        artifacts = {
            name: [known[each] for each in ids if each in known] for name, ids in task.inputs.artifacts.items()
        }
        key = place.caching.key if place.caching else ""
        values = part_values(component, task.inputs.parameters, artifacts, key)
        return {name: _shown(value) for name, value in values.items()}

    def _place(self, task: TaskRecord) -> tuple[Task, Component] | None:
        """The task in its pipeline, and its component."""
        pipeline = self._pipeline(self._uow.runs.get(task.run))
        if pipeline is None or task.node == ROOT:
            return None
        component, place = pipeline.root, None
        for segment in task.node.split("/"):
            key = segment.split("[", 1)[0]
            dag = component.implementation
            tasks = dag.tasks.values() if isinstance(dag, Dag) else ()
            place = next((each for each in tasks if escape_key(each.key) == key), None)
            if place is None:
                return None
            component = pipeline.components[place.component]
        return None if place is None else (place, component)

    def _pipeline(self, run: Run) -> Pipeline | None:
        if run.document not in self._pipelines:
            try:
                self._pipelines[run.document] = parse_pipeline(self._uow.pipelines.document(run.document))
            except InvalidPipeline:
                self._pipelines[run.document] = None
        return self._pipelines[run.document]


def _shown(value: JsonValue) -> JsonValue:
    """The value without passwords in URLs; one that is very long as the beginning of its text."""
    text = value if isinstance(value, str) else compact_json(value)
    if len(text) > _LONGEST:
        return f"{without_credentials(text[:_LONGEST])} …"
    return _cleaned(value)


def _cleaned(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return without_credentials(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {key: _cleaned(item) for key, item in value.items()}
    return value
