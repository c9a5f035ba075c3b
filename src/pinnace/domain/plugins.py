"""What users tell plugins of a run, and what plugins tell of it. The server keeps both, also for plugins it has not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from pinnace.domain.values import JsonObject, JsonValue

PluginsInput: TypeAlias = Mapping[str, JsonObject]
"""What a user tells each plugin, by its name."""


class PluginState(StrEnum):
    """How a plugin fares with a run, in KFP's words."""

    UNSPECIFIED = "PLUGIN_STATE_UNSPECIFIED"
    RUNNING = "PLUGIN_RUNNING"
    SUCCEEDED = "PLUGIN_SUCCEEDED"
    FAILED = "PLUGIN_FAILED"


@dataclass(frozen=True, slots=True)
class PluginEntry:
    """One thing that a plugin tells. A link is shown as one, so it must lead to the web: http or https."""

    value: JsonValue
    is_link: bool = False

    def __post_init__(self) -> None:
        if self.is_link and not (isinstance(self.value, str) and self.value.startswith(("http://", "https://"))):
            raise ValueError("a link must be text that begins with http:// or https://")


@dataclass(frozen=True, slots=True)
class PluginOutput:
    """What a plugin tells of a run."""

    entries: Mapping[str, PluginEntry] = field(default_factory=dict)
    state: PluginState = PluginState.UNSPECIFIED
    message: str = ""
