"""Runs from submit to end, over a real store and real files."""

import asyncio
from pathlib import Path
from typing import Any

from pinnace.domain.states import AttemptOutcome, NodePhase, RunState
from pinnace.domain.tasks import TaskFailure
from pinnace.domain.values import JsonObject
from pinnace.engine.signals import RetryRun, Terminate
from pinnace.testing.documents import Step, pipeline
from pinnace.testing.manual_executor import Ending

OUTPUT = "{{$.outputs.parameters['out'].output_file}}"
FILE = "{{$.outputs.artifacts['file'].path}}"
GIVEN = "{{$.inputs.parameters['x']}}"

CHAIN = pipeline(
    {
        "make": Step(["write", OUTPUT, "one"], outputs=["out"]),
        "use": Step(["write", OUTPUT, f"{GIVEN} two"], inputs={"x": ("make", "out")}, outputs=["out"]),
    }
)


def test_values_pass_from_task_to_task(bench: Any) -> None:
    async def scene() -> None:
        async with bench.server():
            run = await bench.ended(bench.submit(CHAIN))
            assert run.state is RunState.SUCCEEDED
            assert bench.tasks(run.id)["use"].outputs.parameters == {"out": "one two"}
            assert [state for _, state in run.state_history] == [RunState.RUNNING, RunState.SUCCEEDED]

    asyncio.run(scene())


def test_a_result_and_the_launch_that_follows_are_one_commit(bench: Any) -> None:
    async def scene() -> None:
        async with bench.server():
            run = await bench.ended(bench.submit(CHAIN))
            history = bench.history(run.id)
            first = history.index("AttemptSucceeded")
            assert history[first + 1] == "AttemptScheduled"

    asyncio.run(scene())


def test_artifacts_are_published_with_digest_and_size(bench: Any) -> None:
    document = pipeline(
        {
            "make": Step(["write", FILE, "content"], files=["file"]),
            "read": Step(["nothing", "{{$.inputs.artifacts['in'].path}}"], reads={"in": ("make", "file")}),
        }
    )

    async def scene() -> None:
        async with bench.server():
            run = await bench.ended(bench.submit(document))
            (artifact_id,) = bench.tasks(run.id)["make"].outputs.artifacts["file"]
            with bench.store.read() as uow:
                artifact = uow.runs.artifacts([artifact_id])[artifact_id]
            assert Path(artifact.uri).read_text() == "content"
            assert artifact.digest.startswith("sha256:")
            assert artifact.size == len("content")
            assert bench.executor.launched[1].command == ("nothing", artifact.uri)

    asyncio.run(scene())


def test_an_output_that_was_not_written_fails_the_task_by_name(bench: Any) -> None:
    async def scene() -> None:
        async with bench.server():
            run = await bench.ended(bench.submit(pipeline({"lazy": Step(["nothing"], outputs=["out"])})))
            assert run.state is RunState.FAILED
            assert run.failure.message == (
                'Task "lazy" failed: The task ended without writing its output parameter "out".'
            )

    asyncio.run(scene())


def test_a_second_run_is_served_by_the_cache_until_the_artifact_is_gone(bench: Any) -> None:
    document = pipeline({"make": Step(["write", FILE, "content"], files=["file"], cache=True)})

    async def scene() -> None:
        async with bench.server():
            first = await bench.ended(bench.submit(document))
            second = await bench.ended(bench.submit(document))
            made, reused = bench.tasks(first.id)["make"], bench.tasks(second.id)["make"]
            assert (made.cached, reused.cached) == (False, True)
            assert reused.outputs == made.outputs
            off = await bench.ended(bench.submit(document, caching=False))
            assert not bench.tasks(off.id)["make"].cached
            with bench.store.read() as uow:
                ids = [*made.outputs.artifacts["file"], *bench.tasks(off.id)["make"].outputs.artifacts["file"]]
                for artifact in uow.runs.artifacts(ids).values():
                    Path(artifact.uri).unlink()
            third = await bench.ended(bench.submit(document))
            assert not bench.tasks(third.id)["make"].cached

    asyncio.run(scene())


