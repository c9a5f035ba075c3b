"""Loopback is asked directly, whatever proxy the environment names: no proxy can reach what listens here."""

from collections.abc import MutableMapping
from typing import Final

_NAMES: Final = ("no_proxy", "NO_PROXY")
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_PROXIES: Final = frozenset({"http_proxy", "https_proxy", "all_proxy"})
_ALL: Final = "*"


def keep_loopback_direct(environ: MutableMapping[str, str]) -> None:
    """Add loopback to the hosts that *environ* exempts from its proxies, in both spellings, which programs differ in.

    An environment without a proxy stays as it is.
    """
    if not any(environ[name] for name in environ if name.lower() in _PROXIES):
        return
    for name in _NAMES:
        given = environ.get(name) or next((environ[other] for other in _NAMES if environ.get(other)), "")
        hosts = [host.strip() for host in given.split(",") if host.strip()]
        if _ALL not in hosts:
            environ[name] = ",".join([*hosts, *(host for host in _LOOPBACK if host not in hosts)])
