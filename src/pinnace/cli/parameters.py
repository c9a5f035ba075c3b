"""``-p name=value``, typed by the pipeline's own inputs."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from pinnace.cli.exits import CommandError
from pinnace.domain.values import JsonObject, JsonValue

_TRUE: Final = {"true", "yes", "on", "1"}
_FALSE: Final = {"false", "no", "off", "0"}


def parse_parameters(assignments: Sequence[str], spec: JsonObject) -> JsonObject:
    """The parameters of a run.

    Args:
        assignments: ``name=value`` as typed.
        spec: The PipelineSpec whose inputs say the types.

    Raises:
        CommandError: names every fault: not an assignment, no such input, not of the input's type, missing.
    """
    inputs = pipeline_inputs(spec)
    faults: list[str] = []
    values: JsonObject = {}
    for assignment in assignments:
        name, separator, text = assignment.partition("=")
        if not separator:
            faults.append(f"-p {assignment} is not of the form name=value")
        elif name not in inputs:
            faults.append(f"the pipeline has no input {name}")
        else:
            kind = str(inputs[name].get("parameterType", "STRING"))
            try:
                values[name] = convert(text, kind)
            except ValueError:
                faults.append(f"{name} is {_WORDS.get(kind, 'text')}, and {text!r} is not")
    missing = [name for name, described in inputs.items() if name not in values and _is_required(described)]
    faults += [
        f"{name} ({_WORDS.get(str(inputs[name].get('parameterType')), 'text')}) has no value" for name in missing
    ]
    if faults:
        raise CommandError(f"Parameters: {'; '.join(faults)}. {_usage(inputs)}")
    return values


def pipeline_inputs(spec: JsonObject) -> dict[str, JsonObject]:
    """The input parameters that a pipeline declares, by name."""
    place: JsonValue = spec
    for key in ("root", "inputDefinitions", "parameters"):
        place = place.get(key) if isinstance(place, dict) else None
    found = place if isinstance(place, dict) else {}
    return {name: described for name, described in found.items() if isinstance(described, dict)}


def convert(text: str, kind: str) -> JsonValue:
    """*text* as a value of a KFP parameter type. Raises ValueError."""
    return _CONVERTERS.get(kind, _to_text)(text)


def _to_text(text: str) -> JsonValue:
    return text


def _to_integer(text: str) -> JsonValue:
    return int(text)


def _to_number(text: str) -> JsonValue:
    value = float(text)
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError(text)
    return value


def _to_boolean(text: str) -> JsonValue:
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    raise ValueError(text)


def _to_list(text: str) -> JsonValue:
    return _of_type(text, list)


def _to_object(text: str) -> JsonValue:
    return _of_type(text, dict)


def _of_type(text: str, kind: type) -> JsonValue:
    value: JsonValue = json.loads(text)
    if isinstance(value, kind):
        return value
    raise ValueError(text)


_CONVERTERS: Final[Mapping[str, Callable[[str], JsonValue]]] = {
    "NUMBER_INTEGER": _to_integer,
    "NUMBER_DOUBLE": _to_number,
    "BOOLEAN": _to_boolean,
    "LIST": _to_list,
    "STRUCT": _to_object,
}
_WORDS: Final = {
    "STRING": "text",
    "NUMBER_INTEGER": "a whole number",
    "NUMBER_DOUBLE": "a number",
    "BOOLEAN": "true or false",
    "LIST": "a JSON list",
    "STRUCT": "a JSON object",
}


def _is_required(described: JsonObject) -> bool:
    return "defaultValue" not in described and not described.get("isOptional")


def _usage(inputs: Mapping[str, JsonObject]) -> str:
    if not inputs:
        return "The pipeline takes no parameters."
    words = [
        f"{name} ({_WORDS.get(str(described.get('parameterType')), 'text')})" for name, described in inputs.items()
    ]
    return f"The pipeline takes {', '.join(words)}: -p {next(iter(inputs))}=VALUE"
