"""Streams over a real server: what they send, where they resume, and that they hold nothing while they wait."""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from tests.api.conftest import OURS, World, served

from pinnace.api.extensions.sse import Pace
from pinnace.api.security import Policy
from pinnace.domain.ids import ExperimentId, RunId
from pinnace.domain.states import NodePhase, RunState, StorageState
from pinnace.domain.values import Instant
from pinnace.errors import Unavailable
from pinnace.ports.changes import ChangePage
from pinnace.ports.store import LogAppend, RunProgress
from pinnace.services.changes import ChangeService, FeedFilter
from pinnace.store import changes as feed
from pinnace.testing.records import a_pipeline, a_run, a_task, some_events

ONE: Final = RunId("one")
ENDED: Final = RunProgress(
    RunState.FAILED, Instant(9), None, ((Instant(5), RunState.RUNNING), (Instant(9), RunState.FAILED))
)
RETRIED: Final = RunProgress(RunState.RUNNING, None, None, ((Instant(12), RunState.RUNNING),))
WAIT_SECONDS: Final = 60


@dataclass
class Message:
    """One message; ``id`` is None where the stream gave none."""

    event: str
    data: Any
    id: str | None


class Stream:
    """An open stream."""

    def __init__(self, connection: http.client.HTTPConnection) -> None:
        self._connection = connection
        self.response = connection.getresponse()

    def lines(self) -> Iterator[str]:
        while line := self.response.readline().decode():
            yield line.rstrip("\n")

    def messages(self) -> Iterator[Message]:
        fields: dict[str, str] = {}
        for line in self.lines():
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "data" in fields:
                yield Message(fields["event"], json.loads(fields["data"]), fields.get("id"))
                fields = {}
            else:
                fields = {}

    def next(self, count: int = 1) -> list[Message]:
        messages = self.messages()
        return [next(messages) for _ in range(count)]

    def close(self) -> None:
        self.response.close()
        self._connection.close()


@contextmanager
def opened(address: str, path: str, headers: dict[str, str] | None = None) -> Iterator[Stream]:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=WAIT_SECONDS)
    connection.request("GET", OURS + path, headers=headers or {})
    stream = Stream(connection)
    yield stream
    stream.close()


@pytest.fixture
def address(world: World) -> Iterator[str]:
    with served(world.app()) as address:
        yield address
        world.streams.close()


def add_run(world: World, name: str = ONE, namespace: str = "default") -> None:
    with world.store.write() as unit:
        unit.runs.add(a_run(name, namespace=namespace))


def test_the_feed_tells_each_change_and_resumes_behind_the_last_one_that_came(world: World, address: str) -> None:
    with opened(address, "/events") as stream:
        assert stream.response.status == 200
        assert stream.response.getheader("content-type") == "text/event-stream; charset=utf-8"
        assert stream.response.getheader("cache-control") == "no-store"
        assert stream.response.getheader("x-accel-buffering") == "no"
        (start,) = stream.next()
        assert (start.event, start.data) == ("start", {"change_number": int(start.id or "")})
        add_run(world)
        with world.store.write() as unit:
            unit.runs.set_storage_state(ONE, StorageState.ARCHIVED, Instant(1))
            unit.pipelines.add(a_pipeline("p"))
        created, archived = stream.next(2)
    now = start.data["change_number"]
    assert created == Message(
        "change",
        {
            "change_number": now + 1,
            "kind": "run",
            "id": "one",
            "namespace": "default",
            "action": "CREATED",
            "summary": {
                "display_name": "one",
                "experiment_id": "experiment",
                "state": "PENDING",
                "storage_state": "AVAILABLE",
            },
        },
        str(now + 1),
    )
    assert archived.data["action"] == "ARCHIVED"
    for headers, query in (({"Last-Event-ID": archived.id}, "?after=0"), ({}, f"?after={archived.id}")):
        with opened(address, f"/events{query}", {name: value or "" for name, value in headers.items()}) as stream:
            (made,) = stream.next()
            assert (made.data["kind"], made.data["id"], made.id) == ("pipeline", "p", str(now + 3))


def test_the_feed_by_namespace_and_kind(world: World, address: str) -> None:
    with (
        opened(address, "/events?after=0&namespace=team&kind=run&kind=recurring_run") as team,
        opened(address, "/events?after=0&kind=pipeline") as pipelines,
    ):
        add_run(world, "elsewhere")
        with world.store.write() as unit:
            unit.pipelines.add(a_pipeline("p", namespace="team"))
        add_run(world, "here", namespace="team")
        assert [message.data["id"] for message in team.next()] == ["here"]
        assert [message.data["id"] for message in pipelines.next()] == ["p"]


