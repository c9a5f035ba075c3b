"""What a component asks for, in pip's words, and what of it an interpreter lacks."""

from collections.abc import Iterable, Mapping
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from pinnace.environments.interpreter import Interpreter

_SDK: Final = "kfp"
_SDK_MAJOR: Final = "2."


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
    is_sdk = name == _SDK and found.version.startswith(_SDK_MAJOR)
    if not is_sdk and not _is_version(found.version):
        return not requirement.specifier
    if not is_sdk and not requirement.specifier.contains(found.version, prereleases=True):
        return False
    return all(_has_extra(name, extra, interpreter, seen) for extra in requirement.extras)


def _has_extra(name: str, extra: str, interpreter: Interpreter, seen: frozenset[str]) -> bool:
    asked = f"{name}[{extra}]"
    if asked in seen:
        return True
    for text in interpreter.installed[name].requires:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue  # Of a package from before today's syntax; nothing of today reads it.
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


def to_layer(packages: Iterable[str], interpreter: Interpreter) -> tuple[str, ...]:
    """What a layer is resolved for: all that is asked for, so that it fits together, but not the SDK that is there."""
    missing = lacking(packages, interpreter)
    return tuple(package for package in packages if package in missing or not _is_sdk(package))


def pins(interpreter: Interpreter) -> tuple[str, ...]:
    """What is installed, as constraints. A version that is not written as versions are today cannot be one."""
    return tuple(
        f"{name}=={found.version}"
        for name, found in sorted(interpreter.installed.items())
        if _is_version(found.version)
    )


def _is_sdk(package: str) -> bool:
    try:
        return str(canonicalize_name(Requirement(package).name)) == _SDK
    except InvalidRequirement:
        return False


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True
