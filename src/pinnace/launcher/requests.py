"""What processes of one tree ask of each other through sockets: to carry out an attempt, with descriptors for it."""

from __future__ import annotations

import os
import select
import socket
import struct
from typing import NamedTuple

_LENGTH = struct.Struct("=I")
_DESCRIPTORS = struct.Struct("=ii")


class Request(NamedTuple):
    """An attempt to carry out; *output* and *errors* are descriptors of who does it."""

    directory: str
    output: int
    errors: int


def send(control: socket.socket, directory: str, output: int, errors: int) -> None:
    """Ask for an attempt. Raises OSError where nobody listens any more."""
    path = os.fsencode(directory)
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, _DESCRIPTORS.pack(output, errors))]
    message = _LENGTH.pack(len(path)) + path
    if control.sendmsg([message], ancillary) != len(message):
        raise BrokenPipeError("nobody listens")


def receive(control: socket.socket) -> Request | None:
    """The next request, or None when there will be none."""
    header, ancillary, _, _ = control.recvmsg(_LENGTH.size, socket.CMSG_SPACE(_DESCRIPTORS.size))
    if len(header) < _LENGTH.size or not ancillary:
        return None
    output, errors = _DESCRIPTORS.unpack(ancillary[0][2])
    path = b""
    (length,) = _LENGTH.unpack(header)
    while len(path) < length:
        piece = control.recv(length - len(path))
        if not piece:
            return None
        path += piece
    return Request(os.fsdecode(path), output, errors)


def is_over(control: socket.socket) -> bool:
    """Whether there will be no request any more. Returns as soon as there is one, or can be none; takes nothing."""
    return not control.recv(1, socket.MSG_PEEK)


def first_of(control: socket.socket, parent: socket.socket) -> Request | None:
    """The next request, or None when there will be none, or when the process behind *parent* is gone."""
    readable, _, _ = select.select([control, parent], [], [])
    return receive(control) if control in readable else None
