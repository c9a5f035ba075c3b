"""Rules for loops."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from pinnace.domain.ids import NodeId
from pinnace.domain.states import AttemptOutcome, NodePhase, RunState
from pinnace.engine import commands as cmd
from pinnace.engine import events as ev
from pinnace.engine import limits
from pinnace.engine import signals as sig
from pinnace.engine.groups import SLICE
from pinnace.engine.outstanding import outstanding
from pinnace.ir.model import (
    Component,
    ComponentInput,
    Container,
    InputsSpec,
    ParameterBinding,
    ParameterSpec,
    ParameterType,
    TaskInputs,
)
from pinnace.testing.small_plans import BODY, ITEM, group, loop, played, root, step, task


class Counting(dict[NodeId, Any]):
    """Counts look-ups."""

    count = 0

    def get(self, key: NodeId, default: Any = None) -> Any:
        self.count += 1
        return super().get(key, default)


def test_a_loop_opens_no_more_iterations_than_it_may() -> None:
    run = played(root(loop(parallelism=2)), BODY)
    opened = [event.index for event in step(run, sig.StartRun()) if isinstance(event, ev.IterationOpened)]
    assert opened == [0, 1]
    done = sig.AttemptFinished(NodeId("loop[1]/t"), 1, AttemptOutcome.SUCCEEDED)
    opened = [event.index for event in step(run, done) if isinstance(event, ev.IterationOpened)]
    assert opened == [2]


def test_outputs_of_a_loop_are_lists_in_its_order() -> None:
    run = played(root(loop()), BODY)
    run.outputs = lambda node, key, kind: int(node.id[5])
    run.play(sig.StartRun())
    assert run.state.nodes[NodeId("loop")].outputs.parameters == {"out": [0, 1, 2]}


def test_a_loop_over_nothing_succeeds_with_empty_lists() -> None:
    run = played(root(loop(items=0)), BODY).play(sig.StartRun())
    assert run.state.nodes[NodeId("loop")].outputs.parameters == {"out": []}
    assert run.state.state is RunState.SUCCEEDED


def test_a_failed_iteration_opens_no_further_ones() -> None:
    run = played(root(loop(parallelism=1)), BODY, fails=["t"]).play(sig.StartRun())
    assert NodeId("loop[1]") not in run.state.nodes
    assert run.state.state is RunState.FAILED


def test_an_iteration_sees_its_item_and_not_the_list() -> None:
    reads = Component("comp-reads", Container("i"), ITEM)
    body = group(
        "comp-body",
        task("t", component="comp-reads", inputs=TaskInputs({"item": ParameterBinding(ComponentInput("item"))})),
        inputs=ITEM,
    )
    run = played(root(loop()), body, reads).play(sig.StartRun())
    inputs = run.state.nodes[NodeId("loop[2]/t")].inputs
    assert inputs is not None
    assert inputs.parameters == {"item": 2}


def test_the_cost_of_a_run_grows_with_its_tasks_and_no_faster() -> None:
    small = played(root(loop(items=100)), BODY).play(sig.StartRun())
    large = played(root(loop(items=1000)), BODY).play(sig.StartRun())
    fixed = 7
    assert len(large.history) - fixed == 10 * (len(small.history) - fixed)


def test_items_of_an_untyped_list_stay_what_they_are_through_nested_groups() -> None:
    text = InputsSpec({"item": ParameterSpec(ParameterType.STRING)})
    binding = TaskInputs({"item": ParameterBinding(ComponentInput("item"))})
    number = Component("comp-number", Container("i"), ITEM)
    inner = group("comp-inner", task("t", component="comp-number", inputs=binding), inputs=text)
    only_two = "inputs.parameter_values['item'] == '2'"
    body = group("comp-body", task("if", component="comp-inner", inputs=binding, condition=only_two), inputs=text)
    run = played(root(loop()), body, inner, number).play(sig.StartRun())
    assert run.launched == ["loop[2]/if/t"]
    inputs = run.state.nodes[NodeId("loop[2]/if/t")].inputs
    assert inputs is not None
    assert inputs.parameters == {"item": 2}


def test_a_retried_loop_passes_over_what_succeeded_once() -> None:
    def lookups(items: int) -> int:
        run = played(root(loop(items=items)), BODY)
        step(run, sig.StartRun())
        for index in range(items):
            outcome = AttemptOutcome.FAILED if index < items // 2 else AttemptOutcome.SUCCEEDED
            step(run, sig.AttemptFinished(NodeId(f"loop[{index}]/t"), 1, outcome))
        run.state.nodes = nodes = Counting(run.state.nodes)
        step(run, sig.RetryRun("ana"))
        for index in range(items // 2):
            step(run, sig.AttemptFinished(NodeId(f"loop[{index}]/t"), 2, AttemptOutcome.SUCCEEDED))
        assert run.state.root.phase is NodePhase.SUCCEEDED
        return nodes.count

    assert lookups(SLICE) < 12 * lookups(SLICE // 10)


def opened(happened: Iterable[Any]) -> list[int]:
    return [event.index for event in happened if isinstance(event, ev.IterationOpened)]


def test_a_large_loop_opens_in_slices_that_one_command_asks_for() -> None:
    run = played(root(loop(items=2 * SLICE + 1)), BODY)
    more = sig.OpenMore(NodeId("loop"))
    first = step(run, sig.StartRun())
    assert opened(first) == list(range(SLICE))
    assert [each for each in first if isinstance(each, cmd.GoOnOpening)] == [cmd.GoOnOpening(NodeId("loop"))]
    assert cmd.GoOnOpening(NodeId("loop")) in outstanding(run.state)
    ended = step(run, sig.AttemptFinished(NodeId("loop[0]/t"), 1, AttemptOutcome.SUCCEEDED))
    assert not [each for each in ended if isinstance(each, ev.IterationOpened | cmd.GoOnOpening)]
    assert opened(step(run, more)) == list(range(SLICE, 2 * SLICE))
    last = step(run, more)
    assert opened(last) == [2 * SLICE]
    assert not [each for each in [*last, *outstanding(run.state)] if isinstance(each, cmd.GoOnOpening)]
    assert step(run, more) == []


def test_a_failure_keeps_none_from_opening_where_all_may_run_at_a_time() -> None:
    run = played(root(loop(items=SLICE + 2)), BODY, fails=["t"]).play(sig.StartRun())
    assert len(run.launched) == SLICE + 2
    assert run.state.state is RunState.FAILED


def test_a_loop_that_is_stopped_between_two_slices_ends() -> None:
    run = played(root(loop(items=SLICE + 2)), BODY)
    step(run, sig.StartRun())
    for index in range(SLICE):
        step(run, sig.AttemptFinished(NodeId(f"loop[{index}]/t"), 1, AttemptOutcome.SUCCEEDED))
    step(run, sig.Terminate("ana"))
    assert opened(step(run, sig.OpenMore(NodeId("loop")))) == []
    assert run.state.state is RunState.CANCELED


def test_what_has_not_opened_yet_counts_as_much_as_what_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_TASKS", 3 * SLICE)
    run = played(root(loop(items=2 * SLICE), replace(loop(items=2 * SLICE), key="other")), BODY)
    step(run, sig.StartRun())
    loops = {run.state.nodes[NodeId(name)].phase for name in ("loop", "other")}
    assert loops == {NodePhase.OPEN, NodePhase.FAILED}
