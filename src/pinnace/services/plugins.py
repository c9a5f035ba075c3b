"""Rules for what users tell plugins. Upstream: ``apiserver/server/api_converter.go``, ``apiserver/plugins/mlflow``."""

import json
from collections.abc import Mapping
from typing import Final

from pinnace.domain.plugins import PluginsInput
from pinnace.domain.values import JsonValue
from pinnace.errors import InvalidInput

MAX_PLUGINS: Final = 16
MAX_BYTES: Final = 64 * 1024
MAX_TOTAL_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 10

_MLFLOW: Final[Mapping[str, type]] = {"experiment_name": str, "experiment_id": str, "disabled": bool}


def check_plugins_input(plugins: PluginsInput) -> None:
    """Raise InvalidInput where there is too much, or MLflow is told what it does not know.

    A plugin that this server does not know may be named.
    """
    if len(plugins) > MAX_PLUGINS:
        raise InvalidInput(f"plugins_input names {len(plugins)} plugins; {MAX_PLUGINS} are allowed. Remove some.")
    for name, told in plugins.items():
        where = f'plugins_input["{name[:80]}"]'
        if _depth(told) > MAX_DEPTH:
            raise InvalidInput(f"{where} is nested more than {MAX_DEPTH} levels deep. Make it flatter.")
        if (size := _size(told)) > MAX_BYTES:
            raise InvalidInput(f"{where} has {size} bytes of JSON; {MAX_BYTES} are allowed. Say less.")
    if (size := _size(dict(plugins))) > MAX_TOTAL_BYTES:
        raise InvalidInput(f"plugins_input has {size} bytes of JSON; {MAX_TOTAL_BYTES} are allowed. Say less.")
    for key, value in plugins.get("mlflow", {}).items():
        if key not in _MLFLOW or not (value is None or isinstance(value, _MLFLOW[key])):
            raise InvalidInput(
                "plugins_input.mlflow must follow schema "
                f'{{experiment_name?: string, experiment_id?: string, disabled?: bool}}, and "{key[:80]}" does not.'
            )


def _size(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _depth(value: JsonValue) -> int:
    """Levels of objects and lists. The input is bounded by what the wire lets in."""
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0
