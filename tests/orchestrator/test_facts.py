"""What observers are told of runs, whatever happens to the runs."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any, cast

import pytest
from tests.simulation.simulate import Simulation

from pinnace.domain.ids import ROOT
from pinnace.domain.runs import Run
from pinnace.domain.states import NodePhase
from pinnace.engine import events as ev
from pinnace.engine.nodes import RunSnapshot
from pinnace.engine.plan import Plan
from pinnace.engine.signals import StartRun
from pinnace.engine.state import apply
from pinnace.orchestrator.facts import facts
from pinnace.orchestrator.loading import LoadedRun
from pinnace.ports.telemetry import AttemptBegan, AttemptDone, Fact, RunDone, SpanEnded, TaskDone
from pinnace.testing.small_plans import ANY, loop, played, root, task
from pinnace.testing.small_plans import BODY as LOOP_BODY

_ENDS_OF_ATTEMPTS = (
    ev.AttemptSucceeded,
    ev.AttemptFailed,
    ev.AttemptLost,
    ev.AttemptInterrupted,
    ev.AttemptCanceled,
)


class FewWords:
    """What facts need of a run."""

    id = "run-1"
    pipeline_name = "p"


def told(plan: Plan, history: Sequence[ev.Event], sizes: Iterator[int]) -> list[Fact]:
    """The facts of a history that is committed in batches of these sizes."""
    state = RunSnapshot(cast(Any, "run-1"))
    loaded = LoadedRun(cast(Run, FewWords()), plan, state, "")
    found: list[Fact] = []
    start = 0
    while start < len(history):
        batch = history[start : start + next(sizes)]
        for event in batch:
            apply(plan, state, event)
        found += facts(loaded, batch)
        start += len(batch)
    return found


def drawn(seed: int) -> Iterator[int]:
    source = random.Random(seed)
    while True:
        yield source.randint(1, 12)


def spans_of(found: Sequence[Fact]) -> list[SpanEnded]:
    return [fact for fact in found if isinstance(fact, SpanEnded)]


def count(found: Sequence[Fact], kind: type) -> int:
    return sum(isinstance(fact, kind) for fact in found)


def check(history: Sequence[ev.Event], found: Sequence[Fact]) -> None:
    """Each thing that ended is told once, lies in time, and names a parent that is told of as well."""
    spans = spans_of(found)
    doubled = [key for key, times in Counter(span.key for span in spans).items() if times > 1]
    assert doubled == []
    keys = {span.key for span in spans}
    assert [span for span in spans if span.parent is not None and span.parent not in keys] == []
    assert [span for span in spans if (span.parent is None) is not (span.key.node == ROOT)] == []
    assert all(span.began_at <= span.ended_at for span in spans)
    happened = Counter(type(event) for event in history)
    assert count(found, RunDone) == happened[ev.RunFinished] == sum(span.parent is None for span in spans)
    assert count(found, AttemptDone) == sum(happened[kind] for kind in _ENDS_OF_ATTEMPTS)
    assert count(found, AttemptBegan) == happened[ev.AttemptStarted]
    leaves = [span for span in spans if span.kind in {"CONTAINER", "IMPORTER"}]
    assert len(leaves) == count(found, AttemptDone) + happened[ev.CacheHit]


@pytest.mark.parametrize("first", range(0, 400, 50))
def test_whatever_happens_to_a_run_each_thing_is_told_once(first: int) -> None:
    for seed in range(first, first + 50):
        simulation = Simulation(seed)
        simulation.play()
        history = list(simulation._history())
        found = told(simulation.plan, history, repeat(1))
        check(history, found)
        together = told(simulation.plan, history, drawn(seed))
        check(history, together)
        assert [(span.key, span.parent, span.began_at) for span in spans_of(together) if span.parent] == [
            (span.key, span.parent, span.began_at) for span in spans_of(found) if span.parent
        ]


def test_openings_of_loops_and_dags_contain_what_began_in_them() -> None:
    run = played(root(loop(items=2), task("after", "loop")), LOOP_BODY)
    run.play(StartRun())
    spans = {str(span.key.node): span for span in spans_of(told(run.plan, run.history, repeat(3)))}
    around = {node: span.parent.node for node, span in spans.items() if span.parent}
    assert around == {
        "loop": ".",
        "loop[0]": "loop",
        "loop[1]": "loop",
        "loop[0]/t": "loop[0]",
        "loop[1]/t": "loop[1]",
        "after": ".",
    }
    assert {node: span.kind for node, span in spans.items()}["loop"] == "LOOP"
    assert spans["loop[1]"].index == 1
    assert spans["."].name == "p"


def test_a_failure_is_told_with_its_cause_and_what_is_skipped_has_no_span() -> None:
    run = played(root(task("a"), task("b", "a"), task("c", "a", strategy=ANY)), fails=["a"])
    run.play(StartRun())
    found = told(run.plan, run.history, repeat(100))
    spans = {str(span.key.node): span for span in spans_of(found)}
    assert spans.keys() == {".", "a", "c"}
    assert spans["a"].outcome == "FAILED"
    assert spans["a"].failure is not None
    assert run.phases()["b"] == NodePhase.SKIPPED
    assert sorted(fact.outcome for fact in found if isinstance(fact, TaskDone)) == ["FAILED", "SKIPPED", "SUCCEEDED"]
    assert spans["."].outcome == "FAILED"
