"""What is to be built: everything that makes one environment another one than the next."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pinnace.environments.interpreter import Interpreter
from pinnace.environments.pip_settings import InstallerSettings
from pinnace.environments.uv import redacted

_KEY_LENGTH: Final = 24
_OF_THE_KERNEL: Final = frozenset({"platform_release", "platform_version"})
_FIRST_SDK: Final = re.compile(r"kfp==2\.0(?:\.|\Z)")
_LATER_SDK: Final = "kfp>=2.1,<3"
_NAMED_AT_MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """An environment to build.

    Attributes:
        interpreter: What it is made from.
        is_layer: Whether it sees the packages of the interpreter behind its own.
        packages: To be installed with all that they need.
        alone: To be installed without what they need.
        settings: How packages are found.
        index_urls: Indexes that the component declares.
    """

    interpreter: Interpreter
    is_layer: bool
    packages: tuple[str, ...]
    alone: tuple[str, ...]
    settings: InstallerSettings
    index_urls: tuple[str, ...]

    @property
    def key(self) -> str:
        """Its name: the same for the same packages on the same interpreter."""
        base = self.interpreter
        markers = {name: value for name, value in base.markers.items() if name not in _OF_THE_KERNEL}
        installed = sorted((name, found.version) for name, found in base.installed.items()) if self.is_layer else []
        sources = [
            *self.settings.options,
            *(f"{name}={value}" for name, value in sorted(self.settings.sources.items())),
        ]
        content = [
            [base.python, base.sites] if self.is_layer else [base.executable],
            markers,
            installed,
            sorted(self.packages),
            sorted(self.alone),
            [redacted(source) for source in sources],
        ]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:_KEY_LENGTH]

    @property
    def asked(self) -> tuple[str, ...]:
        """All that was asked for, fit to be shown."""
        return tuple(redacted(package) for package in (*self.packages, *self.alone))

    @property
    def purpose(self) -> str:
        """What building it does, as the beginning of a sentence."""
        if not self.asked:
            return "Making an empty environment"
        rest = len(self.asked) - _NAMED_AT_MOST
        return f"Installing {', '.join(self.asked[:_NAMED_AT_MOST])}{f' and {rest} more' if rest > 0 else ''}"


def sorted_out(sdk: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What of the SDK's own requirements is installed with all that it needs, and what without.

    SDK 2.0 imports all of itself in a task, and installs itself with all that it needs; later ones do without.
    """
    whole = tuple(requirement for requirement in sdk if _FIRST_SDK.match(requirement))
    return whole, tuple(requirement for requirement in sdk if requirement not in whole)


def of_later_sdk(sdk: tuple[str, ...]) -> tuple[str, ...]:
    """The SDK's own requirements with a later SDK in place of 2.0, whose commands are rewritten for that one."""
    return tuple(_LATER_SDK if _FIRST_SDK.match(requirement) else requirement for requirement in sdk)


def variables_of(plan: Plan) -> Mapping[str, str]:
    """What uv finds in its environment for this plan."""
    return {**plan.settings.variables, **plan.settings.sources}
