"""Tasks of the process executor in environments that uv built."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from pinnace.domain.environments import EnvironmentMode, EnvironmentSpec
from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import AttemptKey, TaskSpec
from pinnace.environments.shelf import Shelf
from pinnace.executors.process.executor import ProcessExecutor
from pinnace.ports.executor import AttemptEnded, AttemptWaiting, ExecutorUpdate
from pinnace.testing.executor_updates import ExecutorUpdates

KEY = AttemptKey(RunId("run"), NodeId("task"), 0)


def task(directory: Path, python: EnvironmentSpec, script: str) -> TaskSpec:
    return TaskSpec(KEY, "task", "", ("python3", "-c", script), str(directory), python=python)


def carried_out(bench: Any, spec: TaskSpec, **inherited: str) -> tuple[AttemptEnded, list[ExecutorUpdate], str]:
    """How it ended, what was said of it, and its log."""

    async def scenario() -> tuple[AttemptEnded, list[ExecutorUpdate]]:
        executor = ProcessExecutor(bench.store(), inherited={**bench.environ, **inherited}, grace_seconds=1.0)
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(spec)
            return await updates.ended(KEY), updates.of(KEY)

    ended, said = asyncio.run(scenario())
    return ended, said, Path(spec.directory, "log").read_text()


def test_a_search_path_of_the_server_does_not_lead_out_of_isolation(bench: Any, tmp_path: Path) -> None:
    (tmp_path / "servers").mkdir()
    (tmp_path / "servers/ofserver.py").write_text("")
    script = "import pinnacebeta, importlib.util as u; print([u.find_spec(n) is None for n in ('ofserver', 'fastapi')])"
    logs = {}
    for mode in EnvironmentMode:
        spec = task(tmp_path / mode, EnvironmentSpec(mode=mode, requirements=("pinnacebeta",)), script)
        ended, said, logs[mode] = carried_out(bench, spec, PYTHONPATH=str(tmp_path / "servers"))
        assert ended.outcome is AttemptOutcome.SUCCEEDED, logs[mode]
        assert next(update for update in said if isinstance(update, AttemptWaiting)).reason == "Installing pinnacebeta."
    assert logs == {EnvironmentMode.INHERIT: "[False, False]\n", EnvironmentMode.ISOLATED: "[True, True]\n"}


def test_the_log_says_why_a_task_has_an_environment_of_its_own(bare: Any, tmp_path: Path) -> None:
    script = "import pinnacebeta; print(pinnacebeta.VERSION)"
    spec = task(tmp_path / "attempt", EnvironmentSpec(requirements=("pinnacebeta>=3",)), script)
    ended, _, log = carried_out(bare, spec)
    assert ended.outcome is AttemptOutcome.SUCCEEDED, log
    first, *_, last = log.splitlines()
    assert first.startswith("[pinnace] What the component declares does not go with the packages of ")
    assert last == "3.0"


def test_a_build_that_fails_fails_the_task_in_the_words_of_the_resolver(bench: Any, tmp_path: Path) -> None:
    spec = task(tmp_path / "attempt", EnvironmentSpec(requirements=("pinnacenonesuch",)), "")
    ended, _, log = carried_out(bench, spec)
    assert ended.outcome is AttemptOutcome.FAILED
    assert ended.failure is not None
    assert ended.failure.code == "EnvironmentError"
    for text in (ended.failure.message, log):
        assert "pinnacenonesuch was not found in the provided package locations" in text


@pytest.mark.parametrize("mode", list(EnvironmentMode))
def test_what_a_task_runs_in_is_not_removed(bench: Any, tmp_path: Path, mode: EnvironmentMode) -> None:
    go = tmp_path / "go"
    script = f"import os, time\nwhile not os.path.exists({str(go)!r}): time.sleep(0.02)\nimport pinnacebeta"
    spec = task(tmp_path / "attempt", EnvironmentSpec(mode=mode, requirements=("pinnacebeta",)), script)
    shelf = Shelf(bench.root)

    async def scenario() -> AttemptEnded:
        executor = ProcessExecutor(bench.store(), inherited=bench.environ, grace_seconds=1.0)
        async with ExecutorUpdates(executor) as updates:
            await executor.launch(spec)
            await updates.started(KEY)
            [entry] = shelf.entries()
            assert shelf.is_in_use(entry.key)
            assert not shelf.remove(entry.key)
            go.touch()
            return await updates.ended(KEY)

    assert asyncio.run(scenario()).outcome is AttemptOutcome.SUCCEEDED
    [entry] = shelf.entries()
    assert shelf.remove(entry.key)
