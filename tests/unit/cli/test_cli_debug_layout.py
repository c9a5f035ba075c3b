"""An attempt laid out to be run again: what points where, from records of this release and of earlier ones."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pinnace.cli.debug_layout import lay_out, read_attempt
from pinnace.cli.exits import CommandError

PROGRAM = (
    "program_path=$(mktemp -d)\n\n"
    'printf "%s" "$0" > "$program_path/ephemeral_component.py"\n'
    "_KFP_RUNTIME=true python3 -m kfp.dsl.executor_main --component_module_path "
    '"$program_path/ephemeral_component.py" "$@"\n'
)
SOURCE = """
import kfp
from kfp import dsl
from kfp.dsl import *
from typing import *

def work(text: str, data: Input[Dataset], out: Output[Dataset]) -> int:
    with open(data.path) as file:
        given = file.read()
    with open(out.path, "w") as file:
        file.write(given + text[:3] + dsl.get_uri("more").rsplit("/", 1)[0])
    return len(text)
"""


class Place:
    """A data directory with one attempt, whose number is the beginning of another's."""

    def __init__(self, root: Path) -> None:
        self.target = root / "again"
        self.workspace = root / "workspaces" / "run"
        self.directory = root / "runs" / "run" / "task" / "1"
        self.artifacts = root / "artifacts" / "run" / "task" / "1"
        self.input = root / "artifacts" / "run" / "other" / "11" / "data"
        for path in (self.directory, self.artifacts, self.input.parent, self.workspace):
            path.mkdir(parents=True)
        self.input.write_text("given ")

    def record(self, command: list[str], **more: Any) -> None:
        parents = [str(self.directory / "outputs"), str(self.artifacts), str(self.workspace)]
        task = {"command": command, "environment": {"PATH": "/usr/bin", "HOME": "/h"}, "parents": parents, **more}
        (self.directory / "task.json").write_text(json.dumps(task))

    def component(self, text: str, **more: Any) -> None:
        artifact = {"name": "x", "type": {"schemaTitle": "system.Dataset", "schemaVersion": "0.0.1"}}
        given = {
            "inputs": {
                "parameterValues": {"text": text},
                "artifacts": {"data": {"artifacts": [{**artifact, "uri": str(self.input)}]}},
            },
            "outputs": {
                "outputFile": str(self.artifacts / "executor_output.json"),
                "parameters": {"Output": {"outputFile": str(self.directory / "outputs" / "Output")}},
                "artifacts": {"out": {"artifacts": [{**artifact, "uri": str(self.artifacts / "out")}]}},
            },
        }
        options = ["--executor_input", json.dumps(given), "--function_to_execute", "work"]
        self.record(["sh", "-ec", PROGRAM, SOURCE, *options], **more)

    def lay_out(self) -> list[str]:
        return lay_out(read_attempt(self.directory, "Attempt 1"), self.target, self.workspace)

    def debug(self, *options: str) -> "subprocess.CompletedProcess[str]":
        words = [sys.executable, str(self.target / "debug.py"), *options]
        return subprocess.run(words, check=False, capture_output=True, text=True, timeout=120)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.parametrize("text", ["abc", "x" * 300_000], ids=["short", "longer than an argument can be"])
def test_the_component_reads_what_is_real_and_writes_here(place: Place, text: str) -> None:
    place.component(text, python=sys.executable, path=[], set={"A": "b"})
    assert place.lay_out() == []
    done = place.debug("--plain")
    assert done.returncode == 0, done.stderr
    out = place.target / "outputs" / "artifacts" / "out"
    assert out.read_text() == f"given {text[:3]}{place.target}/outputs/artifacts"
    reported = json.loads((place.target / "outputs" / "artifacts" / "executor_output.json").read_text())
    assert reported["parameterValues"] == {"Output": len(text)}
    assert list(place.artifacts.iterdir()) == []
    assert [path.name for path in place.directory.iterdir()] == ["task.json"]


def test_the_environment_is_what_was_set_for_the_task(place: Place) -> None:
    place.component("abc", python=sys.executable, path=["/env/bin"], set={"A": "b"}, lock="/env/lock")
    place.lay_out()
    assert json.loads((place.target / "environment.json").read_text()) == {
        "python": sys.executable,
        "path": ["/env/bin"],
        "variables": {"A": "b", "_KFP_RUNTIME": "true"},
        "lock": "/env/lock",
        "module": "kfp.dsl.executor_main",
        "function": "work",
    }
    assert all(path.stat().st_mode & 0o077 == 0 for path in place.target.glob("*.json"))


