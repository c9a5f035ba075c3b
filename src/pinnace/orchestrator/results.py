"""What a command has left: output parameters and artifacts, read, checked and published; or its last words. Blocks."""

import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from pinnace.domain.artifacts import MAX_NAME, Artifact
from pinnace.domain.ids import ArtifactId, output_artifact_id
from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import AttemptKey, NodeBinding, TaskFailure
from pinnace.domain.values import JsonValue
from pinnace.engine.signals import AttemptFinished
from pinnace.ir.executor_io import ExecutorOutput, ExecutorOutputError, ReportedArtifact, parse_executor_output
from pinnace.ir.model import ArtifactSpec, Component, ParameterType
from pinnace.ir.parameters import ParameterError, conform, from_text
from pinnace.ir.yaml_reader import MAX_DEPTH
from pinnace.orchestrator.last_words import with_last_words
from pinnace.orchestrator.layout import Layout
from pinnace.orchestrator.loading import LoadedRun
from pinnace.orchestrator.places import Places
from pinnace.ports.artifacts import ArtifactStore
from pinnace.ports.executor import AttemptEnded

MAX_PARAMETER_BYTES: Final = 16 << 20
"""Larger values belong into artifacts: a parameter is kept in the database and in memory."""

MAX_PARAMETER_VALUES: Final = 500_000
"""Items of lists and structs in one file: each takes about a hundred bytes of memory, however short its text is."""

_TEXT: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_JSON_KINDS: Final = (
    ParameterType.LIST,
    ParameterType.STRUCT,
    ParameterType.FINAL_STATUS,
    ParameterType.TASK_CONFIG,
)


class InvalidOutput(Exception):
    """What the task left is not what its component declares."""


class Results:
    """Reads the outputs of attempts."""

    def __init__(self, layout: Layout, artifacts: ArtifactStore) -> None:
        self._layout = layout
        self._artifacts = artifacts

    def conclude(self, loaded: LoadedRun, ended: AttemptEnded) -> AttemptFinished:
        """The end of an attempt with what it left: outputs where it succeeded, else its command's last words.

        An attempt whose command succeeded failed all the same if its outputs are wrong.
        """
        key = ended.key
        if ended.outcome is AttemptOutcome.SUCCEEDED:
            return self._collect(loaded, key)
        failure = ended.failure
        if failure is not None:
            failure = with_last_words(failure, self._layout.attempt_log(key.run, key.node, key.attempt))
        return AttemptFinished(key.node, key.attempt, ended.outcome, failure=failure)

    def _collect(self, loaded: LoadedRun, key: AttemptKey) -> AttemptFinished:
        component = loaded.state.nodes[key.node].place.component
        places = Places(self._layout, self._artifacts, loaded, key)
        try:
            written = _executor_output(places.metadata_file)
            parameters = _parameters(component, places, written)
            artifacts = self._publish_all(replace(key, run=loaded.maker), component, places, written)
        except InvalidOutput as error:
            failure = TaskFailure(str(error), "InvalidOutput")
            return AttemptFinished(key.node, key.attempt, AttemptOutcome.FAILED, failure=failure)
        ids: dict[str, tuple[ArtifactId, ...]] = {
            name: tuple(artifact.id for artifact in items) for name, items in artifacts.items()
        }
        everything = tuple(artifact for items in artifacts.values() for artifact in items)
        outputs = NodeBinding(parameters, ids)
        return AttemptFinished(key.node, key.attempt, AttemptOutcome.SUCCEEDED, outputs, everything)

    def _publish_all(
        self, key: AttemptKey, component: Component, places: Places, written: ExecutorOutput
    ) -> Mapping[str, list[Artifact]]:
        published: dict[str, list[Artifact]] = {}
        for name, spec in component.outputs.artifacts.items():
            items = list(written.artifacts.get(name, ()))
            if not spec.is_list:
                items = items[:1] or [ReportedArtifact(name)]
            published[name] = [self._publish(key, name, index, spec, item, places) for index, item in enumerate(items)]
        return published

    def _publish(
        self, key: AttemptKey, name: str, index: int, spec: ArtifactSpec, item: ReportedArtifact, places: Places
    ) -> Artifact:
        """Bring one artifact to its URI, unless the task put it somewhere of its own choice."""
        if len(item.name or name) > MAX_NAME:
            raise InvalidOutput(
                f'The task gave its output artifact "{name}" a name of more than {MAX_NAME} characters.'
            )
        planned = places.output_uri(name)
        given = places.output_path(name)
        uri = planned if item.uri in {"", given} else item.uri
        content = item.custom_path or given
        try:
            if uri == planned and content != uri and Path(content).exists():
                self._artifacts.publish(content, uri)
            found = self._artifacts.inspect(uri) if uri == planned or self._artifacts.is_local(uri) else None
        except OSError as error:
            reason = error.strerror or str(error)
            raise InvalidOutput(f'The output artifact "{name}" of the task cannot be published: {reason}.') from None
        return Artifact(
            id=output_artifact_id(key.run, key.node, key.attempt, name, index),
            name=item.name or name,
            type=spec.type,
            uri=uri,
            metadata={"display_name": name, **spec.metadata, **item.metadata},
            custom_path=item.custom_path,
            digest=found.digest if found else "",
            size=found.size if found else -1,
        )


