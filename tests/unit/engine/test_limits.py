"""A run cannot unfold without end."""

import json
from typing import Any

import pytest

from pinnace.domain.ids import RunId
from pinnace.domain.states import NodePhase, RunState
from pinnace.domain.values import Instant
from pinnace.engine import limits
from pinnace.engine.decide import advance
from pinnace.engine.events import RunCreated
from pinnace.engine.nodes import RunSnapshot
from pinnace.engine.plan import build_plan
from pinnace.engine.signals import StartRun
from pinnace.engine.state import replay
from pinnace.errors import InvalidPipeline
from pinnace.ir.parse import parse_pipeline
from pinnace.ir.validate_graph import MAX_TASKS
from pinnace.testing.documents import Step, pipeline

NOW = Instant(1_700_000_000_000_000)


def nested(depth: int, tasks: int, items: int = 0) -> bytes:
    """A pipeline of nested pipelines, each with some tasks that are the next one, over some items if any."""
    document: dict[str, Any] = json.loads(pipeline({"leaf": Step(("true",))}))
    components = document["components"]
    inner = "comp-leaf"
    for level in range(depth):
        task: dict[str, Any] = {"componentRef": {"name": inner}, "taskInfo": {"name": "task"}}
        if items:
            components[inner]["inputDefinitions"] = {"parameters": {"item": {"parameterType": "NUMBER_INTEGER"}}}
            task["parameterIterator"] = {"itemInput": "item", "items": {"raw": json.dumps(list(range(items)))}}
        inner = f"comp-{level}"
        components[inner] = {"dag": {"tasks": {f"task-{number}": task for number in range(tasks)}}}
    document["root"]["dag"]["tasks"] = {"all": {"componentRef": {"name": inner}, "taskInfo": {"name": "all"}}}
    return json.dumps(document).encode()


def started(document: bytes) -> RunSnapshot:
    plan = build_plan(parse_pipeline(document))
    state = replay(plan, RunId("run"), [RunCreated(at=NOW, parameters={}, caching=None)])
    advance(plan, state, StartRun(), NOW)
    return state


def test_a_pipeline_that_unfolds_to_more_tasks_than_a_run_may_have_is_refused() -> None:
    parse_pipeline(nested(10, 2))
    with pytest.raises(InvalidPipeline, match=f"more than {MAX_TASKS:,} tasks"):
        parse_pipeline(nested(16, 2))
    with pytest.raises(InvalidPipeline, match=f"more than {MAX_TASKS:,} tasks"):
        parse_pipeline(nested(98, 5))


def test_a_chain_of_nested_pipelines_is_counted_without_recursion() -> None:
    parse_pipeline(nested(3000, 1))


def test_loops_in_loops_fail_when_there_are_too_many_iterations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_TASKS", 100)
    state = started(nested(3, 1, items=10))
    assert len(state.nodes) <= 100
    failures = {node.failure.code for node in state.nodes.values() if node.failure is not None}
    assert failures == {"TooManyTasks"}
    launched = [node for node in state.nodes.values() if node.phase is NodePhase.LAUNCHED]
    assert state.state is (RunState.RUNNING if launched else RunState.FAILED)


def test_as_many_as_there_is_room_for_all_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = started(nested(2, 1, items=5))
    monkeypatch.setattr(limits, "MAX_TASKS", len(whole.nodes))
    assert started(nested(2, 1, items=5)).nodes == whole.nodes
    monkeypatch.setattr(limits, "MAX_TASKS", len(whole.nodes) - 1)
    assert started(nested(2, 1, items=5)).nodes != whole.nodes
