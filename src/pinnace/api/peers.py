"""Whose process is at the other end of a loopback connection.

Linux lists every TCP socket with its owner in ``/proc/net/tcp`` and ``tcp6``. macOS has no such list for other users'
sockets, so there the check is off, and a token is what keeps other users out.
"""

import ipaddress
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeAlias

Address: TypeAlias = tuple[str, int]

_TABLES: Final = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_LOCAL, _REMOTE, _UID, _INODE = 1, 2, 7, 9
_KEPT: Final = 1024


class PeerCheck:
    """Lets in processes of one user and of root, who can do anything on the machine anyway.

    A connection is looked up once: servers hand over the same address object for all requests of a connection, and the
    object is what the answer is kept under. Holding it keeps another connection from taking its place.
    """

    def __init__(self, own_uid: int, lookup: Callable[[Address, Address], int | None]) -> None:
        self._allowed = {own_uid, 0}
        self._lookup = lookup
        self._known: OrderedDict[int, tuple[object, bool]] = OrderedDict()
        self._lock = threading.Lock()

    def allows(self, client: Address | None, server: Address | None) -> bool:
        """Whether the caller at *client*, connected to *server*, may come in. One whose owner is not known may not."""
        if client is None or server is None:
            return False
        with self._lock:
            known = self._known.get(id(client))
        if known is not None and known[0] is client:
            return known[1]
        allowed = self._lookup(client, server) in self._allowed
        with self._lock:
            self._known[id(client)] = (client, allowed)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return allowed


def system_peers() -> PeerCheck | None:
    """The check of this system, or None where the system cannot tell."""
    if not all(os.access(table, os.R_OK) for table in _TABLES[:1]):
        return None
    return PeerCheck(os.getuid(), socket_owner)


def socket_owner(client: Address, server: Address) -> int | None:
    """The user whose socket is bound to *client* and connected to *server*; None if there is none.

    Sockets without an inode are skipped: no process holds them any more, and the system shows them as root's.
    """
    wanted = (_parsed(client), _parsed(server))
    for table in _TABLES:
        for local, remote, uid, inode in _rows(table):
            if inode != "0" and (local, remote) == wanted:
                return uid
    return None


_Endpoint: TypeAlias = tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int]


def _rows(table: Path) -> Iterator[tuple[_Endpoint, _Endpoint, int, str]]:
    try:
        lines = table.read_text("ascii").splitlines()[1:]
    except OSError:
        return
    for line in lines:
        columns = line.split()
        yield _decoded(columns[_LOCAL]), _decoded(columns[_REMOTE]), int(columns[_UID]), columns[_INODE]


def _decoded(text: str) -> _Endpoint:
    """An address of the table: hexadecimal, in 32-bit words of the machine's byte order."""
    address, _, port = text.partition(":")
    raw = bytes.fromhex(address)
    words = b"".join(int.from_bytes(raw[i : i + 4], "big").to_bytes(4, sys.byteorder) for i in range(0, len(raw), 4))
    return _plain(ipaddress.ip_address(words)), int(port, 16)


def _parsed(address: Address) -> _Endpoint:
    return _plain(ipaddress.ip_address(address[0].partition("%")[0])), address[1]


def _plain(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """IPv4 inside IPv6 is IPv4."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
