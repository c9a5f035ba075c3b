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
_Ip: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_TABLES: Final = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_UID, _INODE = 7, 9
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
    for table, local, remote in _rows_of(client, server):
        try:
            text = table.read_text("ascii")
        except OSError:
            continue
        wanted = f": {local} {remote} "
        for line in text.splitlines():
            if wanted in line:
                columns = line.split()
                if columns[_INODE] != "0":
                    return int(columns[_UID])
    return None


def _rows_of(client: Address, server: Address) -> Iterator[tuple[Path, str, str]]:
    """Where the client's end may stand, and how both addresses are spelled there: IPv4 sockets may be IPv6 ones too."""
    local, remote = _plain(client[0]), _plain(server[0])
    for table, size in zip(_TABLES, (4, 16), strict=True):
        spelled = [_spelled(address, size, port) for address, port in ((local, client[1]), (remote, server[1]))]
        if all(spelled):
            yield table, spelled[0], spelled[1]


def _plain(host: str) -> _Ip:
    """IPv4 inside IPv6 is IPv4."""
    address = ipaddress.ip_address(host.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _spelled(address: _Ip, size: int, port: int) -> str:
    """The address as the table of *size* bytes has it, in 32-bit words of the machine's byte order; "" if it cannot."""
    raw = address.packed
    if len(raw) > size:
        return ""
    if len(raw) < size:
        raw = b"\0" * 10 + b"\xff\xff" + raw
    words = (int.from_bytes(raw[at : at + 4], sys.byteorder) for at in range(0, size, 4))
    return "".join(f"{word:08X}" for word in words) + f":{port:04X}"
