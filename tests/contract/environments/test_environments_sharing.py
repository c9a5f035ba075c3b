"""Many tasks that ask together, failures, cancellation, and builds that were killed."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from pinnace.domain.environments import EnvironmentMode, EnvironmentSpec
from pinnace.environments import store as store_module
from pinnace.ports.environments import EnvironmentFailed

WAIT_SECONDS = 60.0
BETA = EnvironmentSpec(requirements=("pinnacebeta",))


async def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not reached():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def ignore(_: str) -> None:
    return


@pytest.mark.parametrize("mode", list(EnvironmentMode))
def test_a_hundred_that_ask_together_share_one_build(bench: Any, mode: EnvironmentMode) -> None:
    spec = EnvironmentSpec(mode=mode, requirements=("pinnacebeta",))

    async def scenario() -> list[Any]:
        stores = [bench.store(), bench.store()]
        return await asyncio.gather(*(store.prepare(spec, ignore) for store in stores for _ in range(50)))

    environments = asyncio.run(scenario())
    assert len(environments) == 100
    assert len(set(environments)) == 1
    assert [str(path) for path in bench.built()] == [environments[0].virtual_env]
    alone = {EnvironmentMode.INHERIT: ["--dry-run", "--no-deps"], EnvironmentMode.ISOLATED: ["--compile-bytecode"]}
    assert len(bench.resolutions()) == len(alone[mode]), bench.resolutions()
    for call, word in zip(bench.resolutions(), alone[mode], strict=True):
        assert word in call


def test_a_hundred_that_ask_for_the_impossible_cost_one_try(bench: Any) -> None:
    spec = EnvironmentSpec(mode=EnvironmentMode.ISOLATED, requirements=("pinnacenonesuch",))

    async def scenario() -> set[str]:
        store = bench.store()
        together = await asyncio.gather(*(store.prepare(spec, ignore) for _ in range(50)), return_exceptions=True)
        later = [await asyncio.gather(store.prepare(spec, ignore), return_exceptions=True) for _ in range(50)]
        return {
            str(error) for error in (*together, *(each for [each] in later)) if isinstance(error, EnvironmentFailed)
        }

    [words] = asyncio.run(scenario())
    assert "pinnacenonesuch was not found" in words
    assert len(bench.resolutions()) == 1


def test_a_failure_is_not_remembered_for_ever(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        store = bench.store()
        for _ in range(2):
            with pytest.raises(EnvironmentFailed):
                await store.prepare(EnvironmentSpec(requirements=("pinnacenonesuch",)), ignore)
            monkeypatch.setattr(store_module, "_FAILURE_HOLDS_SECONDS", 0.0)

    asyncio.run(scenario())
    assert len(bench.resolutions()) == 4, "each time for a layer, then for an environment of its own"


def test_an_index_that_does_not_answer_is_asked_again_the_next_time(bench: Any) -> None:
    del bench.environ["PIP_NO_INDEX"]
    bench.environ |= {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "UV_HTTP_RETRIES": "0"}

    async def scenario() -> None:
        store = bench.store()
        for _ in range(2):
            with pytest.raises(EnvironmentFailed, match=r"127\.0\.0\.1:9"):
                await store.prepare(EnvironmentSpec(requirements=("pinnacenonesuch",)), ignore)

    asyncio.run(scenario())
    assert len(bench.resolutions()) == 2, "the network's trouble is no conflict with the base"


def test_one_that_is_canceled_leaves_the_build_to_the_others(bench: Any) -> None:
    bench.gate.touch()

    async def scenario() -> Any:
        store = bench.store()
        impatient = asyncio.create_task(store.prepare(BETA, ignore))
        patient = asyncio.create_task(store.prepare(BETA, ignore))
        await until(lambda: bool(bench.all_calls()))
        impatient.cancel()
        with pytest.raises(asyncio.CancelledError):
            await impatient
        bench.gate.unlink()
        return await patient

    assert Path(asyncio.run(scenario()).python).exists()
    assert len(bench.resolutions()) == 2


def test_a_build_that_nobody_waits_for_ends(bench: Any, tmp_path: Path) -> None:
    bench.gate.touch()

    async def scenario() -> Any:
        store = bench.store()
        only = asyncio.create_task(store.prepare(BETA, ignore))
        await until((tmp_path / "last").exists)
        only.cancel()
        with pytest.raises(asyncio.CancelledError):
            await only
        await until(lambda: not bench.built() and not is_alive(int((tmp_path / "last").read_text() or 0)))
        bench.gate.unlink()
        return await store.prepare(BETA, ignore)

    assert Path(asyncio.run(scenario()).python).exists()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_what_a_killed_server_was_building_is_built_again_and_cleaned_up(bench: Any, tmp_path: Path) -> None:
    """Also when its uv still writes: that one writes where nobody looks."""
    slow = tmp_path / "slow"
    slow.write_text(f'#!/bin/sh\necho $$ > {tmp_path}/orphan\n{bench.uv} "$@"\ncase "$1" in pip) sleep 600;; esac\n')
    slow.chmod(0o755)
    script = dedent(f"""
        import asyncio
        from pinnace.domain.environments import EnvironmentSpec
        from pinnace.environments.store import EnvironmentStore
        store = EnvironmentStore({str(bench.root)!r}, {bench.python!r}, {bench.environ!r}, uv={str(slow)!r})
        asyncio.run(store.prepare(EnvironmentSpec(requirements=("pinnacebeta",)), print))
        """)
    server = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.DEVNULL)
    try:
        asyncio.run(until(lambda: bool(bench.resolutions())))
        [draft] = bench.built()
        assert draft.suffix == ".draft"
        server.send_signal(signal.SIGKILL)
        server.wait(WAIT_SECONDS)
        environment = bench.prepare("pinnacebeta")
    finally:
        server.kill()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(int((tmp_path / "orphan").read_text()), signal.SIGKILL)
    assert Path(environment.python).exists()
    assert [str(path) for path in bench.root.iterdir()] == [environment.virtual_env]


def deadly(bench: Any, deaths: int, word: str = "pip") -> None:
    """Have uv be killed so often: by default while it installs, in the middle of a draft."""
    text = bench.uv.read_text()
    kill = f'[ "$1" = {word} ] && [ $(grep -c ^{word} {bench.calls}) -le {deaths} ] && kill -9 $$\nexec'
    bench.uv.write_text(text.replace("exec", kill))


@pytest.mark.parametrize("mode", list(EnvironmentMode))
def test_a_uv_that_is_killed_costs_nothing_but_time(bench: Any, mode: EnvironmentMode) -> None:
    deadly(bench, 2)
    environment = bench.prepare("pinnacebeta", mode=mode)
    assert [str(path) for path in bench.root.iterdir()] == [environment.virtual_env]


def test_a_uv_that_is_killed_each_time_fails_the_build_and_is_not_held_against_the_next(bench: Any) -> None:
    deadly(bench, 3)
    store = bench.store()
    with pytest.raises(EnvironmentFailed, match="uv was killed by SIGKILL"):
        bench.isolated("pinnacebeta", store=store)
    assert len(bench.resolutions()) == 3
    assert not bench.built()
    assert Path(bench.isolated("pinnacebeta", store=store).python).exists()


def test_a_uv_that_is_killed_while_it_looks_for_a_python_is_asked_again(bench: Any) -> None:
    deadly(bench, 2, "python")
    assert "Python 3.99, which was not found" in bench.isolated("pinnacebeta", python_version="3.99").note


def test_nobody_knows_what_a_uv_would_have_found_that_is_killed_each_time(bench: Any) -> None:
    deadly(bench, 3, "python")
    with pytest.raises(EnvironmentFailed, match=r"killed while it looked for Python 3\.99"):
        bench.isolated("pinnacebeta", python_version="3.99")


@pytest.mark.parametrize("deaths", [2, 3])
def test_an_interpreter_that_is_killed_when_it_is_asked_is_asked_again(bench: Any, tmp_path: Path, deaths: int) -> None:
    python, calls = tmp_path / "deadly-python", tmp_path / "questions"
    python.write_text(
        f'#!/bin/sh\necho >> {calls}\n[ $(wc -l < {calls}) -le {deaths} ] && kill -9 $$\nexec {sys.executable} "$@"\n'
    )
    python.chmod(0o755)
    bench.python = str(python)
    if deaths < 3:
        assert bench.prepare("packaging").python == str(python)
    else:
        with pytest.raises(EnvironmentFailed, match="SIGKILL"):
            bench.prepare("packaging")


def test_what_happens_is_announced(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pinnace.environments.progress._SECONDS_BETWEEN", 0.0)
    bench.prepare("pinnacealpha")
    assert bench.announced[0] == "Installing pinnacealpha."
    assert bench.announced[-1] == "Installing pinnacealpha: 2 packages installed, compiling."
    assert len(bench.announced) > 2


def test_a_server_that_waits_for_another_one_says_so(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pinnace.environments.progress._SECONDS_BETWEEN", 0.0)
    bench.gate.touch()
    announced: list[str] = []

    async def scenario() -> None:
        first = asyncio.create_task(bench.store().prepare(BETA, ignore))
        await until(lambda: bool(bench.all_calls()))
        second = asyncio.create_task(bench.store().prepare(BETA, announced.append))
        await until(lambda: "Installing pinnacebeta: another server is at it." in announced)
        bench.gate.unlink()
        assert await first == await second

    asyncio.run(scenario())
