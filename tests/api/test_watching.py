"""The command line's watch on a real server, through connections that break in the middle of a message."""

import json
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Final, Self
from urllib.parse import urlsplit

import pytest
from tests.api.conftest import SPEC, World, served

from pinnace.cli import event_stream
from pinnace.cli.client import Client, ServerError
from pinnace.cli.exits import NoServer
from pinnace.cli.server_api import read_run
from pinnace.cli.task_view import RunView
from pinnace.cli.watch import watch_run
from pinnace.domain.ids import RunId
from pinnace.domain.states import NodePhase, RunState
from pinnace.domain.values import Instant
from pinnace.ports.store import LogAppend, RunProgress
from pinnace.testing.records import a_run, a_task, some_events

ONE: Final = RunId("one")
ENDED: Final = RunProgress(RunState.SUCCEEDED, Instant(9), None, ((Instant(9), RunState.SUCCEEDED),))
STARTED: Final = RunProgress(RunState.RUNNING, None, None, ((Instant(5), RunState.RUNNING),))
NODES: Final = 300


@dataclass
class Shown:
    """A progress that keeps what it is shown."""

    views: list[RunView] = field(default_factory=list)
    seen: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, run: RunView) -> None:
        """Keep it."""
        self.views.append(run)
        self.seen.set()


@contextmanager
def breaking(address: str) -> Iterator[tuple[str, list[int]]]:
    """A way to *address* on which streams break after some bytes, and how many bytes each of them lived for."""
    chance = random.Random(4)
    broken: list[int] = []
    parts = urlsplit(address)

    def carry(client: socket.socket) -> None:
        with closing(client), socket.create_connection((parts.hostname or "", parts.port or 0), 60) as server:
            request = client.recv(65536)
            server.sendall(request)
            left = chance.choice([0, 300, 3_000, 40_000, 200_000]) if b"/events" in request else 1 << 30
            limit = left
            try:
                while left > 0 and (chunk := server.recv(min(left, 65536))):
                    client.sendall(chunk)
                    left -= len(chunk)
            except OSError:
                return
            if left == 0:
                broken.append(limit)

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=carry, args=(client,), daemon=True).start()

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", broken
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(60)


def test_a_run_is_shown_to_its_end_whatever_breaks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(event_stream, "_PATIENCE_SECONDS", 120.0)  # most connections break before they tell anything
    with world.store.write() as unit:
        unit.runs.add(a_run(ONE, document=unit.pipelines.add_document(json.dumps(SPEC).encode())))
    tasks = [a_task(ONE, f"t{number}") for number in range(NODES)]
    world.store.append([LogAppend(ONE, 0, some_events(1, 1), STARTED, tasks=tasks)])
    shown = Shown()

    def go_on() -> None:
        assert shown.seen.wait(60)
        for number in range(NODES):
            done = replace(tasks[number], phase=NodePhase.SUCCEEDED)
            world.store.append([LogAppend(ONE, number + 1, some_events(number + 2, 1), tasks=[done])])
        world.store.append([LogAppend(ONE, NODES + 1, some_events(NODES + 2, 1), ENDED)])

    with served(world.app()) as address, breaking(address) as (way, broken):
        writer = threading.Thread(target=go_on)
        writer.start()
        view = watch_run(Client(way), ONE, shown)
        writer.join(60)
        assert len(broken) > 3
        assert view == shown.views[-1] == read_run(Client(address), ONE)
        world.streams.close()
    assert view.succeeded
    assert all(len(each.tasks) == NODES for each in shown.views), "nothing is shown in part"
    assert [task.node for task in view.tasks] == [task.node for each in shown.views[:1] for task in each.tasks]
    assert {task.phase for task in view.tasks} == {"SUCCEEDED"}


def test_a_server_that_went_away_and_a_run_that_is_not_there_are_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "_PATIENCE_SECONDS", 0.2)
    with world.store.write() as unit:
        unit.runs.add(a_run(ONE))
    with served(world.app()) as address:
        with pytest.raises(ServerError) as refused:
            watch_run(Client(address), "none", Shown())
        assert refused.value.status == 404
        shown, failures = Shown(), list[Exception]()

        def watch() -> None:
            try:
                watch_run(Client(address), ONE, shown)
            except NoServer as error:
                failures.append(error)

        watching = threading.Thread(target=watch)
        watching.start()
        assert shown.seen.wait(60)
        world.streams.close()
    watching.join(60)
    assert len(failures) == 1