def test_who_asks_for_what_is_forgotten_or_never_was_loads_anew(
    world: World, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "KEPT", 5)
    monkeypatch.setattr(feed, "_TRIMMED_EVERY", 1)
    for number in range(10):
        add_run(world, f"r{number}")
    now = world.views.counts().change_number
    for after in (0, now + 100):
        with opened(address, f"/events?after={after}") as stream:
            (reset,) = stream.next()
            assert reset == Message("reset", {"change_number": now}, str(now))
    with opened(address, "/events", {"Last-Event-ID": "1"}) as stream:
        stream.next()
        add_run(world, "new")
        assert [message.data["id"] for message in stream.next()] == ["new"]
    add_run(world)
    with opened(address, "/runs/one/events?after=1000") as stream:
        reset, update = stream.next(2)
        assert (reset.event, reset.id, update.event) == ("reset", None, "update")


def test_a_run_is_told_as_it_stands_and_then_as_it_goes_on(world: World, address: str) -> None:
    add_run(world)
    tasks = [a_task(ONE, f"t{number}") for number in range(600)]
    world.store.append([LogAppend(ONE, 0, some_events(1, 3), tasks=tasks)])
    with opened(address, "/runs/one/events") as stream:
        whole = stream.next(3)
        assert [message.id for message in whole] == [None, None, str(whole[-1].data["change_number"])]
        assert [message.data["change_number"] is None for message in whole] == [True, True, False]
        nodes = [task["node"] for message in whole for task in message.data["tasks"]]
        assert nodes == [task.node for task in tasks]
        assert all(message.data["events"] == [] for message in whole)
        changed = replace(tasks[7], phase=NodePhase.RUNNING)
        world.store.append([LogAppend(ONE, 3, some_events(4, 2), tasks=[changed])])
        (update,) = stream.next()
        assert [(task["node"], task["phase"]) for task in update.data["tasks"]] == [("t7", "RUNNING")]
        assert [event["sequence"] for event in update.data["events"]] == [4, 5]
        with world.store.write() as unit:
            unit.runs.set_storage_state(ONE, StorageState.ARCHIVED, Instant(1))
        (archived,) = stream.next()
        assert archived.data["run"]["storage_state"] == "ARCHIVED"
        assert (archived.data["tasks"], archived.data["events"]) == ([], [])
    full = world.client().get(f"{OURS}/runs/one/tasks").json()["tasks"]
    assert update.data["tasks"] == [full[7]]
    # Who has loaded the run by itself goes on from its number; who was interrupted, from the last one that came.
    number = world.client().get(f"{OURS}/runs/one").json()["change_number"]
    assert archived.id == str(number)
    with opened(address, f"/runs/one/events?after={number}") as stream:
        world.store.append([LogAppend(ONE, 5, some_events(6, 1, {"node": "t7", "attempt": 2}))])
        events = [event for message in stream.next(2) for event in message.data["events"]]
        assert events == [
            {"sequence": 6, "at": "1970-01-01T00:00:00.000006Z", "type": "Noted", "node": "t7", "attempt": 2}
        ]
    with opened(address, "/runs/one/events", {"Last-Event-ID": whole[-1].id or ""}) as stream:
        (missed,) = stream.next()
        assert [task["node"] for task in missed.data["tasks"]] == ["t7"]
        assert [event["sequence"] for event in missed.data["events"]] == [4, 5, 6]


def test_the_end_of_a_run_ends_its_stream_and_a_retry_begins_another(world: World, address: str) -> None:
    add_run(world)
    with opened(address, "/runs/one/events") as stream:
        stream.next()
        world.store.append([LogAppend(ONE, 0, some_events(1, 2), ENDED, tasks=[a_task(ONE, "a")])])
        update, end = stream.messages()
        assert (update.data["run"]["state"], update.data["run"]["finished_at"]) == (
            "FAILED",
            "1970-01-01T00:00:00.000009Z",
        )
        assert end == Message("end", {"reason": "ENDED"}, None)
    # A browser that was not told to close asks again: it gets the header and the end, and no event twice.
    with opened(address, "/runs/one/events", {"Last-Event-ID": update.id or ""}) as stream:
        again, end = stream.messages()
        assert (again.data["tasks"], again.data["events"], end.event) == ([], [], "end")
    world.store.append([LogAppend(ONE, 2, some_events(3, 1), RETRIED)])
    with opened(address, "/runs/one/events", {"Last-Event-ID": update.id or ""}) as stream:
        (retried,) = stream.next()
        assert (retried.data["run"]["state"], [event["sequence"] for event in retried.data["events"]]) == (
            "RUNNING",
            [3],
        )
        with world.store.write() as unit:
            unit.runs.delete(ONE)
        assert stream.next() == [Message("end", {"reason": "DELETED"}, None)]
        assert stream.response.read() == b""
    gone = world.client().get(f"{OURS}/runs/one/events")
    assert (gone.status_code, gone.json()["code"]) == (404, 5)


