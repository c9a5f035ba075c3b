"""Which hosts a URL may name, and which addresses may stand behind their names.

The server can reach what a caller cannot: its own ports, the network behind it, the metadata service of a cloud. So a
name has to be on the list, and the address behind it has to be a public one. A name that is listed in full, not by a
wildcard, may have an address of a private network too: that is how an internal Git server is allowed.
"""

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import SplitResult, quote, urlsplit

from pinnace.errors import FailedPrecondition, InvalidInput, SetupError

IpAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_URL: Final = 4096
"""Characters of a URL. Signed ones, to which hosts redirect, are long."""

_ENTRY: Final = re.compile(
    r"(?P<name>\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
)
_PORTS: Final = {"https": 443, "http": 80}
_PATH: Final = "/%:@!$&'()*+,;=~-._"
_METADATA: Final = frozenset(
    ipaddress.ip_address(text)
    for text in ("100.100.100.200", "168.63.129.16", "169.254.169.254", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254")
)
_SITE_LOCAL: Final = ipaddress.ip_network("fec0::/10")
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be asked.

    Attributes:
        named: The list has the host's name in full, so that private addresses are allowed behind it.
    """

    scheme: str
    host: str
    port: int
    path: str
    named: bool

    @property
    def authority(self) -> str:
        """The host as the ``Host`` header names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


class AllowedHosts:
    """The list: names, ``*.domain`` for every name below a domain, ``*`` for every name; each with or without a port.

    Without a port an entry stands for the usual one of https or http. A wildcard stands for https only.

    Raises:
        SetupError: an entry is none of these.
    """

    def __init__(self, entries: Sequence[str]) -> None:
        self._entries = [_entry(text) for text in entries]

    def target(self, url: str) -> Target:
        """What *url* names.

        Raises:
            InvalidInput: it is no URL of a file.
            FailedPrecondition: its host is not on the list.
        """
        parts, host, port = _read(url)
        named = any(host == name and port == (own or _PORTS[parts.scheme]) for name, own in self._entries)
        query = f"?{quote(parts.query, safe=_PATH + '?')}" if parts.query else ""
        target = Target(parts.scheme, host, port, (quote(parts.path, safe=_PATH) or "/") + query, named)
        if not named and not self._covered(target):
            raise FailedPrecondition(_not_allowed(target))
        return target

    def _covered(self, target: Target) -> bool:
        """Whether a wildcard stands for *target*."""
        return target.scheme == "https" and any(
            target.port == (own or _PORTS["https"])
            and (name == "*" or (name.startswith("*.") and target.host.endswith(name[1:])))
            for name, own in self._entries
        )


def check_address(target: Target, address: IpAddress) -> None:
    """Raise FailedPrecondition unless *address* may stand behind the host of *target*."""
    for one in _all_of(address):
        if one in _METADATA or one.is_link_local or one.is_multicast or one.is_unspecified:
            raise FailedPrecondition(
                f'The host "{target.host}" has an address ({address}) that no package comes from. Send the file itself.'
            )
        if one.is_loopback and not (target.named and _is_local(target.host)):
            raise FailedPrecondition(
                f'The host "{target.host}" has an address of this machine ({address}). Send the file itself, or write '
                "localhost both in the URL and in --allowed-url-host."
            )
        if not target.named and (not one.is_global or one.is_reserved or one in _SITE_LOCAL):
            raise FailedPrecondition(
                f'The host "{target.host}" has an address of a private network ({address}). Start the server with '
                f"--allowed-url-host {target.authority}, which names the host itself, or send the file."
            )


def _all_of(address: IpAddress) -> Iterator[IpAddress]:
    """*address* and the IPv4 address that it wraps, if it does."""
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if wrapped is None and address in _NAT64:
            wrapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if wrapped is not None:
            yield wrapped
            if address.ipv4_mapped is not None or address in _NAT64:
                return
    yield address


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _entry(text: str) -> tuple[str, int | None]:
    found = _ENTRY.fullmatch(text.lower().removesuffix("."))
    if found is None or int(found["port"] or 1) not in range(1, 65536):
        raise SetupError(
            f'--allowed-url-host: "{text[:140]}" is no host. Give a name without a scheme, like git.example.com, '
            "git.example.com:8443 or *.example.com."
        )
    return found["name"].strip("[]"), int(found["port"]) if found["port"] else None


def _read(url: str) -> tuple[SplitResult, str, int]:
    """The parts of *url*, its host and its port. Messages never repeat it whole: it may hold a password."""
    if len(url) > MAX_URL:
        raise InvalidInput(f"pipeline_url: the URL is longer than {MAX_URL} characters. Send the file itself.")
    if any(ord(character) <= 32 or ord(character) > 126 for character in url):
        raise InvalidInput("pipeline_url: the URL holds spaces or characters beyond ASCII. Write them percent-encoded.")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        parts, host, port = SplitResult("", "", "", "", ""), "", None
    if parts.scheme not in _PORTS or not host or "%" in host or "\\" in parts.netloc or port == 0:
        raise InvalidInput("pipeline_url: this is no https URL. Write it like https://host/path/pipeline.yaml.")
    if "@" in parts.netloc:
        raise InvalidInput("pipeline_url: the URL holds a user or a password, which would be kept. Send the file.")
    return parts, host, port or _PORTS[parts.scheme]


def _not_allowed(target: Target) -> str:
    entry = target.authority
    return (
        f'This server may not download from "{entry}". Start it with --allowed-url-host {entry}, or send the file '
        "itself to /apis/v2beta1/pipelines/upload or /upload_version."
    )
