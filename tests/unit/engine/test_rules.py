"""The engine's rules one by one, on pipelines small enough to read."""

from collections.abc import Mapping
from typing import Any

import pytest

from pinnace.domain.ids import NodeId
from pinnace.domain.states import AttemptOutcome, NodePhase, RunState
from pinnace.domain.values import SECOND, Instant
from pinnace.engine import commands as cmd
from pinnace.engine import events as ev
from pinnace.engine import signals as sig
from pinnace.engine.decide import advance
from pinnace.engine.nodes import RunSnapshot
from pinnace.engine.plan import build_plan
from pinnace.engine.state import BrokenHistory, apply
from pinnace.ir.model import (
    Caching,
    Component,
    ComponentInput,
    Constant,
    Container,
    Dag,
    FinalStatus,
    InputsSpec,
    Iterator,
    OutputsSpec,
    ParameterBinding,
    ParameterSpec,
    ParameterType,
    Pipeline,
    RawItems,
    RetryPolicy,
    Task,
    TaskInputs,
    TaskOutput,
    TriggerStrategy,
)
from pinnace.ir.platform import PipelineConfig
from pinnace.testing.engine_driver import RUN, Played

LEAF = Component("comp-leaf", Container("i", ("true",)), outputs=OutputsSpec({"out": ParameterType.INTEGER}))
ITEM = InputsSpec({"item": ParameterSpec(ParameterType.INTEGER)})
ANY = TriggerStrategy.COMPLETED
NOTHING = InputsSpec()
NO_CONFIG = PipelineConfig()


def task(key: str, *after: str, component: str = "comp-leaf", **fields: Any) -> Task:
    return Task(key, component, depends_on=after, **fields)


def group(name: str, *tasks: Task, inputs: InputsSpec = NOTHING, outputs: Any = None) -> Component:
    selectors = {name: (source,) for name, source in (outputs or {}).items()}
    dag = Dag({each.key: each for each in tasks}, selectors)
    return Component(name, dag, inputs, OutputsSpec(dict.fromkeys(outputs or (), ParameterType.INTEGER)))


def played(root: Component, *components: Component, fails: Any = (), config: PipelineConfig = NO_CONFIG) -> Played:
    every = {component.name: component for component in (LEAF, *components)}
    plan = build_plan(Pipeline("p", root, every, config=config))
    created = ev.RunCreated(Instant(SECOND))
    state = RunSnapshot(RUN)
    apply(plan, state, created)
    return Played(plan, state, [created], frozenset(fails))


def root(*tasks: Task) -> Component:
    return group("root", *tasks)


def phases(run: Played) -> Mapping[str, str]:
    return {node: phase for node, phase in run.phases().items() if node != "."}


def step(run: Played, signal: sig.Signal) -> list[Any]:
    """One signal, its commands left unanswered."""
    run.clock += SECOND
    decision = advance(run.plan, run.state, signal, Instant(run.clock))
    return [*decision.events, *decision.commands]


def test_tasks_run_in_order_and_the_run_succeeds() -> None:
    run = played(root(task("a"), task("b", "a"), task("c", "b"))).play(sig.StartRun())
    assert run.launched == ["a", "b", "c"]
    assert run.state.state is RunState.SUCCEEDED


def test_a_failure_skips_what_depends_on_it_and_names_the_cause() -> None:
    run = played(root(task("a"), task("b", "a")), fails=["a"]).play(sig.StartRun())
    assert phases(run) == {"a": "FAILED", "b": "SKIPPED"}
    assert run.state.nodes[NodeId("b")].reason == 'Task "a", which it depends on, failed.'
    assert run.state.failure is not None
    assert run.state.failure.message == 'Task "a" failed: It broke.'


def test_after_a_failure_nothing_of_the_dag_begins_but_what_ignores_failures() -> None:
    run = played(
        root(
            task("bad"),
            task("slow"),
            task("late", "slow"),
            task("cleanup", "bad", strategy=ANY),
            task("after-cleanup", "cleanup"),
        ),
        fails=["bad"],
    ).play(sig.StartRun())
    assert phases(run) == {
        "bad": "FAILED",
        "slow": "SUCCEEDED",
        "late": "SKIPPED",
        "cleanup": "SUCCEEDED",
        "after-cleanup": "SUCCEEDED",
    }
    assert run.state.state is RunState.FAILED


def test_a_false_condition_skips_and_the_run_still_succeeds() -> None:
    value = TaskInputs({"x": ParameterBinding(Constant(1))})
    run = played(root(task("a", inputs=value, condition="inputs.parameter_values['x'] == 2"), task("b", "a")))
    run.play(sig.StartRun())
    assert phases(run) == {"a": "SKIPPED", "b": "SKIPPED"}
    assert run.state.nodes[NodeId("a")].reason == "The condition does not hold: x == 2, where x = 1."
    assert run.state.state is RunState.SUCCEEDED


def loop(*, parallelism: int = 0, items: int = 3, **fields: Any) -> Task:
    iterator = Iterator(RawItems(tuple(range(items))), "item", parallelism=parallelism)
    return task("loop", component="comp-body", iterator=iterator, **fields)


