"""Deadlines hold while no server lives: the task is stopped when its time is over, and the next server says so."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.recovery import victims
from tests.recovery.keeper import Keeper, wait

from pinnace.cli.task_view import TaskView
from pinnace.testing.documents import Step, pipeline

SECONDS = 6
LATE = 30
HELD = pipeline({"held": Step(["sh", "-c", "trap 'date +%s.%N > asked; exit 1' TERM; sleep 600 & wait"])})
LATER = 100


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    made = Keeper(tmp_path / "data")
    yield made
    made.kill()
    for line in victims.leftovers(made.data):
        psutil.Process(int(line.split()[0])).kill()


def submit(keeper: Keeper, platform: dict[str, Any]) -> str:
    run = keeper.submit(HELD)
    keeper.asked[run]["pipeline_spec"] = {
        "pipeline_spec": keeper.asked[run]["pipeline_spec"],
        "platform_spec": {"platforms": {"kubernetes": platform}},
    }
    return run


def the_task(tasks: Sequence[TaskView]) -> TaskView:
    return next(task for task in tasks if task.node == "held")


def kill_the_server_and_wait(keeper: Keeper, run: str) -> float:
    """Seconds from the begin of the task to the moment at which it was asked to end, without a server."""
    keeper.until(run, lambda view: any(task.phase == "RUNNING" for task in view.tasks if task.node == "held"))
    [task] = victims.tasks(keeper.data)
    keeper.kill()
    wait(lambda: not victims.leftovers(keeper.data), lambda: victims.leftovers(keeper.data))
    assert keeper.client() is None
    return float(Path(task.attempt, "work", "asked").read_text()) - task.process.create_time()


def test_a_task_is_stopped_at_its_deadline_while_no_server_lives(keeper: Keeper) -> None:
    run = submit(keeper, {"deploymentSpec": {"executors": {"exec-held": {"activeDeadlineSeconds": str(SECONDS)}}}})
    assert SECONDS - 1 < kill_the_server_and_wait(keeper, run) < SECONDS + LATE
    view = keeper.until(run, lambda view: view.has_ended)
    assert view.state == "FAILED"
    assert the_task(view.tasks).outcomes == ["FAILED"]
    assert the_task(view.tasks).error == f"The task did not end within its deadline of {SECONDS} s and was stopped."
    keeper.stop()


def test_a_run_is_stopped_at_its_deadline_while_no_server_lives(keeper: Keeper) -> None:
    run = submit(keeper, {"pipelineConfig": {"activeDeadlineSeconds": SECONDS}})
    assert kill_the_server_and_wait(keeper, run) < SECONDS + LATE
    view = keeper.until(run, lambda view: view.has_ended)
    assert view.state == "FAILED"
    assert view.error == f"The run did not end within its deadline of {SECONDS} seconds."
    assert (the_task(view.tasks).phase, the_task(view.tasks).outcomes) == ("CANCELED", ["CANCELED"])
    keeper.stop()


def test_a_deadline_that_passed_before_the_task_began_cancels_it(keeper: Keeper) -> None:
    """The run waits for a slot while the server dies; the next one finds that its time is over."""
    keeper.options += ("--parallelism", "1")
    first = keeper.submit(HELD)
    keeper.until(first, lambda view: any(task.phase == "RUNNING" for task in view.tasks))
    second = submit(keeper, {"pipelineConfig": {"activeDeadlineSeconds": 1}})
    keeper.until(second, lambda view: any(task.phase == "LAUNCHED" for task in view.tasks))
    keeper.kill()
    time.sleep(1)
    view = keeper.until(second, lambda view: view.has_ended)
    assert view.error == "The run did not end within its deadline of 1 seconds."
    assert the_task(view.tasks).started_at is None
    keeper.stop()
