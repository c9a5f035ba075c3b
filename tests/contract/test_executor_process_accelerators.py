"""Process executor: accelerators are given to one attempt at a time, which sees those and no other."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import AttemptKey, ResourceAmounts, TaskSpec
from pinnace.executors.process.executor import ProcessExecutor
from pinnace.executors.process.machine import Machine
from pinnace.testing.executor_updates import ExecutorUpdates
from pinnace.testing.fixed_environments import FixedEnvironments

PLAIN = Machine(cpus=4, memory=4 << 30)
EQUIPPED = Machine(cpus=4, memory=4 << 30, accelerators=("nvidia:0", "nvidia:1"))
ONE = ResourceAmounts(accelerator_type="nvidia.com/gpu", accelerators=1)
SHOW = ("sh", "-c", 'echo "sees ${CUDA_VISIBLE_DEVICES-everything}"')


@pytest.fixture
def spec(tmp_path: Path) -> TaskSpec:
    return TaskSpec(AttemptKey(RunId("run"), NodeId("first"), 0), "task", "", SHOW, str(tmp_path / "first"))


def _executor(machine: Machine) -> ProcessExecutor:
    return ProcessExecutor(FixedEnvironments(), machine=machine, inherited={"PATH": "/usr/bin:/bin"}, grace_seconds=1.0)


def _sibling(spec: TaskSpec, name: str) -> TaskSpec:
    return replace(spec, key=replace(spec.key, node=NodeId(name)), directory=str(Path(spec.directory).with_name(name)))


def _endless(spec: TaskSpec) -> TaskSpec:
    return replace(spec, command=("sh", "-c", f"{SHOW[2]}; exec sleep 600"), resources=ONE)


def _log(spec: TaskSpec) -> str:
    return Path(spec.directory, "log").read_text(encoding="utf-8")


def _run(machine: Machine, spec: TaskSpec) -> str:
    """The task's log; it must have succeeded."""

    async def scenario() -> None:
        executor = _executor(machine)
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(spec)
            ended = await updates.ended(spec.key)
            assert ended.outcome is AttemptOutcome.SUCCEEDED, ended.failure

    asyncio.run(scenario())
    return _log(spec)


def test_a_task_sees_what_it_was_given(spec: TaskSpec) -> None:
    assert _run(EQUIPPED, replace(spec, resources=ONE)) == "sees 0\n"
    assert json.loads(Path(spec.directory, "task.json").read_bytes())["devices"] == ["nvidia:0"]


def test_a_task_that_did_not_ask_sees_none(spec: TaskSpec) -> None:
    assert _run(EQUIPPED, spec) == "sees \n"


def test_a_pipeline_may_say_otherwise(spec: TaskSpec) -> None:
    assert _run(EQUIPPED, replace(spec, environment={"CUDA_VISIBLE_DEVICES": "1"})) == "sees 1\n"


def test_a_task_that_asks_where_there_is_none_runs_and_its_log_says_so(spec: TaskSpec) -> None:
    note = "[pinnace] The task asks for 1 nvidia.com/gpu. There is none to assign here: the task runs without.\n"
    assert _run(PLAIN, replace(spec, resources=ONE)) == f"{note}sees everything\n"


@pytest.mark.parametrize("machine", [replace(PLAIN, accelerators_required=True), EQUIPPED])
def test_a_task_that_can_never_have_them_fails_and_says_what_to_do(spec: TaskSpec, machine: Machine) -> None:
    async def scenario() -> None:
        executor = _executor(machine)
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(replace(spec, resources=replace(ONE, accelerators=3)))
            failure = (await updates.ended(spec.key)).failure
            assert failure is not None
            assert failure.code == "ResourcesUnavailable"
            assert "--accelerators none" in failure.message
            assert not Path(spec.directory, "log").exists()

    asyncio.run(scenario())


def test_two_tasks_get_different_ones_and_a_third_waits(spec: TaskSpec) -> None:
    first, second, third = _endless(spec), _endless(_sibling(spec, "second")), _endless(_sibling(spec, "third"))

    async def scenario() -> None:
        executor = _executor(EQUIPPED)
        async with ExecutorUpdates(executor) as updates:
            for each in (first, second):
                await executor.launch(each)
                await updates.started(each.key)
            await executor.launch(third)
            waiting = await updates.waiting(third.key)
            assert waiting.reason == "Waits for 1 accelerator (nvidia): 2 of 2 are taken."
            await executor.cancel(second.key, second.directory)
            await updates.started(third.key)
            await _until_it_says(third, "sees 1\n")

    asyncio.run(scenario())
    assert (_log(first), _log(second)) == ("sees 0\n", "sees 1\n")


def test_a_new_server_knows_whose_they_are(spec: TaskSpec) -> None:
    first, second = _endless(spec), _endless(_sibling(spec, "second"))

    async def scenario() -> None:
        predecessor = _executor(EQUIPPED)
        async with ExecutorUpdates(predecessor) as before:
            await predecessor.launch(first)
            await before.started(first.key)
            successor = _executor(EQUIPPED)
            async with ExecutorUpdates(successor) as updates:
                await successor.launch(first)
                await updates.started(first.key)
                await successor.launch(second)
                await updates.started(second.key)
                await _until_it_says(second, "sees 1\n")

    asyncio.run(scenario())


async def _until_it_says(spec: TaskSpec, text: str) -> None:
    for _ in range(6000):
        if _log(spec) == text:
            return
        await asyncio.sleep(0.01)
    raise TimeoutError(_log(spec))
