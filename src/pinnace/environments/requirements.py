"""What a component asks for, in pip's words, and what of it an interpreter lacks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from pinnace.environments.interpreter import Interpreter

_WITH_VALUE: Final = frozenset(
    {"-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--trusted-host", "-c", "--constraint", "-r"}
)
_DROPPED: Final = frozenset({"--no-deps", "--quiet", "-q", "--no-warn-script-location"})
"""Words of the SDK's own install line, which say how to install its kfp and are of no use otherwise."""

_SDK: Final = "kfp"
_SDK_MAJOR: Final = "2."


@dataclass(frozen=True, slots=True)
class Declared:
    """The words of a component, sorted out: packages, and options for the installer."""

    packages: tuple[str, ...]
    options: tuple[str, ...]


def sort_out(words: Iterable[str]) -> Declared:
    """Tell packages from options; an option keeps the value behind it."""
    packages: list[str] = []
    options: list[str] = []
    expects_value = False
    for word in words:
        if expects_value:
            options.append(word)
            expects_value = False
        elif word in _DROPPED:
            continue
        elif word.startswith("-"):
            options.append(word)
            expects_value = word in _WITH_VALUE
        else:
            packages.append(word)
    return Declared(tuple(packages), tuple(options))


def lacking(packages: Iterable[str], interpreter: Interpreter) -> tuple[str, ...]:
    """The packages that the interpreter does not have as they are asked for.

    Any installed kfp of version 2 meets whatever version of kfp is asked for: the SDK pins its own in every component.
    """
    return tuple(package for package in packages if not _is_met(package, interpreter, frozenset()))


def _is_met(package: str, interpreter: Interpreter, seen: frozenset[str]) -> bool:
    try:
        requirement = Requirement(package)
    except InvalidRequirement:
        return False  # A path or a repository: only the installer can tell.
    if requirement.marker is not None and not requirement.marker.evaluate(_markers(interpreter, "")):
        return True
    name = str(canonicalize_name(requirement.name))
    found = interpreter.installed.get(name)
    if found is None or requirement.url:
        return False
    if name == _SDK and found.version.startswith(_SDK_MAJOR):
        return True
    if not requirement.specifier.contains(found.version, prereleases=True):
        return False
    return all(_has_extra(name, extra, interpreter, seen) for extra in requirement.extras)


def _has_extra(name: str, extra: str, interpreter: Interpreter, seen: frozenset[str]) -> bool:
    asked = f"{name}[{extra}]"
    if asked in seen:
        return True
    for text in interpreter.installed[name].requires:
        requirement = Requirement(text)
        if requirement.marker is None or not requirement.marker.evaluate(_markers(interpreter, extra)):
            continue
        if requirement.marker.evaluate(_markers(interpreter, "")):
            continue
        requirement.marker = None
        if not _is_met(str(requirement), interpreter, seen | {asked}):
            return False
    return True


def _markers(interpreter: Interpreter, extra: str) -> Mapping[str, str]:
    return {**interpreter.markers, "extra": extra}
