"""The user's pip settings, said to uv, which does not read them."""

import configparser
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SECTIONS: Final = ("global", "install")
_OPTIONS: Final = ("index-url", "extra-index-url", "find-links", "no-index", "trusted-host", "cert", "proxy", "pre")
_TRUE: Final = frozenset({"1", "true", "yes", "on"})


@dataclass(frozen=True, slots=True)
class InstallerSettings:
    """Options for uv's command line, and variables for its environment."""

    options: tuple[str, ...]
    variables: Mapping[str, str]


def installer_settings(environ: Mapping[str, str], prefix: str, system: str = "/etc/pip.conf") -> InstallerSettings:
    """Translate pip.conf and ``PIP_*``. What the user has set for uv itself is left as it is.

    Args:
        environ: The server's variables.
        prefix: ``sys.prefix`` of the interpreter; its own pip.conf counts too.
        system: pip's file for the whole machine.
    """
    found = _read(environ, _files(environ, prefix, system))
    options: list[str] = []
    if "UV_FIND_LINKS" not in environ:
        for place in found.get("find-links", "").split():
            options += ["--find-links", place]
    if found.get("no-index", "").lower() in _TRUE:
        options.append("--no-index")
    if "UV_INSECURE_HOST" not in environ:
        for host in found.get("trusted-host", "").split():
            options += ["--allow-insecure-host", host]
    if found.get("pre", "").lower() in _TRUE and "UV_PRERELEASE" not in environ:
        options += ["--prerelease", "allow"]
    return InstallerSettings(tuple(options), _variables(found, environ))


def _variables(found: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    variables: dict[str, str] = {}
    if found.get("index-url") and not {"UV_INDEX_URL", "UV_DEFAULT_INDEX"} & set(environ):
        variables["UV_DEFAULT_INDEX"] = found["index-url"]
    if found.get("extra-index-url") and not {"UV_EXTRA_INDEX_URL", "UV_INDEX"} & set(environ):
        variables["UV_INDEX"] = " ".join(found["extra-index-url"].split())
    if found.get("cert") and "SSL_CERT_FILE" not in environ:
        variables["SSL_CERT_FILE"] = found["cert"]
    if found.get("proxy"):
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            if name not in environ and name.lower() not in environ:
                variables[name] = found["proxy"]
    if "UV_INDEX_STRATEGY" not in environ:
        variables["UV_INDEX_STRATEGY"] = "unsafe-best-match"  # What pip does: the best version of all indexes.
    return variables


def _read(environ: Mapping[str, str], files: list[str]) -> dict[str, str]:
    """Options by name; files in pip's order, later ones over earlier ones, variables over all."""
    found: dict[str, str] = {}
    parser = configparser.RawConfigParser()
    parser.read(files, encoding="utf-8")
    for section in _SECTIONS:
        if parser.has_section(section):
            found.update({name.replace("_", "-"): value for name, value in parser.items(section)})
    for name in _OPTIONS:
        value = environ.get("PIP_" + name.upper().replace("-", "_"))
        if value:
            found[name] = value
    return found


def _files(environ: Mapping[str, str], prefix: str, system: str) -> list[str]:
    named = environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    home = Path(environ.get("HOME", "~")).expanduser()
    shared = [Path(place, "pip/pip.conf") for place in reversed(environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":"))]
    files = [*shared, Path(system), home / ".pip/pip.conf"]
    if sys.platform == "darwin":
        files.append(home / "Library/Application Support/pip/pip.conf")
    files.append(Path(environ.get("XDG_CONFIG_HOME") or home / ".config", "pip/pip.conf"))
    files.append(Path(prefix, "pip.conf"))
    return [str(file) for file in files] + ([named] if named else [])