def test_terminate_ends_what_runs_and_the_run_is_canceled(bench: Any) -> None:
    async def scene() -> None:
        async with bench.server() as supervisor:
            run = bench.submit(pipeline({"long": Step(["hold"]), "next": Step(["nothing"], after=["long"])}))
            supervisor.ensure(run)
            await bench.until(run, lambda _, tasks: "long" in tasks and tasks["long"].phase is NodePhase.RUNNING)
            assert await supervisor.deliver(run, Terminate("ana"))
            found = await bench.ended(run)
            assert found.state is RunState.CANCELED
            assert found.failure.message == "Terminated by ana."
            assert {task.phase for task in bench.tasks(run).values()} == {NodePhase.CANCELED}
            assert not await supervisor.deliver(run, Terminate("ana"))

    asyncio.run(scene())


def test_retry_runs_again_only_what_did_not_succeed(bench: Any) -> None:
    document = pipeline(
        {
            "good": Step(["write", OUTPUT, "kept"], outputs=["out"]),
            "bad": Step(["fail"], after=["good"]),
            "last": Step(["nothing"], after=["bad"]),
        }
    )

    async def scene() -> None:
        async with bench.server() as supervisor:
            run = bench.submit(document)
            assert (await bench.ended(run)).state is RunState.FAILED
            bench.act = lambda spec: Ending()
            assert await supervisor.deliver(run, RetryRun("ana"))
            assert (await bench.ended(run)).state is RunState.SUCCEEDED
            names = [spec.key.node for spec in bench.executor.launched]
            assert names == ["good", "bad", "bad", "last"]
            assert [attempt.number for attempt in bench.tasks(run)["bad"].attempts] == [1, 2]

    asyncio.run(scene())


def test_a_task_is_tried_again_as_its_policy_says(bench: Any) -> None:
    tries: list[int] = []

    def fails_twice(spec: Any) -> Ending:
        tries.append(spec.key.attempt)
        failure = TaskFailure("No luck.")
        return Ending() if len(tries) == 3 else Ending(AttemptOutcome.FAILED, failure)

    bench.act = fails_twice
    policy: JsonObject = {"retryPolicy": {"maxRetryCount": 2, "backoffDuration": "0s"}}

    async def scene() -> None:
        async with bench.server():
            run = await bench.ended(bench.submit(pipeline({"flaky": Step(["x"], extra=policy)})))
            assert run.state is RunState.SUCCEEDED
            assert tries == [1, 2, 3]

    asyncio.run(scene())


def test_what_this_machine_cannot_give_fails_the_task_with_the_way_out(bench: Any) -> None:
    config: JsonObject = {"secretAsEnv": [{"secretName": "s", "keyToEnv": [{"secretKey": "k", "envVar": "V"}]}]}
    platform: JsonObject = {"platforms": {"kubernetes": {"deploymentSpec": {"executors": {"exec-t": config}}}}}

    async def scene() -> None:
        async with bench.server():
            run = await bench.ended(bench.submit(pipeline({"t": Step(["x"])}, platform=platform)))
            assert run.state is RunState.FAILED
            assert "needs a secret as environment variables" in run.failure.message
            assert "run it on a cluster" in run.failure.message

    asyncio.run(scene())


def test_a_failure_carries_the_last_line_of_the_log(bench: Any) -> None:
    def complains(spec: Any) -> Ending:
        directory = Path(spec.directory)
        directory.mkdir(parents=True)
        (directory / "log").write_text("Traceback ...\nValueError: no such column: age\n\n")
        return Ending(AttemptOutcome.FAILED, TaskFailure("The command ended with exit code 1.", "ExitCode", 1))

    bench.act = complains

    async def scene() -> None:
        async with bench.server():
            run = await bench.ended(bench.submit(pipeline({"t": Step(["x"])})))
            assert run.failure.message == (
                'Task "t" failed: The command ended with exit code 1: ValueError: no such column: age'
            )

    asyncio.run(scene())
