"""The submitted file as JSON: which part of it is the pipeline, and which the platform configuration."""

import json
import math
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from pinnace.domain.values import JsonObject, JsonValue
from pinnace.errors import InvalidPipeline
from pinnace.ir.diagnostics import Diagnostic, suggestion
from pinnace.ir.yaml_reader import MAX_DEPTH, YamlError, integral, read_yaml

MAX_BYTES: Final = 32 * 1024 * 1024
"""The largest file, as upstream's upload limits it."""

SCHEMA_VERSION: Final = "2.1.0"

_SPEC_KEYS: Final = frozenset({"pipeline_spec", "pipelineSpec"})
_PLATFORM_KEYS: Final = frozenset({"platform_spec", "platformSpec"})


@dataclass(frozen=True, slots=True)
class Document:
    """A pipeline file, read and split: the PipelineSpec and, where the file has one, the PlatformSpec."""

    spec: JsonObject
    platform: JsonObject | None = None


def load_document(content: bytes) -> Document:
    """Read a file of one or two YAML documents, of JSON, or with the envelope ``{pipeline_spec, platform_spec}``.

    Raises:
        InvalidPipeline: It is too large, not readable, not a pipeline, or of another schema version.
    """
    if len(content) > MAX_BYTES:
        _reject(f"The file has {len(content):,} bytes; a pipeline may have {MAX_BYTES:,}.", "too-large")
    documents = [item for item in _read(_text(content)) if item is not None]
    if not documents:
        _reject("The file is empty. Compile the pipeline again and send the file that the compiler writes.", "empty")
    specs: list[JsonObject] = []
    platforms: list[JsonObject] = []
    for item in documents:
        _classify(item, specs, platforms)
    if len(specs) > 1 or len(platforms) > 1:
        kind = "pipeline" if len(specs) > 1 else "platform"
        _reject(f"The file holds more than one {kind} document. Keep one of them.", "duplicate-document")
    if not specs:
        _reject(
            "The file has platform settings but no pipeline. Send the whole file that the compiler writes.", "empty"
        )
    _check_version(specs[0])
    return Document(specs[0], platforms[0] if platforms else None)


def _reject(message: str, code: str, path: str = "") -> NoReturn:
    raise InvalidPipeline([Diagnostic(path, message, code)])


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _reject(
            f"The file is not text in UTF-8 (byte {error.start}). Send the YAML or JSON file that the compiler writes.",
            "not-text",
        )
    if "\0" in text:
        _reject("The file is binary. Send the YAML or JSON file that the compiler writes.", "not-text")
    return text


def _read(text: str) -> list[JsonValue]:
    if text.lstrip()[:1] == "{":
        try:
            return [_read_json(text)]
        except json.JSONDecodeError:
            pass  # YAML's own mappings may begin with a brace too; its reader then has the better message
        except RecursionError:
            _reject(f"The file has more than {MAX_DEPTH} levels of nesting.", "not-readable")
    try:
        return read_yaml(text)
    except YamlError as error:
        _reject(f"The file is not a readable YAML or JSON document: {error}.", "not-readable")


def _read_json(text: str) -> JsonValue:
    value: JsonValue = json.loads(
        text, parse_float=_number, parse_int=_integer, parse_constant=_no_number, object_pairs_hook=_unique
    )
    if _depth(value) > MAX_DEPTH:
        _reject(f"The file has more than {MAX_DEPTH} levels of nesting.", "not-readable")
    return value


def _number(text: str) -> int | float:
    value = float(text)
    return integral(value) if math.isfinite(value) else _no_number(text)


def _integer(text: str) -> int:
    return int(text) if len(text) < 400 else _no_number(text[:40] + "…")


def _no_number(text: str) -> NoReturn:
    _reject(f"The file is not a readable YAML or JSON document: {text} is not a number that JSON has.", "not-readable")


def _unique(pairs: list[tuple[str, Any]]) -> JsonObject:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        _reject(f"The file is not a readable YAML or JSON document: the key {twice!r} stands twice.", "not-readable")
    return value


def _depth(value: JsonValue) -> int:
    deepest = 0
    level: list[JsonValue] = [value]
    while level := [
        child
        for item in level
        if isinstance(item, dict | list)
        for child in (item.values() if isinstance(item, dict) else item)
    ]:
        deepest += 1
    return deepest


def _classify(item: JsonValue, specs: list[JsonObject], platforms: list[JsonObject]) -> None:
    if not isinstance(item, dict):
        _reject(
            "The file is not a pipeline: its top level is no mapping. Send the file that the compiler writes.",
            "no-pipeline",
        )
    envelope = {*item} & (_SPEC_KEYS | _PLATFORM_KEYS)
    if envelope:
        for key, value in item.items():
            if key not in envelope:
                hint = suggestion(key, ["pipeline_spec", "platform_spec"])
                _reject(f'There is no field "{key}" beside the pipeline.{hint}', "unknown-field", key)
            if value is None:
                continue
            if not isinstance(value, dict):
                _reject("A mapping belongs here.", "type", key)
            (specs if key in _SPEC_KEYS else platforms).append(value)
    elif "platforms" in item and not {"pipelineInfo", "pipeline_info", "root"} & {*item}:
        platforms.append(item)
    else:
        specs.append(item)


def _check_version(spec: JsonObject) -> None:
    if str(spec.get("apiVersion", "")).startswith("argoproj.io/"):
        _reject(
            "This is an Argo workflow of KFP SDK 1.x. Compile the pipeline with kfp 2 and send it again.",
            "schema-version",
        )
    version = spec.get("schemaVersion", spec.get("schema_version"))
    if version == SCHEMA_VERSION:
        return
    if version is None:
        if not {"pipelineInfo", "pipeline_info", "root", "components", "deploymentSpec"} & {*spec}:
            _reject("The file is not a pipeline. Send the file that the KFP compiler writes.", "no-pipeline")
        _reject(f'There is no schemaVersion. Set it to "{SCHEMA_VERSION}".', "schema-version", "schemaVersion")
    _reject(
        f"KFP only supports schema version {SCHEMA_VERSION}, but the pipeline spec has version {version}. "
        "Compile the pipeline with kfp 2 and send it again.",
        "schema-version",
        "schemaVersion",
    )
