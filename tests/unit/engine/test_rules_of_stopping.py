"""Rules for runs that are stopped, and for exit tasks."""

from pinnace.domain.ids import NodeId
from pinnace.domain.states import AttemptOutcome, RunState
from pinnace.domain.values import SECOND, Instant
from pinnace.engine import commands as cmd
from pinnace.engine import signals as sig
from pinnace.ir.platform import PipelineConfig
from pinnace.testing.small_plans import EXIT, group, phases, played, root, step, task


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


def test_a_run_that_was_stopped_when_all_was_done_has_nothing_to_retry() -> None:
    run = played(root(task("a")))
    step(run, sig.StartRun())
    step(run, sig.Terminate("ana"))
    step(run, sig.AttemptFinished(NodeId("a"), 1, AttemptOutcome.SUCCEEDED))
    assert run.state.stop is not None
    step(run, sig.RetryRun("ana"))
    assert run.state.state is RunState.SUCCEEDED


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
