"""Lines of the log say which run and task they are about, and nothing of whoever happened to ask first."""

import asyncio
import io
import json
from collections.abc import Sequence
from typing import Any

import pytest

from pinnace.domain.states import RunState
from pinnace.errors import Unavailable
from pinnace.orchestrator.caching import TaskCache
from pinnace.ports.log_context import about
from pinnace.telemetry.logs import logged
from pinnace.testing.documents import Step, pipeline

CACHED = pipeline({"only": Step(["nothing"], cache=True)})


def logged_while(scene: Any) -> list[dict[str, Any]]:
    stream = io.StringIO()
    with logged("json", "warning", [], stream), about({"request_id": "of another"}):
        asyncio.run(scene())
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_what_happens_to_an_attempt_is_logged_with_it(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no cache today")

    monkeypatch.setattr(TaskCache, "look_up", broken)

    async def scene() -> None:
        async with bench.server():
            assert (await bench.ended(bench.submit(CACHED))).state is RunState.SUCCEEDED

    (line,) = logged_while(scene)
    assert {"run_id": "run-1", "task": "only", "attempt": 1}.items() <= line.items()
    assert "request_id" not in line
    assert "no cache today" in line["exception"]


def test_what_happens_to_all_runs_is_logged_with_none(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    append = bench.store.append
    fails = [True]

    def refusing(entries: Sequence[Any]) -> Any:
        if fails:
            raise Unavailable(f"The disk is full ({fails.pop()}).")
        return append(entries)

    async def scene() -> None:
        monkeypatch.setattr(bench.store, "append", refusing)
        async with bench.server():
            assert (await bench.ended(bench.submit(CACHED))).state is RunState.SUCCEEDED

    (line,) = logged_while(scene)
    assert "The disk is full" in line["message"]
    assert not {"run_id", "request_id"} & line.keys()
