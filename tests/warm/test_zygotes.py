"""Zygotes: what happens when they die, hang, cannot begin, or are too many."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.warm.bench import Bench
from tests.warm.living import until

from pinnace.domain.environments import EnvironmentSpec, WarmStart
from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import TaskSpec
from pinnace.executors.process.zygotes import PLAIN, Kind, Zygotes
from pinnace.launcher import processes
from pinnace.ports.environments import Environment
from pinnace.testing.executor_updates import ExecutorUpdates


def count() -> dict[str, Any]:
    import numpy as np

    return {"same": float(np.ones(3).sum())}


class EnvironmentAt:
    """Gives one Python."""

    def __init__(self, python: Path) -> None:
        self._python = python

    async def prepare(self, spec: EnvironmentSpec, announce: Callable[[str], None]) -> Environment:
        return Environment(str(self._python), (str(self._python.parent),))


def test_a_python_without_the_sdk_starts_cold_and_says_so_itself(
    bench: Callable[..., Bench], spec: Callable[..., TaskSpec], tmp_path: Path
) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)

    async def scenario() -> None:
        made = bench(environments=EnvironmentAt(tmp_path / "venv" / "bin" / "python"))
        found = await made.run_specs([spec("first")])
        found |= await made.run_specs([spec("second")])
        await made.close()
        assert {account.outcome for account in found.values()} == {"FAILED"}
        assert all("No module named 'kfp'" in account.log for account in found.values())
        assert [bool(kind.python) for kind in made.asked[spec("first").directory]] == [True, False]
        assert made.asked[spec("second").directory] == [PLAIN]

    asyncio.run(scenario())


class ChangingEnvironment:
    """One Python, in which something is installed now and then."""

    def __init__(self) -> None:
        self.stamp = "old"

    async def prepare(self, spec: EnvironmentSpec, announce: Callable[[str], None]) -> Environment:
        return Environment(sys.executable, (str(Path(sys.executable).parent),), stamp=self.stamp)


def wait_for_leave() -> dict[str, Any]:
    import os
    import time

    open("ready", "w").close()  # noqa: PTH123 - a component imports what it needs
    while not os.path.exists("leave"):  # noqa: PTH110 - as above
        time.sleep(0.01)
    return {}


def test_what_was_installed_while_a_task_waited_for_a_slot_counts_for_it(
    bench: Callable[..., Bench], spec: Callable[..., TaskSpec]
) -> None:
    async def scenario() -> None:
        environments = ChangingEnvironment()
        made = bench(parallelism=1, environments=environments)
        holder, waiter = spec("holder", function=wait_for_leave), spec("waiter")
        async with ExecutorUpdates(made.executor) as updates:
            await made.executor.launch(holder)
            await until(Path(holder.directory, "work", "ready").exists)
            await made.executor.launch(waiter)
            await until(lambda: made.executor._admission.queue.waiter(waiter.key) is not None)
            environments.stamp = "new"
            Path(holder.directory, "work", "leave").touch()
            assert (await updates.ended(waiter.key)).outcome is AttemptOutcome.SUCCEEDED
        assert [kind.stamp for kind in made.kinds("holder")] == ["old"]
        assert [kind.stamp for kind in made.kinds("waiter")] == ["new"]

    asyncio.run(scenario())


def test_an_environment_that_is_removed_is_missed_by_the_task_itself(
    bench: Callable[..., Bench], spec: Callable[..., TaskSpec], tmp_path: Path
) -> None:
    python = tmp_path / "bin" / "python3"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    for tool in ("sh", "mktemp"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or "")

    async def scenario() -> None:
        made = bench(environments=EnvironmentAt(python), variables={"PATH": str(python.parent)})
        (first,) = (await made.run_specs([spec("first")])).values()
        python.unlink()
        (second,) = (await made.run_specs([spec("second")])).values()
        await made.close()
        assert (first.outcome, made.is_warm("first")) == ("SUCCEEDED", True), first.log
        assert second.failure == "The command ended with exit code 127."
        assert "python3" in second.log
        assert made.kinds("second") == [PLAIN]

    asyncio.run(scenario())


def wait_for_the_end() -> dict[str, Any]:
    import signal
    import sys
    import time

    def clean_up(*_: object) -> None:
        with open("cleaned", "w") as file:  # noqa: PTH123 - as above
            file.write("up")
        sys.exit(0)

    signal.signal(signal.SIGTERM, clean_up)
    with open("ready", "w"):  # noqa: PTH123 - as above
        time.sleep(600)
    return {}


def test_a_warm_task_that_is_canceled_can_clean_up(bench: Callable[..., Bench], spec: Callable[..., TaskSpec]) -> None:
    async def scenario() -> None:
        made = bench()
        task = spec("waiting", function=wait_for_the_end)
        async with ExecutorUpdates(made.executor) as updates:
            await made.executor.launch(task)
            await until(Path(task.directory, "work", "ready").exists)
            await made.executor.cancel(task.key, task.directory)
            assert (await updates.ended(task.key)).outcome is AttemptOutcome.CANCELED
        assert Path(task.directory, "work", "cleaned").read_text() == "up"
        assert made.is_warm("waiting")

    asyncio.run(scenario())


def test_a_hundred_tasks_at_once(bench: Callable[..., Bench], spec: Callable[..., TaskSpec]) -> None:
    async def scenario() -> None:
        made = bench(parallelism=100)
        specs = [spec(f"task{number}") for number in range(100)]
        found = await made.run_specs(specs)
        pids = made.zygotes.pids()
        await made.close()
        assert {account.outcome for account in found.values()} == {"SUCCEEDED"}
        assert {account.files["ran"] for account in found.values()} == {"once\n"}
        assert [kind == PLAIN for kind in pids] == [False]
        assert all(len(kinds) == 1 for kinds in made.asked.values())

    asyncio.run(scenario())


def test_idle_zygotes_end(bench: Callable[..., Bench], spec: Callable[..., TaskSpec]) -> None:
    async def scenario() -> None:
        made = bench()
        await made.run_specs([spec("first")])
        identities = [processes.identify(pid) for pid in made.zygotes.pids().values()]
        made.zygotes._idle_seconds = 0.5
        made.zygotes._schedule()
        await until(lambda: not made.zygotes.pids())
        assert not any(processes.is_alive(each) for each in identities)
        (again,) = (await made.run_specs([spec("second")])).values()
        await made.close()
        assert again.outcome == "SUCCEEDED"
        assert len(identities) == 1

    asyncio.run(scenario())


def test_the_number_of_zygotes_is_bounded(bench: Callable[..., Bench], spec: Callable[..., TaskSpec]) -> None:
    async def scenario() -> None:
        made = bench(warm=WarmStart.LIBRARIES)
        made.zygotes._limit, made.zygotes._preloaded_limit = 2, 1
        identities: dict[Kind, processes.Identity] = {}
        for number in range(4):
            await made.run_specs([spec(f"own{number}", PYTHONHASHSEED=str(number))])
            await made.run_specs([spec(f"plain{number}", function=count)])
            identities |= {kind: processes.identify(pid) for kind, pid in made.zygotes.pids().items()}
            assert len(made.zygotes.pids()) <= 2
            assert sum(bool(kind.preload) for kind in made.zygotes.pids()) <= 1
        kept = set(made.zygotes.pids())
        assert len(identities) == 5
        assert {kind for kind, identity in identities.items() if processes.is_alive(identity)} == kept
        await made.close()
        assert not any(processes.is_alive(identity) for identity in identities.values())
        assert all(made.is_warm(f"own{number}") and made.is_warm(f"plain{number}") for number in range(4))

    asyncio.run(scenario())


def test_only_so_many_zygotes_have_libraries(tmp_path: Path) -> None:
    async def scenario(null: int) -> None:
        kinds = [Kind(sys.executable, (("PATH", os.defpath),), (name,)) for name in ("json", "ast", "csv")]
        zygotes = Zygotes(limit=8, preloaded_limit=2)
        for kind in kinds:
            zygotes.request(kind, str(tmp_path), null, null)
        assert list(zygotes.pids()) == kinds[1:]
        zygotes.close()

    with Path(os.devnull).open("wb") as null:
        asyncio.run(scenario(null.fileno()))
