"""Names: what may stand in a path, and how a stored pipeline may be called."""

import re
from collections.abc import Iterable
from typing import Final

from pinnace.ir.diagnostics import Diagnostics, at
from pinnace.ir.model import Component, Dag, Pipeline

_STORED_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,127}\Z")
_LONGEST: Final = 240
"""Bytes. File systems take 255."""


def pipeline_name_fault(name: str) -> str | None:
    """What is wrong with the name of a pipeline that is to be stored, in upstream's words, or None.

    Runs of a pipeline that is sent along with them are not held to this.
    """
    if _STORED_NAME.match(name):
        return None
    return (
        f'pipeline\'s name must contain only lowercase alphanumeric characters or "-" and must start with alphanumeric '
        f"characters, and have 128 characters at most; it is {name[:140]!r}"
    )


def check_names(pipeline: Pipeline, diagnostics: Diagnostics) -> None:
    """Names become parts of paths: record those that could leave their directory or that no file can have."""
    if pipeline.name:
        _check("pipelineInfo.name", [pipeline.name], diagnostics, keyed=False)
    _check("components", pipeline.components, diagnostics)
    _check_interface(pipeline.root, "root", diagnostics)
    for name, component in pipeline.components.items():
        _check_interface(component, at("components", name), diagnostics)


def _check_interface(component: Component, path: str, diagnostics: Diagnostics) -> None:
    _check(f"{path}.inputDefinitions.parameters", component.inputs.parameters, diagnostics)
    _check(f"{path}.inputDefinitions.artifacts", component.inputs.artifacts, diagnostics)
    _check(f"{path}.outputDefinitions.parameters", component.outputs.parameters, diagnostics)
    _check(f"{path}.outputDefinitions.artifacts", component.outputs.artifacts, diagnostics)
    if isinstance(component.implementation, Dag):
        _check(f"{path}.dag.tasks", component.implementation.tasks, diagnostics)


def _check(path: str, names: Iterable[str], diagnostics: Diagnostics, *, keyed: bool = True) -> None:
    for name in names:
        problem = _problem(name)
        if problem:
            diagnostics.error(at(path, name) if keyed else path, f"The name {problem}. Choose another.", "name")


def _problem(name: str) -> str:
    if not name.strip():
        return "is empty"
    if name in {".", ".."} or "/" in name or "\\" in name:
        return "could lead out of its directory"
    if any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in name):
        return "holds a control character"
    if any(0xD800 <= ord(character) < 0xE000 for character in name):
        return "holds half a character"
    if len(name.encode()) > _LONGEST:
        return f"has more than {_LONGEST} bytes"
    return ""