def _executor_output(path: Path) -> ExecutorOutput:
    text = _bounded_text(path, "the executor output file")
    if text is None:
        return ExecutorOutput()
    try:
        _check_count(text)
        document = json.loads(text)
        _check_value(document)
        return parse_executor_output(document)
    except (ValueError, ExecutorOutputError) as error:
        raise InvalidOutput(f"The executor output file that the task wrote is not valid: {error}") from None
    except RecursionError:
        raise InvalidOutput("The executor output file that the task wrote is nested too deeply.") from None


def _parameters(component: Component, places: Places, written: ExecutorOutput) -> dict[str, JsonValue]:
    """Declared output parameters: from the executor output where it has them, else from the file of each."""
    values: dict[str, JsonValue] = {}
    for name, kind in component.outputs.parameters.items():
        try:
            if name in written.parameters:
                values[name] = conform(name, kind, written.parameters[name])
                continue
            text = _bounded_text(places.parameter_file(name), f'output parameter "{name}"')
            if text is None:
                raise InvalidOutput(f'The task ended without writing its output parameter "{name}".')
            if kind in _JSON_KINDS:
                _check_count(text)
            values[name] = from_text(kind, text)
            _check_value(values[name])
        except (ParameterError, ValueError) as error:
            raise InvalidOutput(f'The task wrote a wrong output parameter "{name}": {error}') from None
    return values


def _check_count(text: str) -> None:
    """Raise ValueError for JSON that would fill the memory; told from its text, before it is read."""
    marks = _TEXT.sub("", text)
    if sum(map(marks.count, ",[{")) > MAX_PARAMETER_VALUES:
        raise ValueError(f"it holds more than {MAX_PARAMETER_VALUES:,} values. Hand on large data as an artifact")


def _check_value(value: JsonValue) -> None:
    """Raise ValueError for what JSON's syntax lets through and no reader of the value can take."""
    if _is_deeper(value, MAX_DEPTH):
        raise ValueError(f"it has more than {MAX_DEPTH} levels of nesting")
    if "\\ud" in json.dumps(value):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError("it holds half of a surrogate pair, which is no character") from None


def _is_deeper(value: JsonValue, depth: int) -> bool:
    if isinstance(value, dict):
        return depth == 0 or any(_is_deeper(item, depth - 1) for item in value.values())
    return isinstance(value, list) and (depth == 0 or any(_is_deeper(item, depth - 1) for item in value))


def _bounded_text(path: Path, what: str) -> str | None:
    """The text of a regular file, None if there is nothing. Opened without waiting: a task may leave a pipe there."""
    limit = MAX_PARAMETER_BYTES >> 20
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise InvalidOutput(f"The task left something else than a file as {what}.")
            content = file.read(MAX_PARAMETER_BYTES + 1)
        if len(content) > MAX_PARAMETER_BYTES:
            raise InvalidOutput(f"The task wrote more than {limit} MiB into {what}. Hand on large data as an artifact.")
        return content.decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise InvalidOutput(f"The task wrote something into {what} that is no UTF-8 text.") from None
    except OSError as error:
        raise InvalidOutput(f"The task left {what} unreadable: {error.strerror}.") from None
