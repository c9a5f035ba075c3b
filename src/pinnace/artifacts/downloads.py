"""Files that a URL names, fetched over HTTP within limits.

A name is resolved once, every address is checked, and the connection goes to a checked address, so that a name that
changes its address between the check and the use (DNS rebinding) gains nothing. Each redirect is checked like the first
URL. Nothing of this server goes along: no cookies, no passwords.

With a proxy the proxy resolves the names, so that addresses cannot be checked here. A proxy is therefore used only for
hosts that the list names in full.
"""

import base64
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from pinnace.artifacts.allowed_hosts import AllowedHosts, Target, check_address
from pinnace.errors import FailedPrecondition, InvalidInput, Unavailable

MAX_REDIRECTS: Final = 5
MAX_AT_ONCE: Final = 8
"""Downloads at a time: each holds a thread that requests need too."""

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_CHUNK: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that a download may take.

    Attributes:
        silence: Without a byte.
        whole: From the first connection to the last byte, redirects included.
    """

    silence: float = 10.0
    whole: float = 60.0


def system_proxy(scheme: str, host: str) -> str:
    """The proxy to *host* by the environment (``https_proxy``, ``http_proxy``, ``no_proxy``); "" for none."""
    return "" if proxy_bypass(host) else getproxies().get(scheme, "")


class UrlDownloads:
    """See ``ports.downloads``. *proxy_of* tells the proxy for a scheme and a host, like :func:`system_proxy`."""

    def __init__(
        self,
        allowed: Sequence[str],
        proxy_of: Callable[[str, str], str] = system_proxy,
        patience: Patience | None = None,
    ) -> None:
        self._hosts = AllowedHosts(allowed)
        self._proxy_of = proxy_of
        self._patience = patience or Patience()
        self._places = threading.BoundedSemaphore(MAX_AT_ONCE)

    def fetch(self, url: str, limit: int) -> bytes:
        """See ``ports.downloads``."""
        target = self._hosts.target(url)
        if not self._places.acquire(blocking=False):
            raise Unavailable(f"{MAX_AT_ONCE} downloads are under way, which is the limit. Try again in a minute.")
        try:
            return self._follow(url, target, limit)
        finally:
            self._places.release()

    def _follow(self, url: str, target: Target, limit: int) -> bytes:
        deadline = time.monotonic() + self._patience.whole
        for _ in range(MAX_REDIRECTS + 1):
            found = self._ask(target, limit, deadline)
            if isinstance(found, bytes):
                return found
            url = urljoin(url, found)
            before, target = target, self._hosts.target(url)
            if before.scheme == "https" and target.scheme == "http":
                raise InvalidInput(f'"{before.host}" redirects from https to http. Give a URL that stays with https.')
        raise InvalidInput(f"pipeline_url: there are more than {MAX_REDIRECTS} redirects. Give the last URL itself.")

    def _ask(self, target: Target, limit: int, deadline: float) -> bytes | str:
        """The file, or where it is said to be instead."""
        try:
            connection = self._connection(target)
            with _ended_at(connection, deadline):
                try:
                    response = connection.ask()
                    if response.status in _REDIRECTS:
                        return response.getheader("Location", "")
                    if response.status != http.client.OK:
                        raise _refused(target, response.status)
                    return _body(target, response, limit)
                finally:
                    if connection.expired:
                        raise TimeoutError
        except TimeoutError:
            raise Unavailable(f'"{target.host}" did not send the file in time. Try again, or send the file.') from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unavailable(
                f'The file cannot be fetched from "{target.host}" ({type(error).__name__}). Look whether the host '
                "answers, or send the file."
            ) from error

    def _connection(self, target: Target) -> "_Connection":
        silence = self._patience.silence
        addresses = _literal(target.host)
        for address in addresses:
            check_address(target, address)
        proxy = self._proxy_of(target.scheme, target.host)
        if proxy:
            if not target.named:
                raise FailedPrecondition(
                    f'The way to "{target.host}" goes through a proxy, so its address cannot be checked here. Start '
                    f"the server with --allowed-url-host {target.authority}, the name in full, or send the file."
                )
            if "://" in proxy and not proxy.lower().startswith("http://"):
                raise FailedPrecondition("The proxy of this server is not an http:// one. Send the file itself.")
            return _Connection(target, [], silence, proxy)
        addresses = addresses or _resolved(target)
        for address in addresses:
            check_address(target, address)
        return _Connection(target, [str(address) for address in addresses], silence)


class _Connection(http.client.HTTPConnection):
    """To one of *addresses*, or through *proxy*; the address was checked, so the name is not resolved again."""

    def __init__(self, target: Target, addresses: Sequence[str], silence: float, proxy: str = "") -> None:
        self._target = target
        self._addresses = addresses
        self._proxy = urlsplit(proxy if "://" in proxy else f"http://{proxy}") if proxy else None
        self.expired = False
        self.live: socket.socket | None = None
        host = self._proxy.hostname or "" if self._proxy else addresses[0]
        super().__init__(host, self._proxy.port or 80 if self._proxy else target.port, timeout=silence)
        if self._proxy and target.scheme == "https":
            self.set_tunnel(target.host, target.port, self._authorization())

    def connect(self) -> None:
        """Connect to the first address that answers."""
        for number, address in enumerate(self._addresses, 1):
            self.host = address
            try:
                super().connect()
                break
            except OSError:
                if number == len(self._addresses) or self.expired:
                    raise
        if not self._addresses:
            super().connect()
        if self._target.scheme == "https":
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self._target.host)
        # Kept, since http.client lets go of a socket that the other end will close.
        self.live = self.sock
        if self.expired:
            raise TimeoutError

    def ask(self) -> http.client.HTTPResponse:
        """Send the request; the answer's head."""
        target = self._target
        headers = {"Host": target.authority, "Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "pinnace"}
        path = target.path
        if self._proxy and target.scheme == "http":
            path = f"http://{target.authority}{target.path}"
            headers |= self._authorization()
        self.request("GET", path, headers=headers)
        return self.getresponse()

    def expire(self) -> None:
        """End whatever waits for the other end."""
        self.expired = True
        connection = self.live or self.sock
        if connection is not None:
            with suppress(OSError):
                # Not the TLS socket's own method, which would take apart what another thread reads from.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def _authorization(self) -> dict[str, str]:
        if self._proxy is None or self._proxy.username is None:
            return {}
        pair = f"{unquote(self._proxy.username)}:{unquote(self._proxy.password or '')}"
        return {"Proxy-Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


@contextmanager
def _ended_at(connection: _Connection, deadline: float) -> Iterator[None]:
    """End *connection* at *deadline* at the latest, however slowly the other end sends."""
    watch = threading.Timer(max(0.0, deadline - time.monotonic()), connection.expire)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
        connection.close()


def _body(target: Target, response: http.client.HTTPResponse, limit: int) -> bytes:
    announced = response.length
    if announced is not None and announced > limit:
        raise _too_large(target, limit)
    parts: list[bytes] = []
    size = 0
    while chunk := response.read1(_CHUNK):
        size += len(chunk)
        if size > limit:
            raise _too_large(target, limit)
        parts.append(chunk)
    if announced is not None and size < announced:
        raise Unavailable(
            f'"{target.host}" announced {announced} bytes and ended after {size}. Try again, or send the file.'
        )
    return b"".join(parts)


def _resolved(target: Target) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise InvalidInput(
            f'The name "{target.host}" has no address. Look whether it is right, or send the file.'
        ) from None
    return [ipaddress.ip_address(address[0]) for _, _, _, _, address in found]


def _literal(host: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        return []


def _refused(target: Target, status: int) -> InvalidInput | Unavailable:
    text = f'"{target.host}" answered with status {status}.'
    if status >= http.client.INTERNAL_SERVER_ERROR:
        return Unavailable(f"{text} Try again later, or send the file.")
    return InvalidInput(f"{text} Look whether the URL is right and open to everybody, or send the file.")


def _too_large(target: Target, limit: int) -> InvalidInput:
    return InvalidInput(f'The file at "{target.host}" has more than {limit} bytes, which is the limit.')
