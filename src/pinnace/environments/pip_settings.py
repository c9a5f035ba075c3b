"""The user's settings for pip, said to uv, which does not read them. What is set for uv itself comes first."""

import configparser
import os
import ssl
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pinnace.ports.environments import EnvironmentFailed

_SECTIONS: Final = ("global", "install")
_OPTIONS: Final = (
    "index-url",
    "extra-index-url",
    "find-links",
    "no-index",
    "trusted-host",
    "cert",
    "client-cert",
    "proxy",
    "pre",
    "timeout",
    "default-timeout",
    "constraint",
    "only-binary",
    "no-binary",
    "keyring-provider",
)
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_UV_OF_INDEX: Final = frozenset({"UV_INDEX_URL", "UV_DEFAULT_INDEX", "index-url", "index"})
_UV_OF_EXTRA_INDEX: Final = frozenset({"UV_EXTRA_INDEX_URL", "UV_INDEX", "extra-index-url", "index"})
_CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_BUNDLES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@dataclass(frozen=True, slots=True)
class InstallerSettings:
    """How uv is to find packages.

    Attributes:
        options: Words of its command line.
        variables: How it reaches indexes: certificates, proxies.
        sources: Which indexes; in variables, since their addresses may hold passwords, and other users see the command
            lines of processes.
    """

    options: tuple[str, ...]
    variables: Mapping[str, str]
    sources: Mapping[str, str]

    def of_component(
        self, index_urls: tuple[str, ...], trusted_hosts: tuple[str, ...], environ: Mapping[str, str]
    ) -> "InstallerSettings":
        """With what a component declares over it: as for pip, its main index replaces the user's, others are added."""
        options = _each("--allow-insecure-host", [_host(place) for place in trusted_hosts])
        sources = dict(self.sources)
        if index_urls:
            sources["UV_DEFAULT_INDEX"] = index_urls[0]
        if index_urls[1:]:
            users = sources.get("UV_INDEX") or environ.get("UV_INDEX") or environ.get("UV_EXTRA_INDEX_URL") or ""
            sources["UV_INDEX"] = " ".join([*index_urls[1:], *users.split()])
        return replace(self, options=(*self.options, *options), sources=sources)


def installer_settings(environ: Mapping[str, str], prefix: str, system: str = "/etc/pip.conf") -> InstallerSettings:
    """Translate pip.conf and ``PIP_*``.

    Args:
        environ: The server's variables.
        prefix: ``sys.prefix`` of the interpreter; its own pip.conf counts too.
        system: pip's file for the whole machine.

    Raises:
        EnvironmentFailed: a file of settings cannot be read.
    """
    found = _read(environ, _files(environ, prefix, system))
    uvs = frozenset(environ) | _keys_of_uv(environ)
    return InstallerSettings(_options(found, uvs), _variables(found, environ, uvs), _sources(found, uvs))


def _options(found: Mapping[str, str], uvs: frozenset[str]) -> tuple[str, ...]:
    options: list[str] = []
    if not {"UV_FIND_LINKS", "find-links"} & uvs:
        options += _each("--find-links", found.get("find-links", "").split())
    if found.get("no-index", "").lower() in _TRUE:
        options.append("--no-index")
    if not {"UV_INSECURE_HOST", "allow-insecure-host"} & uvs:
        options += _each("--allow-insecure-host", [_host(place) for place in found.get("trusted-host", "").split()])
    if found.get("pre", "").lower() in _TRUE and not {"UV_PRERELEASE", "prerelease"} & uvs:
        options += ["--prerelease", "allow"]
    if "UV_CONSTRAINT" not in uvs:
        options += _each("-c", found.get("constraint", "").split())
    for name in ("only-binary", "no-binary"):
        options += _each(f"--{name}", found.get(name, "").replace(",", " ").split())
    return tuple(options)


def _each(option: str, values: list[str]) -> list[str]:
    return [word for value in values for word in (option, value)]


def _host(place: str) -> str:
    """The host, with its port, of what may be the whole address of an index: the SDK writes that."""
    return place.rpartition("://")[2].partition("/")[0].rpartition("@")[2]


