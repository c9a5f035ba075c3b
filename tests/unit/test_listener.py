"""The socket on which the server listens."""

import asyncio
import socket

import pytest

from pinnace import bootstrap
from pinnace.errors import SetupError


def test_answers_are_sent_without_waiting_for_more() -> None:
    """Else the second part of an answer waits for the acknowledgement of the first: 40 ms on Linux."""

    async def accepted() -> int:
        listener = bootstrap._listener("127.0.0.1", 0)
        option: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def connected(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            peer: socket.socket = writer.get_extra_info("socket")
            option.set_result(peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        async with await asyncio.start_server(connected, sock=listener):
            _, writer = await asyncio.open_connection(*listener.getsockname()[:2])
            found = await option
            writer.close()
            return found

    assert asyncio.run(accepted()) != 0


def test_a_port_that_is_taken_is_said() -> None:
    with bootstrap._listener("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(SetupError, match=f"port {port}.*--port"):
            bootstrap._listener("127.0.0.1", port)
