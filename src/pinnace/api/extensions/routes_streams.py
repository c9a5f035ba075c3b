"""Streams of what happens: of the whole server for lists, and of one run."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Response

from pinnace.api.extensions.sse import EventStreamResponse, EventStreams, Portion, frame, place_frame
from pinnace.api.extensions.views import files_of, run_header, task_view
from pinnace.api.extensions.wire_base import View, time_of
from pinnace.api.extensions.wire_streams import (
    EndReason,
    WireChange,
    WireRunEvent,
    WireRunHeader,
    WireRunUpdate,
    WireStreamEnd,
    WireStreamPlace,
)
from pinnace.domain.changes import Change, RunEvent
from pinnace.domain.ids import RunId
from pinnace.errors import NotFound
from pinnace.ports.logs import AttemptLogs
from pinnace.services.changes import ChangeService, FeedFilter, RunNews, RunPlace

_LARGEST: Final = 2**63 - 1
After = Annotated[int | None, Query(ge=0, le=_LARGEST, description="Only what is behind this change.")]
LastEventId = Annotated[
    int | None, Header(alias="Last-Event-ID", ge=0, le=_LARGEST, description="The same; goes before `after`.")
]


class StreamRoutes:
    """Endpoints under ``/events`` and ``/runs/{run_id}/events`` of our own API."""

    def __init__(self, changes: ChangeService, streams: EventStreams, logs: AttemptLogs) -> None:
        self._changes = changes
        self._streams = streams
        self._logs = logs

    def router(self) -> APIRouter:
        """The route table."""
        router = APIRouter(tags=["live"])
        changes: dict[str, type[View]] = {"change": WireChange, "start": WireStreamPlace, "reset": WireStreamPlace}
        router.add_api_route(
            "/events",
            self.changes,
            methods=["GET"],
            response_model=WireChange | WireStreamPlace,
            operation_id="streamChanges",
            **_described(changes),
        )
        updates: dict[str, type[View]] = {"update": WireRunUpdate, "reset": WireStreamPlace, "end": WireStreamEnd}
        router.add_api_route(
            "/runs/{run_id}/events",
            self.run,
            methods=["GET"],
            response_model=WireRunUpdate | WireStreamPlace | WireStreamEnd,
            operation_id="streamRun",
            **_described(updates),
        )
        return router

    def changes(
        self,
        namespace: Annotated[str | None, Query(description="Only changes in this namespace.")] = None,
        kind: Annotated[list[str] | None, Query(description="Only changes of these kinds.")] = None,
        after: After = None,
        last_event_id: LastEventId = None,
    ) -> Response:
        """Follow the changes of all objects that lists show, each once and in order.

        Messages are `change`; `start` where no place is given, with the number from which the stream goes on; and
        `reset` where the server does not know what has changed since the place that was given.
        """
        which = FeedFilter(namespace, frozenset(kind or ()))
        return self._streams.stream(_Feed(self._changes, which, after if last_event_id is None else last_event_id))

    def run(self, run_id: str, after: After = None, last_event_id: LastEventId = None) -> Response:
        """Follow a run: first as it stands, or what has changed since a place, then each change.

        Messages are `update`; `reset` before the run as it stands if the place that was given is unknown; and `end`
        once the run has ended and everything was sent.
        """
        place = after if last_event_id is None else last_event_id
        return self._streams.stream(_FollowedRun(self._changes, self._logs, RunId(run_id), place))


def _described(messages: Mapping[str, type[View]]) -> dict[str, Any]:
    """What the OpenAPI document says of a stream: it is text, and the data of each kind of message has a schema."""
    data = {event: {"$ref": f"#/components/schemas/{view.__name__}"} for event, view in messages.items()}
    content = {EventStreamResponse.media_type: {"schema": {"type": "string"}, "x-event-data": data}}
    return {
        "status_code": 200,
        "response_class": EventStreamResponse,
        "responses": {200: {"description": "Server-sent events."}},
        "openapi_extra": {"responses": {"200": {"content": content}}},
    }


class _Feed:
    """The changes of objects, as a source of a stream."""

    run: RunId | None = None

    def __init__(self, changes: ChangeService, which: FeedFilter, after: int | None) -> None:
        self._changes = changes
        self._which = which
        self._after = after

    def read(self) -> Portion:
        """See ``sse.Source``."""
        page = None if self._after is None else self._changes.page(self._after, self._which)
        if page is None:
            event = "start" if self._after is None else "reset"
            self._after = self._changes.number()
            place = WireStreamPlace(change_number=self._after)
            return Portion(frame(event, place.model_dump_json(), self._after))
        self._after = page.upto
        return Portion(b"".join(_change_frame(each) for each in page.changes), page.has_more)

    def bookmark(self) -> bytes:
        """See ``sse.Source``."""
        return place_frame(self._after)


class _FollowedRun:
    """One run, as a source of a stream."""

    def __init__(self, changes: ChangeService, logs: AttemptLogs, run: RunId, after: int | None) -> None:
        self.run: RunId | None = run
        self._changes = changes
        self._logs = logs
        self._id = run
        self._told: WireRunHeader | None = None
        self._begin = b""
        place = changes.begin(run, after)
        if place is None:
            self._begin = frame("reset", WireStreamPlace(change_number=changes.number()).model_dump_json())
            place = changes.begin(run, None)
            assert place is not None
        self._place: RunPlace = place

    def read(self) -> Portion:
        """See ``sse.Source``."""
        begin, self._begin = self._begin, b""
        try:
            news = self._changes.news(self._id, self._place)
        except NotFound:
            return Portion(begin + _end_frame(EndReason.DELETED), is_last=True)
        self._place = news.place
        has_ended = news.view.run.state.is_terminal and not news.has_more
        frames = begin + self._update(news) + (_end_frame(EndReason.ENDED) if has_ended else b"")
        return Portion(frames, news.has_more, is_last=has_ended)

    def bookmark(self) -> bytes:
        """See ``sse.Source``."""
        return place_frame(None if self._place.is_loading else self._place.number)

    def _update(self, news: RunNews) -> bytes:
        header = run_header(news.view.run)
        if header == self._told and not news.view.tasks and not news.events:
            return b""
        self._told = header
        number = None if news.place.is_loading else news.place.number
        update = WireRunUpdate(
            change_number=number,
            run=header,
            tasks=[task_view(task, news.view, files_of(task, self._logs)) for task in news.view.tasks],
            events=[_event(each) for each in news.events],
        )
        return frame("update", update.model_dump_json(), number)


def _change_frame(change: Change) -> bytes:
    data = WireChange(
        change_number=change.number,
        kind=change.kind,
        id=change.id,
        namespace=change.namespace,
        action=change.action,
        summary=dict(change.summary),
    )
    return frame("change", data.model_dump_json(), change.number)


def _end_frame(reason: EndReason) -> bytes:
    return frame("end", WireStreamEnd(reason=reason).model_dump_json())


def _event(event: RunEvent) -> WireRunEvent:
    return WireRunEvent(
        sequence=event.sequence, at=time_of(event.at), type=event.type, node=event.node, attempt=event.attempt
    )
