"""Placeholders: ``{{$…}}`` in constants and commands, and the structures Concat and IfPresent.

Substitution is by structure and in one pass: what a placeholder is replaced with is never searched again, and JSON is
written after the values in it are complete, so that no value can break it.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pinnace.domain.values import JsonObject, JsonValue
from pinnace.ir.locations import artifact_path
from pinnace.ir.parameters import compact_json, integral_numbers, to_text

_PLACEHOLDER: Final = re.compile(r"\{\{\$(?:\.([^{}]*))?\}\}")
_QUOTES: Final = r"(?:''|'|\"|\\\")"
_REFERENCE: Final = re.compile(
    rf"(?P<side>inputs|outputs)\.(?P<kind>parameters|artifacts)\[{_QUOTES}(?P<name>[^'\"\\]+){_QUOTES}\]"
    rf"(?:\.(?P<field>\w+)(?:\[{_QUOTES}(?P<key>[^'\"\\]+){_QUOTES}\])?)?\Z"
)
_STRUCTURES: Final = ("Concat", "IfPresent")


@dataclass(frozen=True, slots=True)
class RunContext:
    """What placeholders may say about a run.

    Attributes:
        job_name: The run's display name.
        job_resource_name: The name that a workflow object would have.
        job_uuid: The run's id.
        create_time: RFC 3339, UTC.
        schedule_time: RFC 3339, UTC: the slot of a recurring run, else the time of creation.
        pipeline_root: Where the run's artifacts go.
        workspace_path: The run's workspace as its tasks see it; "" when it has none.
    """

    job_name: str
    job_resource_name: str
    job_uuid: str
    create_time: str
    schedule_time: str
    pipeline_root: str
    workspace_path: str = ""


def context_values(context: RunContext, task_name: str, task_uuid: str) -> dict[str, str]:
    """The placeholders about a run and a task, by the name after ``{{$.``."""
    values = {
        "pipeline_job_name": context.job_name,
        "pipeline_job_resource_name": context.job_resource_name,
        "pipeline_job_uuid": context.job_uuid,
        "pipeline_task_name": task_name,
        "pipeline_task_uuid": task_uuid,
        "pipeline_job_create_time_utc": context.create_time,
        "pipeline_job_schedule_time_utc": context.schedule_time,
        "pipeline_root": context.pipeline_root,
    }
    if context.workspace_path:
        values["workspace_path"] = context.workspace_path
    return values


def resolve_constant(
    value: JsonValue,
    context: RunContext,
    task_name: str,
    task_uuid: str,
    parameters: Mapping[str, JsonValue] | None = None,
) -> JsonValue:
    """A constant of the document with its placeholders resolved, at any place in any text of it.

    Upstream resolves a placeholder about the run only where it is the whole constant, and references to *parameters*
    (the other inputs of the same task) only in commands. A text inside a list or a mapping that is nothing but a
    reference becomes the value itself, with its type; elsewhere values become text. Unknown placeholders stay.
    """
    values = context_values(context, task_name, task_uuid)
    if isinstance(value, str):
        return _resolve_text(value, parameters or {}, values)
    return _resolve_nested(value, parameters or {}, values)


def resolve_text(text: str, parameters: Mapping[str, JsonValue]) -> str:
    """*text* (an image, an amount of a resource) with references to input parameters resolved."""
    return _resolve_text(text, parameters, {})


def resolve_command(
    words: Sequence[str],
    executor_input: JsonObject,
    constants: Mapping[str, str] | None = None,
    absent: Collection[str] = (),
) -> tuple[str, ...]:
    """The words of a command line with every placeholder resolved.

    Args:
        words: ``command`` and ``args`` of a container.
        executor_input: As ``executor_io.executor_input`` makes it.
        constants: The placeholders about the run and the task, from ``context_values``.
        absent: Inputs that the component declares and that have no value: they become nothing, while a reference to
            what no one declared stays as it is.
    """
    completed = _complete(executor_input)
    view = _View(completed, constants or {}, frozenset(absent))
    flat = [item for word in words for item in _expand(word, view)]
    return tuple(view.resolve(word) for word in flat)


def _resolve_text(text: str, parameters: Mapping[str, JsonValue], constants: Mapping[str, str]) -> str:
    def replace(found: re.Match[str]) -> str:
        expression = found[1] or ""
        if expression in constants:
            return constants[expression]
        name = _input_parameter(expression)
        return to_text(parameters[name]) if name is not None and name in parameters else found[0]

    return _PLACEHOLDER.sub(replace, text) if "{{$" in text else text


def _resolve_nested(value: JsonValue, parameters: Mapping[str, JsonValue], constants: Mapping[str, str]) -> JsonValue:
    match value:
        case str():
            whole = _PLACEHOLDER.fullmatch(value)
            name = _input_parameter(whole[1] or "") if whole else None
            if name is not None and name in parameters:
                return parameters[name]
            return _resolve_text(value, parameters, constants)
        case list():
            return [_resolve_nested(item, parameters, constants) for item in value]
        case dict():
            return {
                _resolve_text(key, parameters, constants): _resolve_nested(item, parameters, constants)
                for key, item in value.items()
            }
        case _:
            return value


def _input_parameter(expression: str) -> str | None:
    found = _REFERENCE.match(expression)
    if found is None or found["side"] != "inputs" or found["kind"] != "parameters" or found["field"]:
        return None
    return found["name"]


def _complete(executor_input: JsonObject) -> JsonObject:
    """The executor input with references between its own parameter values resolved."""
    inputs = executor_input.get("inputs")
    values = inputs.get("parameterValues") if isinstance(inputs, dict) else None
    if not isinstance(inputs, dict) or not isinstance(values, dict):
        return executor_input
    resolved: JsonObject = {
        name: _resolve_text(value, values, {}) if isinstance(value, str) else _resolve_nested(value, values, {})
        for name, value in values.items()
    }
    return {**executor_input, "inputs": {**inputs, "parameterValues": resolved}}


def _expand(word: str, view: "_View") -> Iterable[str]:
    """The words that a word stands for: itself, or what the structure in it says."""
    if not word.lstrip().startswith("{"):
        return [word]
    try:
        structure = json.loads(word)
    except ValueError:
        return [word]
    if not isinstance(structure, dict) or len(structure) != 1 or next(iter(structure)) not in _STRUCTURES:
        return [word]
    return _expand_structure(structure, view)


def _expand_structure(structure: JsonValue, view: "_View") -> list[str]:
    match structure:
        case str():
            return [structure]
        case list():
            return [word for item in structure for word in _expand_structure(item, view)]
        case {"Concat": list(items)}:
            return ["".join(word for item in items for word in _expand_structure(item, view))]
        case {"IfPresent": {"InputName": str(name)} as condition}:
            branch = _at(condition, "Then" if view.is_present(name) else "Else")
            return [] if branch is None else _expand_structure(branch, view)
        case _:
            return [compact_json(structure)]


class _View:
    """What the placeholders of one command refer to."""

    def __init__(self, executor_input: JsonObject, constants: Mapping[str, str], absent: frozenset[str]) -> None:
        self._whole = executor_input
        self._constants = constants
        self._absent = absent

    def is_present(self, name: str) -> bool:
        value = _at(self._whole, "inputs", "parameterValues", name)
        artifacts = _at(self._whole, "inputs", "artifacts", name, "artifacts")
        return value is not None or bool(artifacts)

    def resolve(self, word: str) -> str:
        return _PLACEHOLDER.sub(self._replace, word) if "{{$" in word else word

    def _replace(self, found: re.Match[str]) -> str:
        expression = found[1]
        if expression is None:
            return json.dumps(integral_numbers(self._whole), separators=(",", ":"))
        if expression in self._constants:
            return self._constants[expression]
        if expression in {"outputs.output_file", "outputMetadataUri"}:
            return to_text(_at(self._whole, "outputs", "outputFile"))
        reference = _REFERENCE.match(expression)
        text = self._reference(reference) if reference else None
        return found[0] if text is None else text

    def _reference(self, found: re.Match[str]) -> str | None:
        side, name, field = found["side"], found["name"], found["field"]
        if found["kind"] == "artifacts":
            text = self._artifact(side, name, field, found["key"])
        elif side == "inputs":
            values = _at(self._whole, "inputs", "parameterValues")
            known = isinstance(values, dict) and name in values and not field
            text = to_text(_at(values, name)) if known else None
        else:
            path = _at(self._whole, "outputs", "parameters", name, "outputFile")
            text = to_text(path) if path is not None and field == "output_file" else None
        return "" if text is None and side == "inputs" and name in self._absent else text

    def _artifact(self, side: str, name: str, field: str | None, key: str | None) -> str | None:
        artifacts = _at(self._whole, side, "artifacts", name, "artifacts")
        if not isinstance(artifacts, list) or not artifacts:
            return None
        first = artifacts[0]
        if field is None:
            return compact_json(artifacts)
        if not isinstance(first, dict):
            return None
        if field == "path":
            return artifact_path(first)
        value = first.get(field, {} if field == "metadata" else None)
        return to_text(_at(value, key) if key is not None else value)


def _at(value: JsonValue, *keys: str) -> JsonValue:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
