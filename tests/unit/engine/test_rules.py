"""The engine's rules one by one, on pipelines small enough to read."""

import pytest

from pinnace.domain.ids import NodeId
from pinnace.domain.states import AttemptOutcome, RunState
from pinnace.domain.values import SECOND, Instant
from pinnace.engine import commands as cmd
from pinnace.engine import events as ev
from pinnace.engine import signals as sig
from pinnace.engine.state import BrokenHistory, apply
from pinnace.ir.model import (
    Caching,
    Component,
    Constant,
    Container,
    InputsSpec,
    ParameterBinding,
    ParameterSpec,
    ParameterType,
    RetryPolicy,
    TaskInputs,
    TaskOutput,
)
from pinnace.testing.small_plans import ANY, group, phases, played, root, step, task


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


def test_a_history_that_cannot_be_is_refused() -> None:
    run = played(root(task("a"))).play(sig.StartRun())
    with pytest.raises(BrokenHistory, match="node a cannot go from SUCCEEDED to RUNNING"):
        apply(run.plan, run.state, ev.AttemptStarted(Instant(0), NodeId("a"), 1))


def test_a_task_that_is_held_back_says_for_what_until_it_begins() -> None:
    run = played(root(task("a")))
    step(run, sig.StartRun())
    step(run, sig.AttemptWaits(NodeId("a"), 1, "Waits for a free slot."))
    node = run.state.nodes[NodeId("a")]
    assert (node.phase, node.reason) == ("LAUNCHED", "Waits for a free slot.")
    step(run, sig.AttemptBegan(NodeId("a"), 1))
    assert node.reason == ""


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


def test_a_dag_without_tasks_succeeds() -> None:
    run = played(root(task("empty", component="comp-empty")), group("comp-empty")).play(sig.StartRun())
    assert phases(run) == {"empty": "SUCCEEDED"}
    assert run.state.state is RunState.SUCCEEDED


def test_a_retry_may_begin_just_when_its_window_ends() -> None:
    policy = RetryPolicy(1, backoff_seconds=9, max_seconds=10)
    run = played(root(task("a", retry=policy)))
    step(run, sig.StartRun())
    events = step(run, sig.AttemptFinished(NodeId("a"), 1, AttemptOutcome.FAILED))
    assert any(isinstance(event, ev.BackoffStarted) for event in events)
