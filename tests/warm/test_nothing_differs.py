"""A task that was forked warm cannot be told from one that was started cold: each probe runs cold, warm, warm again."""

import asyncio
import os
import re
import signal
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.warm.bench import Account, Bench, Probe, differences, inherited
from tests.warm.probes import chance, endings, parallel, process, python, variables

from pinnace.domain.environments import WarmStart

MORE = {
    "_ctypes", "_socket", "_struct", "array", "ctypes", "encodings", "fcntl", "gc", "math", "select", "selectors",
    "signal", "socket", "struct",
}  # fmt: skip
"""Modules that a zygote has for itself, and that a task may find imported already."""

CHANGED = (
    "encodings._cache", "encodings.ascii", "logging._startTime", "sys.modules", "sys.path_importer_cache",
    "threading._shutdown_locks",
)  # fmt: skip
"""What the use of these modules changes, and nobody can go by."""

PROBES = [
    *python.PROBES, *process.PROBES, *chance.PROBES, *variables.PROBES, *endings.PROBES, *parallel.PROBES,
]  # fmt: skip


@dataclass(frozen=True)
class Accounts:
    """Of every probe, by name."""

    cold: dict[str, Account]
    warm: dict[str, Account]
    again: dict[str, Account]
    were_warm: set[str]


async def _gather(root: Path) -> Accounts:
    shared = root / "shared"
    _lay_out(shared)
    variables = inherited() | {"NOT_TEXT": os.fsdecode(b"\xff\xfe")}
    cold = Bench(WarmStart.OFF, root / "cold", variables)
    found_cold = await cold.run(PROBES, str(shared))
    await cold.close()
    warm = Bench(WarmStart.SDK, root / "warm", variables)
    found_warm = await warm.run(PROBES, str(shared))
    found_again = await warm.run(PROBES, str(shared))
    await warm.close()
    return Accounts(found_cold, found_warm, found_again, {each.name for each in PROBES if warm.is_warm(each.name)})


def _lay_out(shared: Path) -> None:
    modules = shared / "modules"
    modules.mkdir(parents=True)
    (shared / "home").mkdir()
    for name in ("sitecustomize", "usercustomize"):
        (modules / f"{name}.py").write_text(
            f"import os, sys\nsys.customized = [*getattr(sys, 'customized', []), {name!r}]\n"
            "sys.customized_in = os.getpid()\n"
        )
    for name in ("command", "zygote", "records"):
        (modules / f"{name}.py").write_text("")
    customizations = {
        "failing": "raise ValueError('of the user')",
        "missing": "import a_module_that_is_not_there",
        "curious": (
            "import os, sys\n"
            "print(sys.argv[0], sys.argv[3:5], __name__, __file__)\n"
            "print(os.getcwd(), sorted(vars(sys.modules['__main__'])), sys.path[0], os.environ['PYTHONPATH'])\n"
        ),
    }
    for name, text in customizations.items():
        (shared / name).mkdir()
        (shared / name / "sitecustomize.py").write_text(text)


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Accounts:
    return asyncio.run(_gather(tmp_path_factory.mktemp("warm")))


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_a_warm_task_is_like_a_cold_one(accounts: Accounts, probe: Probe) -> None:
    cold, warm, again = (each[probe.name] for each in (accounts.cold, accounts.warm, accounts.again))
    assert probe.name in accounts.were_warm
    for other in (warm, again):
        assert differences(cold.same, other.same) == []
        assert other.log == _without_shell(cold).log
        assert (other.outcome, other.failure) == (cold.outcome, _without_shell(cold).failure)
        assert other.files == cold.files
        assert other.fresh.keys() == cold.fresh.keys()
    for name in cold.fresh:
        assert len({repr(each.fresh[name]) for each in (cold, warm, again)}) == 3, name


def _without_shell(cold: Account) -> Account:
    """The account of a cold task that was killed by a signal, without what the shell above it adds."""
    killed = re.fullmatch(r"The command ended with exit code \d+ \(that is, by (SIG\w+)\)\.", cold.failure)
    if killed is None:
        return cold
    word = signal.strsignal(signal.Signals[killed[1]]) or ""
    lines = cold.log.splitlines(keepends=True)
    log = "".join(lines[:-1]) if lines[-1].startswith(word) else cold.log
    return replace(cold, log=log, failure=f"The command was killed by {killed[1]}.")


def test_only_modules_of_the_standard_library_are_there_besides(accounts: Accounts) -> None:
    cold = set(accounts.cold["modules"].seen)
    for warm in (accounts.warm, accounts.again):
        seen = set(warm["modules"].seen)
        assert cold - seen == set()
        assert {name for name in seen - cold if name.partition(".")[0] not in MORE} == set()


def test_modules_are_as_they_were_imported(accounts: Accounts) -> None:
    cold = accounts.cold["state_of_modules"].seen
    for warm in (accounts.warm, accounts.again):
        seen = warm["state_of_modules"].seen
        both = sorted(cold.keys() & seen.keys())
        found = [line for name in both for line in differences(cold[name], seen[name], name)]
        assert [line for line in found if not line.startswith(CHANGED)] == []
