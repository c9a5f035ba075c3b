"""Rules for loops."""

from typing import Any

from pinnace.domain.ids import NodeId
from pinnace.domain.states import AttemptOutcome, NodePhase, RunState
from pinnace.engine import events as ev
from pinnace.engine import signals as sig
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

    assert lookups(400) < 12 * lookups(40)