def test_records_of_an_earlier_release_name_no_interpreter(place: Place, tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python3"
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    environment = {"PATH": f"{python.parent}:/usr/bin", "VIRTUAL_ENV": "/v", "TOKEN": "s3cret"}
    place.component("abc", environment=environment)
    place.lay_out()
    told = json.loads((place.target / "environment.json").read_text())
    assert (told["python"], told["path"]) == (str(python), [str(python.parent)])
    assert told["variables"] == {"VIRTUAL_ENV": "/v", "_KFP_RUNTIME": "true"}
    assert "s3cret" not in "".join(path.read_text() for path in place.target.glob("*.*"))


def test_the_first_sdk_has_its_own_module(place: Place) -> None:
    place.component("abc", python=sys.executable)
    text = (place.directory / "task.json").read_text()
    old = "python3 -m kfp.components.executor_main"
    (place.directory / "task.json").write_text(text.replace("_KFP_RUNTIME=true python3 -m kfp.dsl.executor_main", old))
    place.lay_out()
    assert json.loads((place.target / "environment.json").read_text())["module"] == "kfp.components.executor_main"


def test_inputs_that_are_gone_are_named(place: Place) -> None:
    place.component("abc", python=sys.executable)
    place.input.unlink()
    assert place.lay_out() == [str(place.input)]


def test_the_workspace_is_a_copy(place: Place) -> None:
    (place.workspace / "kept").write_text("kept")
    place.component(f"{place.workspace}/kept and {place.workspace}x", python=sys.executable)
    place.lay_out()
    given = json.loads((place.target / "executor_input.json").read_text())
    copy = place.target / "workspace"
    assert given["inputs"]["parameterValues"]["text"] == f"{copy}/kept and {place.workspace}x"
    assert (copy / "kept").read_text() == "kept"


def test_a_workspace_that_is_gone_is_an_empty_one(place: Place) -> None:
    place.workspace.rmdir()
    place.component("abc", python=sys.executable)
    place.lay_out()
    assert list((place.target / "workspace").iterdir()) == []


def test_a_command_gets_its_words_with_paths_of_this_place(place: Place) -> None:
    similar = f"{place.artifacts}0/x"
    words = [
        "printf",
        "%s|",
        "it's",
        "$HOME",
        "a=b",
        f"{place.artifacts}/out",
        similar,
        json.dumps([str(place.artifacts)]),
    ]
    place.record(words, python=sys.executable, path=["/env dir"], set={"odd.name": "o'x", "A": "1"})
    place.lay_out()
    script = place.target / "run.sh"
    done = subprocess.run(["sh", str(script)], check=False, capture_output=True, text=True)
    assert done.stderr == ""
    moved = str(place.target / "outputs" / "artifacts")
    assert done.stdout == "|".join(["it's", "$HOME", "a=b", f"{moved}/out", similar, json.dumps([moved]), ""])
    assert (place.target / "outputs" / "parameters").is_dir()
    place.record(["sh", "-c", "env; pwd"], python=sys.executable, path=["/env dir"], set={"odd.name": "o'x", "A": "1"})
    again = read_attempt(place.directory, "Attempt 1")
    lay_out(again, place.target.with_name("second"), place.workspace)
    script = place.target.with_name("second") / "run.sh"
    shown = subprocess.run(["sh", str(script)], check=True, capture_output=True, text=True).stdout.splitlines()
    assert "A=1" in shown
    assert shown[-1] == str(script.parent / "work")
    assert any(line.startswith("PATH=/env dir:") and len(line) > len("PATH=/env dir:") for line in shown)


def test_an_attempt_without_a_command_is_refused(place: Place) -> None:
    with pytest.raises(CommandError, match="left nothing to run again"):
        place.lay_out()
    place.component("abc")
    place.target.write_text("a file")
    with pytest.raises(CommandError, match="is there already"):
        place.lay_out()


def test_an_interpreter_that_is_gone_is_said(place: Place) -> None:
    place.component("abc", python="/nowhere/python3")
    place.lay_out()
    done = place.debug()
    assert done.returncode == 1
    assert done.stderr.startswith("/nowhere/python3, which the task ran with, is no longer there.")
