"""Layers that uv really builds on a base interpreter, and what happens where there can be none."""

import asyncio
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pinnace.domain.environments import EnvironmentSpec
from pinnace.environments.store import EnvironmentStore
from pinnace.ports.environments import Environment, EnvironmentFailed


def said_by(environment: Environment, script: str) -> list[str]:
    done = subprocess.run([environment.python, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_a_base_that_has_everything_is_used_as_it_is(bench: Any) -> None:
    environment = bench.prepare("packaging", sdk_requirements=("kfp==2.0.1",))
    as_it_is = Environment(sys.executable, (str(Path(sys.executable).parent),), sys.prefix)
    assert replace(environment, stamp="") == as_it_is
    assert bench.announced == []
    assert not bench.root.exists()
    assert bench.all_calls() == []


def test_what_is_missing_is_layered_on_the_base(bench: Any) -> None:
    environment = bench.prepare("pinnacealpha", "packaging")
    assert bench.announced[0] == "Installing pinnacealpha, packaging."
    script = "import pinnacealpha, pinnacebeta, packaging, kfp, sys\n"
    script += "print(pinnacebeta.VERSION, packaging.__file__, sys.prefix)"
    said = said_by(environment, script)
    assert said[0] == "3.0"
    assert not Path(said[1]).is_relative_to(environment.virtual_env), "a package that the base has was installed again"
    assert said[2] == environment.virtual_env
    assert (environment.note, environment.is_isolated) == ("", False)
    path = os.pathsep.join([*environment.directories, os.environ["PATH"]])
    found = subprocess.run(["pinnacealpha-say"], env={"PATH": path}, capture_output=True, text=True, check=True)
    assert found.stdout == "says 1.0\n"


def test_the_base_is_not_changed(bench: Any) -> None:
    bench.prepare("pinnacealpha")
    done = subprocess.run([sys.executable, "-c", "import pinnacealpha"], capture_output=True, check=False)
    assert done.returncode != 0


def test_versions_are_chosen_to_fit_the_base(bare: Any) -> None:
    environment = bare.prepare("pinnacegamma")
    assert not environment.is_isolated
    assert said_by(
        environment, "import pinnacegamma, pinnacebeta; print(pinnacegamma.VERSION, pinnacebeta.VERSION)"
    ) == [
        "1.0",
        "2.5",
    ]


@pytest.mark.parametrize("requirement", ["pinnacegamma==2.0", "pinnacebeta>=3"])
def test_what_does_not_go_with_the_base_gets_an_environment_of_its_own(bare: Any, requirement: str) -> None:
    environment = bare.prepare(requirement, sdk_requirements=("kfp==2.17.0",))
    assert environment.is_isolated
    assert environment.directories == (str(Path(environment.python).parent),)
    assert said_by(environment, "import pinnacebeta, kfp; print(pinnacebeta.VERSION, kfp.VERSION)") == ["3.0", "2.17.0"]
    assert f"does not go with the packages of {bare.python}" in environment.note
    assert "pinnacebeta==2.5" in environment.note, "the resolver's words are missing"


def test_a_conflict_is_remembered_as_long_as_the_base_is_the_same(bare: Any) -> None:
    first = bare.prepare("pinnacebeta>=3")
    calls = len(bare.resolutions())
    assert bare.prepare("pinnacebeta>=3") == first
    assert len(bare.resolutions()) == calls
    assert bare.announced == []
    subprocess.run([bare.uv, "pip", "install", "-q", "--python", bare.python, "--no-index", "--find-links",
                    bare.environ["PIP_FIND_LINKS"], "pinnacebeta==3.0"], check=True, env=bare.environ)  # fmt: skip
    assert bare.prepare("pinnacebeta>=3").python == bare.python


def test_an_sdk_that_the_base_lacks_is_added_alone(bare: Any) -> None:
    environment = bare.prepare(sdk_requirements=("kfp==2.17.0",))
    assert said_by(environment, "import kfp, pinnacebeta; print(kfp.VERSION, pinnacebeta.__file__)") == [
        "2.17.0",
        str(Path(bare.python).parent.parent / f"lib/python3.{sys.version_info.minor}/site-packages/pinnacebeta.py"),
    ]


def test_a_component_of_sdk_2_0_gets_a_later_one_for_which_its_command_is_rewritten(bare: Any) -> None:
    script = "import kfp; print(kfp.VERSION)"
    assert said_by(bare.prepare(sdk_requirements=("kfp==2.0.1",)), script) == ["2.17.0"]
    alone = bare.prepare("pinnacebeta>=3", sdk_requirements=("kfp==2.0.1",))
    assert alone.is_isolated
    assert said_by(alone, script) == ["2.17.0"]


def test_a_package_at_an_address(bare: Any, wheels: Path) -> None:
    address = (wheels / "pinnacealpha-1.0-py3-none-any.whl").as_uri()
    with pytest.raises(EnvironmentFailed, match="packaging"):
        bare.prepare(f"pinnacealpha @ {address}")
    address = (wheels / "pinnacegamma-1.0-py3-none-any.whl").as_uri()
    assert said_by(bare.prepare(f"pinnacegamma @ {address}"), "import pinnacegamma; print(pinnacegamma.VERSION)") == [
        "1.0"
    ]


def test_a_built_environment_is_found_again(bench: Any) -> None:
    first = bench.prepare("pinnacebeta", "packaging")
    calls, stamp = len(bench.all_calls()), Path(first.virtual_env).stat()
    again = bench.prepare("packaging", "pinnacebeta")
    assert again == first
    assert bench.announced == []
    assert len(bench.all_calls()) == calls
    assert Path(first.virtual_env).stat().st_ino == stamp.st_ino


@pytest.mark.parametrize(
    ("requirements", "words"),
    [(("pinnacenonesuch==9",), "pinnacenonesuch"), (("pinnacealpha", "pinnacebroken"), "pinnacebeta<2")],
    ids=["no such package", "conflict"],
)
def test_a_failed_build_says_what_the_resolver_said(bench: Any, requirements: tuple[str, ...], words: str) -> None:
    with pytest.raises(EnvironmentFailed, match=r"could not be installed: .*No solution") as failed:
        bench.prepare(*requirements)
    assert words in str(failed.value)
    assert bench.built() == []


def test_an_interpreter_that_does_not_work(tmp_path: Path) -> None:
    store = EnvironmentStore(str(tmp_path), str(tmp_path / "missing/python"), {})
    with pytest.raises(EnvironmentFailed, match="does not work"):
        asyncio.run(store.prepare(EnvironmentSpec(), lambda _: None))
