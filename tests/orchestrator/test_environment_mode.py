"""The environment that a run asks for, or leaves to the server, down to what executors and the cache get to know."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from pinnace.domain.environments import EnvironmentMode
from pinnace.domain.states import AttemptOutcome, RunState
from pinnace.domain.tasks import TaskFailure, TaskSpec
from pinnace.engine.signals import RetryRun
from pinnace.testing.documents import Step, pipeline
from pinnace.testing.manual_executor import Ending

INHERIT = EnvironmentMode.INHERIT
ISOLATED = EnvironmentMode.ISOLATED
RECORDED = Path(__file__).parents[1] / "unit" / "ir" / "sdk_commands"


def lightweight(sdk: str = "2.17", variant: str = "packages") -> bytes:
    """A pipeline of one component as a release of the SDK wrote it."""
    recorded = json.loads((RECORDED / f"{sdk}.json").read_text())
    container = recorded["components"][variant]
    words = [recorded["texts"][word] if isinstance(word, int) else word for word in container["command"]]
    step = Step([], inputs={"text": "a"}, outputs=["Output"], cache=True)
    document = json.loads(pipeline({"t": step}))
    document["deploymentSpec"]["executors"]["exec-t"]["container"] = {**container, "command": words}
    return json.dumps(document).encode()


def work(spec: TaskSpec) -> Ending:
    """Write the output that the component of :func:`lightweight` would write."""
    document = json.loads(spec.command[spec.command.index("--executor_input") + 1])
    file = Path(document["outputs"]["parameters"]["Output"]["outputFile"])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("a")
    return Ending()


def fail(_spec: TaskSpec) -> Ending:
    return Ending(AttemptOutcome.FAILED, TaskFailure("It failed.", "ExitCode", 1))


@pytest.mark.parametrize(
    ("of_server", "of_run", "expected"),
    [
        (INHERIT, None, INHERIT),
        (INHERIT, ISOLATED, ISOLATED),
        (ISOLATED, None, ISOLATED),
        (ISOLATED, INHERIT, INHERIT),
    ],
)
def test_what_the_run_asks_for_comes_first(
    bench: Any, of_server: EnvironmentMode, of_run: EnvironmentMode | None, expected: EnvironmentMode
) -> None:
    async def scene() -> None:
        bench.mode = of_server
        bench.act = work
        async with bench.server():
            await bench.ended(bench.submit(lightweight(variant="image"), environment=of_run))
            (spec,) = bench.executor.launched
            assert spec.python.mode is expected
            assert spec.python.python_version == "3.12"

    asyncio.run(scene())


def test_a_retry_keeps_the_environment_of_the_run(bench: Any) -> None:
    async def scene() -> None:
        bench.act = fail
        async with bench.server():
            run = bench.submit(lightweight(), environment=ISOLATED)
            await bench.ended(run)
        bench.act = work
        async with bench.server() as supervisor:
            assert await supervisor.deliver(run, RetryRun("somebody"))
            found = await bench.until(run, lambda it, _: it.state is RunState.SUCCEEDED)
            assert found.environment is ISOLATED
            (spec,) = bench.executor.launched
            assert spec.python.mode is ISOLATED

    asyncio.run(scene())


def test_a_result_of_another_environment_is_not_used(bench: Any) -> None:
    async def scene() -> list[bool]:
        bench.act = work
        found = []
        async with bench.server():
            for asked in (None, ISOLATED, INHERIT, ISOLATED):
                run = bench.submit(lightweight(), environment=asked)
                await bench.ended(run)
                found.append(bool(bench.tasks(run)["t"].cached))
        return found

    assert asyncio.run(scene()) == [False, False, True, True]


def test_a_command_of_another_kind_runs_in_the_servers_python_in_either_mode(bench: Any) -> None:
    output = "{{$.outputs.parameters['out'].output_file}}"
    document = pipeline({"t": Step(["write", output, "a"], outputs=["out"], cache=True)})

    async def scene() -> bool:
        async with bench.server():
            await bench.ended(bench.submit(document, environment=INHERIT))
            run = bench.submit(document, environment=ISOLATED)
            await bench.ended(run)
            assert [spec.python.mode for spec in bench.executor.launched] == [INHERIT]
        return bool(bench.tasks(run)["t"].cached)

    assert asyncio.run(scene())


def test_the_first_sdk_gets_its_own_module_where_it_is_isolated(bench: Any) -> None:
    async def scene() -> list[TaskSpec]:
        bench.act = work
        specs = []
        for mode in (INHERIT, ISOLATED):
            bench.mode = mode
            async with bench.server():
                await bench.ended(bench.submit(lightweight("2.0", "plain")))
                specs += bench.executor.launched
        return specs

    inherited, isolated = asyncio.run(scene())
    assert inherited.program is not None
    assert "-m kfp.dsl.executor_main " in inherited.command[2]
    assert isolated.program is None
    assert "-m kfp.components.executor_main " in isolated.command[2]
    assert inherited.python.sdk_requirements == isolated.python.sdk_requirements == ("kfp==2.0.1",)
