"""Streams of a real server: a run is followed from its submission to its end, and a shutdown waits for no stream."""

import http.client
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from pinnace.cli.server_file import require_server
from pinnace.testing.command import PinnaceCommand

PREFIX = "/apis/pinnace/v1"


def _open(address: str, path: str) -> http.client.HTTPResponse:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
    connection.request("GET", PREFIX + path)
    return connection.getresponse()


def test_a_run_is_followed_to_its_end_and_a_shutdown_ends_streams_properly(
    pinnace: PinnaceCommand, write_flow: Callable[[str], Path]
) -> None:
    pinnace.start()
    record = require_server(pinnace.data)
    idle = [_open(record.address, "/events") for _ in range(3)]
    feed = _open(record.address, "/events?kind=run&after=0")
    flow = write_flow("def hello() -> str:\n    return 'hello'")
    run = pinnace("run", flow, "--no-watch").stdout.split()[1]
    # The run goes on under the first stream, and has ended before the second.
    for _ in range(2):
        text = _open(record.address, f"/runs/{run}/events").read().decode()
        messages = [message.splitlines() for message in text.strip().split("\n\n")]
        assert messages[-1] == ["event: end", 'data: {"reason":"ENDED"}']
        updates = [json.loads(lines[-1][6:]) for lines in messages if "event: update" in lines]
        assert updates[-1]["run"]["state"] == "SUCCEEDED"
        last = {task["node"]: task for update in updates for task in update["tasks"]}
        assert {node: task["phase"] for node, task in last.items()} == {".": "SUCCEEDED", "hello": "SUCCEEDED"}
        assert last["hello"]["outputs"]["parameters"] == {"Output": "hello"}
    states: list[str] = []
    while states[-1:] != ["SUCCEEDED"]:
        line = feed.readline().decode()
        assert line
        if line.startswith("data: "):
            change = json.loads(line[6:])
            assert change["id"] == run
            states.append(change["summary"]["state"])
    assert states == ["PENDING", "RUNNING", "SUCCEEDED"]
    os.kill(record.pid, signal.SIGTERM)
    for stream in (*idle, feed):
        stream.read()  # Raises where a stream is cut off instead of ended.
    deadline = time.monotonic() + 60
    while record.is_alive():
        assert time.monotonic() < deadline, "the server does not stop"
        time.sleep(0.05)