def _sources(found: Mapping[str, str], uvs: frozenset[str]) -> dict[str, str]:
    sources: dict[str, str] = {}
    if found.get("index-url") and not _UV_OF_INDEX & uvs:
        sources["UV_DEFAULT_INDEX"] = found["index-url"]
    if found.get("extra-index-url") and not _UV_OF_EXTRA_INDEX & uvs:
        sources["UV_INDEX"] = " ".join(found["extra-index-url"].split())
    if not {"UV_INDEX_STRATEGY", "index-strategy"} & uvs:
        sources["UV_INDEX_STRATEGY"] = "unsafe-best-match"  # What pip does: the best version of all indexes.
    return sources


def _variables(found: Mapping[str, str], environ: Mapping[str, str], uvs: frozenset[str]) -> dict[str, str]:
    variables: dict[str, str] = {}
    bundle = found.get("cert") or next((environ[name] for name in _BUNDLES if environ.get(name)), "")
    if not any(environ.get(name) for name in _CERTIFICATES):
        if bundle:
            variables["SSL_CERT_FILE"] = bundle
        elif (
            not {"UV_SYSTEM_CERTS", "UV_NATIVE_TLS", "system-certs", "native-tls"} & uvs and _system_has_certificates()
        ):
            variables["UV_SYSTEM_CERTS"] = "1"  # pip trusts what the system trusts.
    if found.get("client-cert") and "SSL_CLIENT_CERT" not in environ:
        variables["SSL_CLIENT_CERT"] = found["client-cert"]
    if found.get("proxy"):
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            if name not in environ and name.lower() not in environ:
                variables[name] = found["proxy"]
    timeout = found.get("timeout") or found.get("default-timeout") or ""
    if timeout.isdigit() and "UV_HTTP_TIMEOUT" not in environ:
        variables["UV_HTTP_TIMEOUT"] = timeout
    if found.get("keyring-provider") == "subprocess" and not {"UV_KEYRING_PROVIDER", "keyring-provider"} & uvs:
        variables["UV_KEYRING_PROVIDER"] = "subprocess"
    return variables


def _system_has_certificates() -> bool:
    places = ssl.get_default_verify_paths()
    return sys.platform == "darwin" or bool(places.cafile or places.capath)


def _read(environ: Mapping[str, str], files: list[str]) -> dict[str, str]:
    """Options by name; files in pip's order, later ones over earlier ones, variables over all."""
    found: dict[str, str] = {}
    parser = configparser.RawConfigParser()
    try:
        parser.read(files, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError) as error:
        raise EnvironmentFailed(f"The settings of pip cannot be read. Correct them: {error}") from None
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
    home = _home(environ)
    shared = [Path(place, "pip/pip.conf") for place in reversed(environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":"))]
    files = [*shared, Path(system), home / ".pip/pip.conf"]
    if sys.platform == "darwin":
        files.append(home / "Library/Application Support/pip/pip.conf")
    files.append(Path(environ.get("XDG_CONFIG_HOME") or home / ".config", "pip/pip.conf"))
    files.append(Path(prefix, "pip.conf"))
    return [str(file) for file in files] + ([named] if named else [])


def _keys_of_uv(environ: Mapping[str, str]) -> frozenset[str]:
    """What the files of settings say that uv reads by itself. One that it cannot read, it complains about itself."""
    if environ.get("UV_NO_CONFIG", "").lower() in _TRUE:
        return frozenset()
    named = environ.get("UV_CONFIG_FILE")
    shared = [Path(place, "uv/uv.toml") for place in environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":")]
    users = Path(environ.get("XDG_CONFIG_HOME") or _home(environ) / ".config", "uv/uv.toml")
    keys: set[str] = set()
    for path in [Path(named)] if named else [*shared, Path("/etc/uv/uv.toml"), users]:
        try:
            settings = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        keys |= set(settings) | set(settings.get("pip", {}))
    return frozenset(keys)


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME", "~")).expanduser()
