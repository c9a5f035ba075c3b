"""Histories of every release, replayed and taken on by the present engine."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pinnace.domain.history import RecordedEvent
from pinnace.domain.states import RunState
from pinnace.engine import signals as sig
from pinnace.engine.codec import UnknownEvent, decode, encode
from pinnace.engine.events import Event
from pinnace.engine.plan import build_plan
from pinnace.ir.parse import parse_pipeline
from pinnace.testing.engine_driver import resume

HISTORIES = sorted((Path(__file__).parent / "histories").rglob("*.json"))


@cache
def _recorded(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def _events(path: Path) -> list[Event]:
    return [decode(RecordedEvent(**event)) for event in _recorded(path)["events"]]


def test_there_are_histories() -> None:
    assert len(HISTORIES) >= 9


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_history_gives_the_state_that_it_gave_then(path: Path) -> None:
    plan = build_plan(parse_pipeline(_recorded(path)["document"].encode()))
    played = resume(plan, _events(path))
    assert played.state.state.value == _recorded(path)["state"]
    assert played.phases() == _recorded(path)["phases"]


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_history_that_breaks_off_anywhere_goes_on_to_an_end(path: Path) -> None:
    plan = build_plan(parse_pipeline(_recorded(path)["document"].encode()))
    events = _events(path)
    for length in range(1, len(events) + 1):
        if _is_decided_together(events, length):
            continue
        played = resume(plan, events[:length])
        played.play(sig.StartRun())
        assert played.state.state in {RunState.SUCCEEDED, RunState.FAILED}, length


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_encoding_has_not_changed(path: Path) -> None:
    for recorded, event in zip(_recorded(path)["events"], _events(path), strict=True):
        assert encode(event, recorded["sequence"]) == RecordedEvent(**recorded)


def test_an_event_of_a_newer_release_is_refused_by_name() -> None:
    with pytest.raises(UnknownEvent, match="NodeTeleported"):
        decode(RecordedEvent(1, 1, "NodeTeleported", {}))  # type: ignore[arg-type]


def _is_decided_together(events: list[Event], length: int) -> bool:
    """Whether a commit could not have ended there: the next event followed from the same signal, at the same time."""
    return length < len(events) and events[length].at == events[length - 1].at