@pytest.mark.parametrize("headers", [{"Last-Event-ID": "x"}, {"Last-Event-ID": "-1"}, {"Last-Event-ID": str(2**70)}])
@pytest.mark.parametrize("path", ["/events", "/runs/one/events"])
def test_a_place_that_is_no_number_is_refused(world: World, path: str, headers: dict[str, str]) -> None:
    add_run(world)
    answer = world.client().get(OURS + path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, 3)


def test_streams_are_guarded_like_everything_else(world: World) -> None:
    assert world.client(Policy(token="s3cret")).get(f"{OURS}/events").status_code == 401
    foreign = world.client().get(f"{OURS}/events", headers={"Host": "evil.example"})
    assert foreign.status_code == 403


def test_silence_is_broken_by_a_sign_of_life_that_moves_the_place_on(world: World) -> None:
    world.streams = type(world.streams)(world.store.listen, Pace(heartbeat=0.05))
    with served(world.app()) as address:
        with opened(address, "/events?after=0&kind=nothing") as stream:
            add_run(world)
            now = world.views.counts().change_number
            assert f"id: {now}" in iter(stream.lines())
        world.streams.close()


def test_two_hundred_streams_wait_without_a_connection_to_the_database(world: World, address: str) -> None:
    add_run(world)
    streams = [opened(address, "/events?after=0" if number % 2 else "/runs/one/events") for number in range(200)]
    entered = [stream.__enter__() for stream in streams]
    for stream in entered:
        stream.next()
    assert world.streams.count == 200
    pool = world.store._reader.pool  # type: ignore[attr-defined]
    assert pool.checkedin() + pool.checkedout() <= 8
    with world.store.write() as unit:
        unit.runs.set_storage_state(ONE, StorageState.ARCHIVED, Instant(1))
    for number, stream in enumerate(entered):
        for message in stream.messages():
            told = message.data
            if (told["action"] if number % 2 else told["run"]["storage_state"]) == "ARCHIVED":
                break
    world.streams.close()
    for stream in entered:
        assert stream.response.read() == b"", "a stream that the server ends is ended properly"
    for each in streams:
        each.__exit__(None, None, None)
    with opened(address, "/events") as late:
        assert list(late.messages()) == []


class CountedChanges(ChangeService):
    """Notes how far the reader of a namespace has come, and fails on demand."""

    place = 0
    failures = 0

    def page(self, after: int, which: FeedFilter) -> ChangePage | None:
        """See the base."""
        if self.failures:
            self.failures -= 1
            raise Unavailable("The database does not answer.")
        if which.namespace is not None:
            self.place = after
        return super().page(after, which)


def test_a_client_that_stops_reading_is_read_for_no_further(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = CountedChanges(world.store)
    monkeypatch.setattr("tests.api.conftest.ChangeService", lambda _store: counted)
    with served(world.app()) as address, socket.socket() as client:
        client.settimeout(WAIT_SECONDS)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        parts = urlsplit(address)
        client.connect((parts.hostname, parts.port))
        request = f"GET {OURS}/events?after=0&namespace=default HTTP/1.1\r\nHost: localhost\r\n\r\n"
        client.sendall(request.encode())
        with world.store.write() as unit:
            for number in range(700):
                unit.runs.add(replace(a_run(f"r{number}"), display_name="x" * 10_000))
        with world.store.write() as unit:
            unit.runs.archive_all(ExperimentId("experiment"), Instant(1))
        last = world.views.counts().change_number
        add_run(world)
        with opened(address, f"/events?after={last}") as other:
            assert other.next()[0].data["id"] == ONE, "others go on"
        stuck = counted.place
        assert stuck < last - 500, "most of it is still in the database"
        received = bytearray()
        while b'"id":"one"' not in received[-20_000:]:
            received += client.recv(1 << 20)
        told = [json.loads(line[6:])["change_number"] for line in received.split(b"\n") if line.startswith(b"data: ")]
        assert told == list(range(1, last + 2))
        world.streams.close()


def test_a_database_that_does_not_answer_for_a_while_ends_no_stream(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = CountedChanges(world.store)
    monkeypatch.setattr("tests.api.conftest.ChangeService", lambda _store: counted)
    world.streams = type(world.streams)(world.store.listen, Pace(heartbeat=0.2, outage=0.05))
    with served(world.app()) as address:
        with opened(address, "/events?after=0") as stream:
            stream.next()
            counted.failures = 3
            add_run(world)
            assert [message.data["id"] for message in stream.next()] == [ONE]
            assert counted.failures == 0
        world.streams.close()
