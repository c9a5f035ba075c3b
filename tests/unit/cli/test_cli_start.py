"""The command line answers at once: what is heavy is imported only by the command that needs it."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from pinnace.cli.lazy import COMMANDS
from pinnace.cli.main import cli, run_command
from pinnace.errors import PinnaceError

HEAVY = {"fastapi", "kfp", "psutil", "pydantic", "rich", "sqlalchemy", "starlette", "uvicorn", "yaml"}


def modules_after(arguments: list[str], **environment: str) -> set[str]:
    program = (
        "import json, sys\nfrom pinnace.cli.main import cli\n"
        "try:\n    cli.main(json.loads(sys.argv[1]), prog_name='pinnace')\nexcept SystemExit:\n    pass\n"
        "print('\\n' + json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(arguments)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert modules_after(arguments) & HEAVY == set()


def test_completion_imports_nothing_heavy() -> None:
    variables = {"_PINNACE_COMPLETE": "bash_complete", "COMP_WORDS": "pinnace ", "COMP_CWORD": "1"}
    assert modules_after([], **variables) & HEAVY == set()


def test_only_up_imports_the_server() -> None:
    assert modules_after(["run", "--help"]) & {"fastapi", "sqlalchemy", "uvicorn", "kfp"} == set()


def test_help_lists_the_commands_in_order() -> None:
    text = CliRunner().invoke(cli, ["--help"]).output
    positions = [text.index(f"\n  {name} ") for name in COMMANDS]
    assert positions == sorted(positions)


def test_an_unexpected_error_is_one_paragraph_and_a_traceback_on_request(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr("pinnace.cli.down.find_server", broken)
    monkeypatch.delenv("PINNACE_DEBUG", raising=False)
    assert run_command(["down"]) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("Error: Pinnace has met an error that it did not expect (ZeroDivisionError: by nought).")
    assert "Traceback" not in shown
    monkeypatch.setenv("PINNACE_DEBUG", "1")
    assert run_command(["down"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_known_error_shows_its_text_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(_: object) -> None:
        raise PinnaceError("Not now.")

    monkeypatch.setattr("pinnace.cli.down.find_server", refused)
    monkeypatch.delenv("PINNACE_DEBUG", raising=False)
    assert run_command(["down"]) == 1
    assert capsys.readouterr().err == "Error: Not now.\n"
