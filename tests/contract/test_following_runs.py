"""Following one run: every event once, every node as it is, whenever a reader comes and however often it comes anew."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from pinnace.domain.changes import RunEvent
from pinnace.domain.history import RecordedEvent
from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.tasks import TaskRecord
from pinnace.domain.values import Instant, JsonObject
from pinnace.errors import NotFound
from pinnace.ports.store import LogAppend, Store
from pinnace.services import changes as service
from pinnace.services.changes import ChangeService, RunPlace
from pinnace.testing.records import a_run, a_task, an_artifact, some_events

ONE, TWO = RunId("one"), RunId("two")
APPENDS = 60


@pytest.fixture(autouse=True)
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_TASKS", 4)
    monkeypatch.setattr(service, "_EVENTS", 3)


@dataclass
class Reader:
    """What a client knows that resumes from the last number that it was given."""

    changes: ChangeService
    chance: random.Random
    number: int | None
    tasks: dict[NodeId, TaskRecord] = field(default_factory=dict)
    events: list[RunEvent] = field(default_factory=list)

    def follow(self, done: threading.Event) -> "Reader":
        """Until nothing is new any more."""
        place = self._begin()
        while True:
            finished = done.is_set()
            news = self.changes.news(ONE, place)
            if self.chance.random() < 0.2:
                place = self._begin()  # What came is lost on the way.
                continue
            place = news.place
            self.tasks.update({task.node: task for task in news.view.tasks})
            self.events += news.events
            self.number = self.number if place.is_loading else place.number
            if not news.has_more and not news.view.tasks:
                if finished:
                    return self
                done.wait(0.01)
            if self.chance.random() < 0.2:
                place = self._begin()

    def _begin(self) -> RunPlace:
        place = self.changes.begin(ONE, self.number)
        assert place is not None
        if self.number is None:
            self.tasks, self.events = {}, []
        return place


def test_every_reader_ends_up_with_the_run_as_it_is(store: Store) -> None:
    changes = ChangeService(store)
    with store.write() as unit:
        unit.runs.add(a_run(ONE))
        unit.runs.add(a_run(TWO))
    _append(store, ONE, 0, random.Random(0), nodes=20)
    done = threading.Event()
    with ThreadPoolExecutor(8) as pool:
        writers = [pool.submit(_write, store, run, number) for number, run in enumerate((ONE, TWO))]
        readers = [
            pool.submit(Reader(changes, random.Random(number), 0 if number % 2 else None).follow, done)
            for number in range(5)
        ]
        for writer in writers:
            writer.result(240)
        done.set()
        found = [reader.result(240) for reader in readers]
    with store.read() as unit:
        tasks = {task.node: task for task in unit.runs.tasks([ONE])[ONE]}
        last = unit.log.last_sequence(ONE)
    assert len(tasks) > service._TASKS * 4
    for number, reader in enumerate(found):
        assert reader.tasks == tasks
        told = [event.sequence for event in reader.events]
        assert told == list(range(told[0], last + 1)), "each once, in order"
        assert (told[0] == 1) == bool(number % 2), "who loads the run as it stands gets no history"
        assert all((event.node, event.attempt) == (f"n{event.sequence}", 1) for event in reader.events)


def test_the_run_as_it_stands_comes_in_the_order_in_which_its_nodes_came_to_be(store: Store) -> None:
    with store.write() as unit:
        unit.runs.add(a_run(ONE))
    for sequence, names in enumerate((("c", "b"), ("a", "b", "f"), ("e", "c"), ("d", "a"))):
        tasks = [a_task(ONE, name, parameters={"at": sequence}) for name in names]
        store.append([LogAppend(ONE, sequence, some_events(sequence + 1, 1), tasks=tasks)])
    changes = ChangeService(store)
    place = changes.begin(ONE, None)
    assert place is not None
    first = changes.news(ONE, place)
    store.append([LogAppend(ONE, 4, some_events(5, 1), tasks=[a_task(ONE, "b"), a_task(ONE, "g")])])
    second = changes.news(ONE, first.place)
    third = changes.news(ONE, second.place)
    told = [[task.node for task in news.view.tasks] for news in (first, second, third)]
    assert told == [["c", "b", "a", "f"], ["e", "d", "g"], ["b", "g"]], "what changes meanwhile is told again"
    assert [news.place.is_loading for news in (first, second, third)] == [True, False, False]
    assert [event.sequence for event in third.events] == [5]
    assert not third.has_more


def test_events_tell_their_nodes_and_artifacts_come_with_their_tasks(store: Store) -> None:
    bodies: list[JsonObject] = [
        {},
        {"node": "a", "attempt": 2},
        {"loop": "l", "index": 3},
        {"node": "b", "p": "x" * 30_000, "q": "y" * 30_000},
    ]
    events = [RecordedEvent(n + 1, Instant(n), "Noted", body) for n, body in enumerate(bodies)]
    with store.write() as unit:
        unit.runs.add(a_run(ONE))
        task = a_task(ONE, "a", outputs={"o": ("made", "gone")})
        unit.log.append(LogAppend(ONE, 0, events[:3], tasks=[task], artifacts=[an_artifact("made")]))
    changes = ChangeService(store)
    place = changes.begin(ONE, 0)
    assert place is not None
    news = changes.news(ONE, place)
    assert news.view.artifacts_of(news.view.tasks[0].outputs, "o") == [an_artifact("made")]
    assert [(event.node, event.attempt) for event in news.events] == [(None, None), ("a", 2), ("l[3]", None)]
    store.append([LogAppend(ONE, 3, events[3:])])
    assert [event.node for event in changes.news(ONE, news.place).events] == ["b"]
    with pytest.raises(NotFound):
        changes.begin(RunId("none"), None)
    assert changes.begin(ONE, 6) is None, "a place of another database"


def _write(store: Store, run: RunId, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(APPENDS):
        with store.read() as unit:
            last = unit.log.last_sequence(run)
        _append(store, run, last, chance, nodes=chance.choice([1, 2, 3, 15]))
        if chance.random() < 0.3:
            with store.write() as unit:
                unit.runs.add(a_run(f"{run}-{last}"))


def _append(store: Store, run: RunId, last: int, chance: random.Random, *, nodes: int) -> None:
    names = chance.sample(range(30), nodes)
    tasks = [a_task(run, f"t{name}", parameters={"at": last}) for name in names]
    numbers = range(last + 1, last + 1 + chance.choice([1, 2, 5]))
    events = [RecordedEvent(n, Instant(n), "Noted", {"node": f"n{n}", "attempt": 1}) for n in numbers]
    assert store.append([LogAppend(run, last, events, tasks=tasks)]) == [None]