BODY = group("comp-body", task("t"), inputs=ITEM, outputs={"out": TaskOutput("t", "out")})


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


def test_a_nested_pipeline_is_retried_without_what_succeeded() -> None:
    inner = group("comp-inner", task("good"), task("bad", "good"))
    retried = task("inner", component="comp-inner", retry=RetryPolicy(2))
    run = played(root(retried), inner, fails=["bad"]).play(sig.StartRun())
    assert run.launched == ["inner/good", "inner/bad", "inner/bad", "inner/bad"]
    assert run.state.state is RunState.FAILED


def test_backoff_grows_and_ends_with_its_window() -> None:
    policy = RetryPolicy(10, backoff_seconds=10, factor=2, max_seconds=25)
    run = played(root(task("a", retry=policy)))
    step(run, sig.StartRun())
    waits = []
    for attempt in (1, 2, 3):
        failed = sig.AttemptFinished(NodeId("a"), attempt, AttemptOutcome.FAILED)
        command = next((each for each in step(run, failed) if isinstance(each, cmd.StartBackoff)), None)
        if command is None:
            break
        waits.append((command.at - run.clock) // SECOND)
        run.clock = command.at - SECOND
        step(run, sig.BackoffElapsed(NodeId("a"), attempt))
    assert waits == [10]
    assert run.state.state is RunState.FAILED


def test_three_losses_in_a_row_fail_a_task_and_use_no_retry() -> None:
    run = played(root(task("a", retry=RetryPolicy(1))))
    step(run, sig.StartRun())
    for attempt in (1, 2, 3):
        step(run, sig.AttemptFinished(NodeId("a"), attempt, AttemptOutcome.LOST))
    assert run.state.state is RunState.FAILED
    assert run.state.nodes[NodeId("a")].retries == 0


def test_signals_that_are_late_doubled_or_strange_change_nothing() -> None:
    run = played(root(task("a"), task("b", "a")))
    step(run, sig.StartRun())
    done = sig.AttemptFinished(NodeId("a"), 1, AttemptOutcome.SUCCEEDED)
    assert step(run, done)
    for signal in (
        done,
        sig.StartRun(),
        sig.AttemptBegan(NodeId("a"), 1),
        sig.AttemptWaits(NodeId("a"), 1, "Waits."),
        sig.AttemptWaits(NodeId("b"), 2, "Waits."),
        sig.AttemptWaits(NodeId("nobody"), 1, "Waits."),
        sig.AttemptFinished(NodeId("b"), 7, AttemptOutcome.FAILED),
        sig.AttemptFinished(NodeId("nobody"), 1, AttemptOutcome.FAILED),
        sig.CacheAnswered(NodeId("b"), 1),
        sig.BackoffElapsed(NodeId("b"), 1),
        sig.RetryRun("ana"),
        sig.DeadlineReached(5),
    ):
        assert step(run, signal) == []


EXIT = task("exit", "body", strategy=ANY, inputs=TaskInputs({"status": ParameterBinding(FinalStatus("body"))}))


def test_exit_tasks_run_although_the_run_is_stopped_and_see_why() -> None:
    run = played(root(task("body"), EXIT))
    step(run, sig.StartRun())
    assert cmd.CancelAttempt(NodeId("body"), 1) in step(run, sig.Terminate("ana"))
    (launch,) = [
        each
        for each in step(run, sig.AttemptFinished(NodeId("body"), 1, AttemptOutcome.CANCELED))
        if isinstance(each, cmd.LaunchTask)
    ]
    status = launch.inputs.parameters["status"]
    assert isinstance(status, dict)
    assert (launch.node, status["state"]) == ("exit", "CANCELED")
    step(run, sig.AttemptFinished(NodeId("exit"), 1, AttemptOutcome.SUCCEEDED))
    assert run.state.state is RunState.CANCELED


def test_a_second_termination_stops_exit_tasks_too() -> None:
    run = played(root(task("body"), EXIT))
    step(run, sig.StartRun())
    step(run, sig.Terminate("ana"))
    step(run, sig.AttemptFinished(NodeId("body"), 1, AttemptOutcome.CANCELED))
    assert cmd.CancelAttempt(NodeId("exit"), 1) in step(run, sig.Terminate("ana"))
    step(run, sig.AttemptFinished(NodeId("exit"), 1, AttemptOutcome.CANCELED))
    assert run.state.state is RunState.CANCELED
    assert step(run, sig.Terminate("ana")) == []


def test_a_run_that_misses_its_deadline_failed() -> None:
    run = played(root(task("a")), config=PipelineConfig(active_deadline_seconds=60))
    assert cmd.StartDeadline(0, Instant(run.clock + 61 * SECOND)) in step(run, sig.StartRun())
    step(run, sig.DeadlineReached(0))
    step(run, sig.AttemptFinished(NodeId("a"), 1, AttemptOutcome.CANCELED))
    assert run.state.state is RunState.FAILED
    assert run.state.failure is not None
    assert run.state.failure.code == "DeadlineExceeded"


@pytest.mark.parametrize(
    ("around", "own", "asked"),
    [(None, True, True), (True, True, True), (False, True, False), (None, False, False), (True, None, False)],
)
def test_the_cache_is_off_where_any_level_says_so(around: bool | None, own: bool | None, asked: bool) -> None:
    def options(enabled: bool | None) -> Caching | None:
        return None if enabled is None else Caching(enabled)

    inner = group("comp-inner", task("t", caching=options(own)))
    run = played(root(task("inner", component="comp-inner", caching=options(around))), inner)
    commands = step(run, sig.StartRun())
    assert any(isinstance(each, cmd.LookupCache) for each in commands) is asked


def test_a_missing_output_fails_only_the_task_that_needs_it() -> None:
    inner = group("comp-inner", task("t", condition="1 == 2"), outputs={"out": TaskOutput("t", "out")})
    taking = Component("comp-taking", Container("i"), InputsSpec({"x": ParameterSpec(ParameterType.INTEGER)}))
    needs = task(
        "needs", component="comp-taking", inputs=TaskInputs({"x": ParameterBinding(TaskOutput("inner", "out"))})
    )
    run = played(root(task("inner", component="comp-inner"), needs), inner, taking).play(sig.StartRun())
    assert phases(run) == {"inner": "SUCCEEDED", "inner/t": "SKIPPED", "needs": "FAILED"}
    assert run.state.failure is not None
    assert 'The required input "x" has no value.' in run.state.failure.message


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


def test_a_history_that_cannot_be_is_refused() -> None:
    run = played(root(task("a"))).play(sig.StartRun())
    with pytest.raises(BrokenHistory, match="node a cannot go from SUCCEEDED to RUNNING"):
        apply(run.plan, run.state, ev.AttemptStarted(Instant(0), NodeId("a"), 1))


def test_a_run_that_was_stopped_when_all_was_done_has_nothing_to_retry() -> None:
    run = played(root(task("a")))
    step(run, sig.StartRun())
    step(run, sig.Terminate("ana"))
    step(run, sig.AttemptFinished(NodeId("a"), 1, AttemptOutcome.SUCCEEDED))
    assert run.state.stop is not None
    step(run, sig.RetryRun("ana"))
    assert run.state.state is RunState.SUCCEEDED


def test_a_task_that_is_held_back_says_for_what_until_it_begins() -> None:
    run = played(root(task("a")))
    step(run, sig.StartRun())
    step(run, sig.AttemptWaits(NodeId("a"), 1, "Waits for a free slot."))
    node = run.state.nodes[NodeId("a")]
    assert (node.phase, node.reason) == ("LAUNCHED", "Waits for a free slot.")
    step(run, sig.AttemptBegan(NodeId("a"), 1))
    assert node.reason == ""


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


class Counting(dict[NodeId, Any]):
    """Counts look-ups."""

    count = 0

    def get(self, key: NodeId, default: Any = None) -> Any:
        self.count += 1
        return super().get(key, default)


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


def test_a_reason_to_wait_is_kept_once() -> None:
    run = played(root(task("a")))
    step(run, sig.StartRun())
    for signal, kept in (("for a core", 1), ("for a core", 0), ("for memory", 1)):
        assert len(step(run, sig.AttemptWaits(NodeId("a"), 1, signal))) == kept


def test_what_a_retry_made_wait_ends_with_a_group_that_does_not_open_again() -> None:
    inner = group("comp-inner", task("nested", component="comp-innermost"))
    innermost = group("comp-innermost", task("bad"))
    cleanup = task("inner", "first", component="comp-inner", strategy=ANY)
    run = played(root(task("first"), cleanup), inner, innermost, fails=["first", "bad"]).play(sig.StartRun())
    step(run, sig.RetryRun("ana"))
    assert phases(run)["inner/nested/bad"] == "WAITING"
    step(run, sig.Terminate("ana"))
    step(run, sig.AttemptFinished(NodeId("first"), 2, AttemptOutcome.CANCELED))
    assert set(phases(run).values()) == {"CANCELED"}
    step(run, sig.RetryRun("ana"))
    run.fails = frozenset()
    assert set(phases(run.play()).values()) == {"SUCCEEDED"}


def test_exit_tasks_of_nested_pipelines_run_too_when_the_run_is_stopped_if_their_pipeline_had_begun() -> None:
    inner = group("comp-inner", task("body"), EXIT)
    first, second = task("first", component="comp-inner"), task("second", "first", component="comp-inner")
    run = played(root(first, second), inner)
    step(run, sig.StartRun())
    step(run, sig.Terminate("ana"))
    (launch,) = [
        each
        for each in step(run, sig.AttemptFinished(NodeId("first/body"), 1, AttemptOutcome.CANCELED))
        if isinstance(each, cmd.LaunchTask)
    ]
    assert launch.node == "first/exit"
    step(run, sig.AttemptFinished(NodeId("first/exit"), 1, AttemptOutcome.SUCCEEDED))
    assert run.state.state is RunState.CANCELED
    assert phases(run) == {
        "first": "CANCELED",
        "first/body": "CANCELED",
        "first/exit": "SUCCEEDED",
        "second": "CANCELED",
    }
