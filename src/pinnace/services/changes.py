"""What has changed since a reader looked last: of the whole server, or of one run.

A reader keeps its place itself and asks again; nothing is held for it in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from pinnace.domain.changes import PlacedTask, RunEvent
from pinnace.domain.ids import RunId
from pinnace.domain.runs import Run
from pinnace.ports.changes import ChangePage, Changes, Listener
from pinnace.ports.store import Store
from pinnace.services.views import RunView, named_artifacts

_CHANGES: Final = 500
_TASKS: Final = 250
_EVENTS: Final = 1_000
_BEFORE_ALL: Final = (-1, -1)


@dataclass(frozen=True, slots=True)
class FeedFilter:
    """Which changes a reader wants: of a namespace (None: of all), of some kinds (none: of all)."""

    namespace: str | None = None
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RunPlace:
    """How far a reader of a run has come.

    Attributes:
        number: It has everything up to this change.
        sequence: It has the events up to this one.
        tasks: It has the nodes up to this change and place besides.
        loading: While it is given the run as it stands, the last node that it has; None afterwards.
    """

    number: int
    sequence: int
    tasks: tuple[int, int, int]
    loading: tuple[int, int] | None = None

    @property
    def is_loading(self) -> bool:
        """Whether the run as it stands is not told to its end yet."""
        return self.loading is not None


@dataclass(frozen=True, slots=True)
class RunNews:
    """What has changed in a run, or a portion of it.

    Attributes:
        view: The run as it is now, with those nodes that changed. A node may be told again.
        events: What happened. Each event is told once.
        place: To go on from.
        has_more: Whether there is another portion already.
    """

    view: RunView
    events: Sequence[RunEvent]
    place: RunPlace
    has_more: bool


class ChangeService:
    """Use-cases of those who follow what happens."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def listen(self, listener: Listener) -> None:
        """Call *listener* behind each commit; see ``ports.changes``."""
        self._store.listen(listener)

    def number(self) -> int:
        """The number of the last change."""
        with self._store.read() as uow:
            return uow.log.change_number()

    def page(self, after: int, which: FeedFilter) -> ChangePage | None:
        """The next changes behind number *after*; None if the feed does not have all of them, or never got there."""
        with self._store.read() as uow:
            return uow.changes.page(after, _CHANGES, which.namespace, which.kinds)

    def run(self, run: RunId) -> tuple[Run, int]:
        """A run without its nodes, and the number of the change that it is as of. Raises NotFound."""
        with self._store.read() as uow:
            return uow.runs.get(run), uow.log.change_number()

    def begin(self, run: RunId, after: int | None) -> RunPlace | None:
        """Where a reader begins: behind change *after*, or with the run as it stands for None.

        None if the server has not come to *after* yet: the reader knew another database. Raises NotFound.
        """
        with self._store.read() as uow:
            uow.runs.get(run)
            now = uow.log.change_number()
            if after is None:
                return RunPlace(now, uow.log.last_sequence(run), _behind(now), _BEFORE_ALL)
            if after > now:
                return None
            return RunPlace(after, uow.changes.sequence_at(run, after), _behind(after))

    def news(self, run: RunId, place: RunPlace) -> RunNews:
        """What has changed in a run since a place, or the first portion of it. Raises NotFound."""
        with self._store.read() as uow:
            row = uow.runs.get(run)
            if place.loading is not None:
                placed, events, further, has_more = _standing(uow.changes, run, place)
            else:
                placed, events, further, has_more = _changed(uow.changes, run, place, uow.log.change_number())
            tasks = [each.task for each in sorted(placed, key=lambda each: each.place)]
            view = RunView(row, tasks, uow.runs.artifacts(named_artifacts(tasks)))
        return RunNews(view, events, further, has_more)


_Portion = tuple[Sequence[PlacedTask], Sequence[RunEvent], RunPlace, bool]


def _standing(changes: Changes, run: RunId, place: RunPlace) -> _Portion:
    """Nodes in their order. One that changes meanwhile is told again, as a change behind ``place.number``."""
    assert place.loading is not None
    tasks = changes.tasks_in_order(run, place.loading, _TASKS + 1)
    if len(tasks) <= _TASKS:
        return tasks, (), replace(place, loading=None), True
    tasks = tasks[:_TASKS]
    return tasks, (), replace(place, loading=tasks[-1].place), True


def _changed(changes: Changes, run: RunId, place: RunPlace, now: int) -> _Portion:
    """Nodes in the order of their changes, and the events up to the change up to which all nodes are told."""
    tasks = changes.tasks_changed(run, place.tasks, _TASKS + 1)
    events = changes.events(run, place.sequence, _EVENTS + 1)
    upto, behind = now, _behind(now)
    if len(tasks) > _TASKS:
        upto = tasks[_TASKS].changed - 1
        tasks = tasks[:_TASKS]
        behind = (tasks[-1].changed, *tasks[-1].place)
    if len(events) > _EVENTS:
        upto = min(upto, events[_EVENTS].number - 1)
        events = events[:_EVENTS]
    told = [event for event in events if event.number <= upto]
    sequence = told[-1].sequence if told else place.sequence
    has_more = upto < now
    return tasks, told, RunPlace(upto, sequence, behind), has_more


def _behind(number: int) -> tuple[int, int, int]:
    """The place behind every node that changed with *number* or before it."""
    return (number + 1, *_BEFORE_ALL)
