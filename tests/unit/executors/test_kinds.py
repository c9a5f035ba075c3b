"""Which tasks may share a zygote."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pinnace.domain.environments import WarmStart
from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.tasks import AttemptKey, PythonProgram, ResourceAmounts, TaskSpec
from pinnace.executors.process.kinds import Kinds
from pinnace.executors.process.zygotes import PLAIN, Kind
from pinnace.ports.environments import Environment

SOURCE = "import numpy\n\ndef component():\n    pass\n"
PROGRAM = PythonProgram(SOURCE, ("--executor_input", "{}"))
TASK = TaskSpec(AttemptKey(RunId("r"), NodeId("n"), 1), "n", "", ("sh",), "/nowhere", program=PROGRAM)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    (tmp_path / "python3").symlink_to(sys.executable)
    return Environment(str(tmp_path / "python3"), (str(tmp_path),), stamp="1")


def choose(environment: Environment, task: TaskSpec = TASK, warm: WarmStart = WarmStart.LIBRARIES) -> Kind:
    return Kinds({"HOME": "/home/me", "PATH": "/bin"}, (), warm).choose(task, environment)


def test_libraries_are_held_for_a_component_that_imports_them(environment: Environment) -> None:
    assert choose(environment).preload == ("numpy",)
    assert choose(environment, warm=WarmStart.SDK).preload == ()
    assert choose(environment, warm=WarmStart.OFF) is PLAIN


def test_what_is_not_a_program_starts_cold(environment: Environment) -> None:
    assert choose(environment, replace(TASK, program=None)) is PLAIN
    assert choose(environment, replace(TASK, environment={"PATH": "/else"})) is PLAIN


@pytest.mark.parametrize("name", ["PYTHONPATH", "LANG", "LC_ALL", "LD_PRELOAD", "HOME", "MALLOC_ARENA_MAX"])
def test_variables_that_are_read_at_a_start_need_a_zygote_of_their_own(environment: Environment, name: str) -> None:
    kind = choose(environment, replace(TASK, environment={name: "mine"}))
    assert (name, "mine") in kind.environment
    assert kind != choose(environment, replace(TASK, environment={name: "yours"}))


def test_other_variables_share_one_without_libraries(environment: Environment) -> None:
    first, second = (choose(environment, replace(TASK, environment={"OMP_NUM_THREADS": n})) for n in "12")
    assert first == second
    assert first.preload == ()


def test_the_parent_of_a_trace_costs_no_library(environment: Environment) -> None:
    assert choose(environment, replace(TASK, environment={"TRACEPARENT": "00-1-1-01"})) == choose(environment)


def test_a_cpu_limit_does_without_libraries(environment: Environment) -> None:
    assert choose(environment, replace(TASK, resources=ResourceAmounts(cpu_limit=1.0))).preload == ()


def test_what_was_imported_before_an_installation_is_not_used_behind_it(environment: Environment) -> None:
    assert choose(environment) != choose(replace(environment, stamp="2"))


def test_an_interpreter_that_is_gone_is_missed_by_the_task(environment: Environment) -> None:
    kinds = Kinds({"PATH": "/nowhere"}, (), WarmStart.SDK)
    assert kinds.choose(TASK, environment) is not PLAIN
    Path(environment.python).unlink()
    assert kinds.choose(TASK, environment) is PLAIN
