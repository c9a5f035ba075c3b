"""Libraries that a zygote may have in memory bear a fork: hard work with their threads gives the same as cold."""

import asyncio
import importlib.util
from pathlib import Path

import pytest
from tests.warm.bench import Account, Bench, Probe, differences, inherited, limited, task_spec
from tests.warm.probes import libraries

from pinnace.domain.environments import WarmStart
from pinnace.executors.process import preloading

AT_ONCE = 8


async def _gather(root: Path) -> tuple[dict[str, Account], list[dict[str, Account]], set[str]]:
    cold = Bench(WarmStart.OFF, root / "cold", inherited(), parallelism=2)
    found = await cold.run(libraries.PROBES)
    await cold.close()
    warm = Bench(WarmStart.LIBRARIES, root / "warm", inherited(), parallelism=2)
    repeated = [await warm.run(libraries.PROBES) for _ in range(2)]
    await warm.close()
    preloaded = {
        module.partition(".")[0]
        for each in libraries.PROBES
        for kind in warm.kinds(each.name)
        for module in kind.preload
    }
    return found, repeated, preloaded


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Account], list[dict[str, Account]], set[str]]:
    return asyncio.run(_gather(tmp_path_factory.mktemp("libraries")))


@pytest.mark.parametrize("probe", libraries.PROBES, ids=lambda probe: probe.name)
def test_a_preloaded_library_works_as_a_cold_one(
    accounts: tuple[dict[str, Account], list[dict[str, Account]], set[str]], probe: Probe
) -> None:
    cold = accounts[0][probe.name]
    assert cold.outcome == "SUCCEEDED", cold.log
    for repeated in accounts[1]:
        warm = repeated[probe.name]
        assert differences(cold.same, warm.same) == []
        assert (warm.log, warm.outcome, warm.files) == (cold.log, cold.outcome, cold.files)
    for name, value in cold.fresh.items():
        seen = [repr(value), *(repr(repeated[probe.name].fresh[name]) for repeated in accounts[1])]
        assert len(set(seen)) == len(seen), name


def test_every_library_of_the_list_was_preloaded(
    accounts: tuple[dict[str, Account], list[dict[str, Account]], set[str]],
) -> None:
    assert accounts[2] == preloading.ALLOWED


@pytest.mark.skipif(
    importlib.util.find_spec("torch") is None,
    reason="torch is no development package, since it takes a gigabyte; docs/reference/warm-workers.md says how it did",
)
def test_data_loaders_of_torch(tmp_path: Path) -> None:
    async def scenario() -> None:
        found = []
        for warm in (WarmStart.OFF, WarmStart.SDK):
            bench = Bench(warm, tmp_path / warm, inherited())
            found.append((await bench.run([libraries.torch_loads_data]))["torch_loads_data"])
            await bench.close()
        cold, other = found
        assert cold.outcome == "SUCCEEDED", cold.log
        assert (other.same, other.log, other.outcome) == (cold.same, cold.log, cold.outcome)
        assert all(other.fresh[name] != cold.fresh[name] for name in cold.fresh)

    asyncio.run(scenario())


def test_many_tasks_of_one_zygote_work_at_the_same_time(tmp_path: Path) -> None:
    async def scenario() -> None:
        bench = Bench(WarmStart.LIBRARIES, tmp_path, inherited(), parallelism=AT_ONCE)
        specs = [task_spec(libraries.linear_algebra, tmp_path / f"linear_algebra-{n}") for n in range(AT_ONCE)]
        specs += [task_spec(libraries.numpy_random_state, tmp_path / f"random-{n}") for n in range(AT_ONCE)]
        found = await bench.run_specs(specs)
        zygotes = bench.zygotes.pids()
        await bench.close()
        assert {account.outcome for account in found.values()} == {"SUCCEEDED"}
        assert [kind.preload for kind in zygotes] == [("numpy",)]
        results = {repr(account.same) for account in found.values() if not account.fresh}
        assert len(results) == 1
        states = [repr(account.fresh["global"]) for account in found.values() if account.fresh]
        assert len(set(states)) == AT_ONCE

    asyncio.run(scenario())


def test_a_task_with_a_limit_of_processors_imports_for_itself(tmp_path: Path) -> None:
    async def scenario() -> None:
        bench = Bench(WarmStart.LIBRARIES, tmp_path, inherited())
        spec = limited(task_spec(libraries.numpy_random_state, tmp_path / "limited-1"), 1.0)
        with_variable = task_spec(Probe(libraries.numpy_random_state.function, (), {"A": "1"}), tmp_path / "variable-1")
        found = await bench.run_specs([spec, with_variable])
        await bench.close()
        assert {account.outcome for account in found.values()} == {"SUCCEEDED"}
        assert bench.is_warm("limited")
        assert bench.is_warm("variable")
        assert {kind.preload for name in ("limited", "variable") for kind in bench.kinds(name)} == {()}

    asyncio.run(scenario())
