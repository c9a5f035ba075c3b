"""An attempt laid out in a directory of its own, so that it can be run again without touching anything that is real."""

import json
import re
import shlex
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pinnace.cli.exits import CommandError
from pinnace.domain.values import JsonObject, JsonValue
from pinnace.ir.lightweight import LightweightCommand, split_command
from pinnace.launcher.records import LOG, TASK

SCRIPT: Final = "debug.py"
SHELL_SCRIPT: Final = "run.sh"
_TEMPLATE: Final = Path(__file__).with_name("debug_script.py")
_ADDED: Final = ("PYTHONUNBUFFERED", "VIRTUAL_ENV")
"""Variables that executors add to those of the pipeline."""

_END_OF_PATH: Final = r"""(?=/|\Z|["'\s,;:)}\]])"""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was run, as the attempt's own directory tells it.

    Attributes:
        title: Which attempt it is, in words.
        directory: Its directory.
        command: The whole command line.
        python: The interpreter of its environment.
        path: Directories of its environment that come first on PATH.
        variables: What the pipeline and the executor set.
        parents: Directories that it was given to write into.
        lock: A file that keeps the environment from being removed while it is locked; "" for none.
    """

    title: str
    directory: Path
    command: tuple[str, ...]
    python: str
    path: tuple[str, ...]
    variables: Mapping[str, str]
    parents: tuple[str, ...]
    lock: str

    @property
    def component(self) -> LightweightCommand | None:
        """The Python component that it runs, or None for any other command."""
        return split_command(self.command[:4], self.command[4:])


def read_attempt(directory: Path, title: str) -> Attempt:
    """The attempt of a directory.

    Raises:
        CommandError: it says nothing of a command.
    """
    try:
        task = json.loads((directory / TASK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise CommandError(
            f"{title} has left nothing to run again: its command has not begun. If it ended, its log says why."
        ) from None
    passed = _texts(task.get("environment"))
    python = str(task.get("python") or shutil.which("python3", path=passed.get("PATH")) or "python3")
    path = task.get("path") or [str(Path(python).parent)]
    return Attempt(
        title=title,
        directory=directory,
        command=tuple(map(str, task.get("command", ()))),
        python=python,
        path=tuple(map(str, path)),
        variables={name: passed[name] for name in _ADDED if name in passed} | _texts(task.get("set")),
        parents=tuple(map(str, task.get("parents", ()))),
        lock=str(task.get("lock") or ""),
    )


def lay_out(attempt: Attempt, target: Path, workspace: Path) -> list[str]:
    """Write everything that is needed to run *attempt* again into *target*; returns input files that are gone.

    *workspace* is what the tasks of the run share, if it exists: it is copied, since a task may write there.

    Raises:
        CommandError: *target* is not free.
        OSError: it cannot be written.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CommandError(f"{target} is there already. Remove it, or name another directory with --directory.")
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    (target / "work").mkdir()
    moves = _moves(attempt, target, workspace)
    for place in moves.values():
        place.mkdir(parents=True, exist_ok=True)
    if str(workspace) in moves and workspace.is_dir():
        shutil.copytree(workspace, moves[str(workspace)], symlinks=True, dirs_exist_ok=True)
    component = attempt.component
    missing = []
    if component is not None:
        missing = _write_component(attempt, component, target, moves)
    else:
        _write_command(attempt, target, moves)
    _write(target / "README.txt", _readme(attempt, target, is_python=component is not None))
    return missing


def _moves(attempt: Attempt, target: Path, workspace: Path) -> dict[str, Path]:
    """Where what lies in a directory that the attempt was given lies now."""
    known = {
        str(workspace): target / "workspace",
        str(attempt.directory / "outputs"): target / "outputs" / "parameters",
    }
    return {parent: known.get(parent, target / "outputs" / "artifacts") for parent in attempt.parents}


def _write_component(
    attempt: Attempt, component: LightweightCommand, target: Path, moves: Mapping[str, Path]
) -> list[str]:
    options = dict(zip(attempt.command[4::2], attempt.command[5::2], strict=False))
    given = _moved(json.loads(options["--executor_input"]), moves)
    environment: JsonObject = {
        "python": attempt.python,
        "path": list(attempt.path),
        "variables": {**attempt.variables, **({} if component.is_first else {"_KFP_RUNTIME": "true"})},
        "lock": attempt.lock,
        "module": "kfp.components.executor_main" if component.is_first else "kfp.dsl.executor_main",
        "function": component.function,
    }
    _write(target / "component.py", component.source)
    _write(target / "executor_input.json", json.dumps(given, indent=2, ensure_ascii=False) + "\n")
    _write(target / "environment.json", json.dumps(environment, indent=2, ensure_ascii=False) + "\n")
    shutil.copyfile(_TEMPLATE, target / SCRIPT)
    return [path for path in _input_files(given) if not Path(path).exists()]


def _write_command(attempt: Attempt, target: Path, moves: Mapping[str, Path]) -> None:
    path = shlex.quote(":".join((*attempt.path, ""))) + '"$PATH"'
    variables = " ".join(shlex.quote(f"{name}={value}") for name, value in attempt.variables.items())
    words = " ".join(shlex.quote(_moved_text(word, moves)) for word in attempt.command)
    enter = f"cd {shlex.quote(str(target / 'work'))} || exit"
    _write(target / SHELL_SCRIPT, f"#!/bin/sh\n{enter}\nexec env -u VIRTUAL_ENV PATH={path} {variables} {words}\n")


def _readme(attempt: Attempt, target: Path, *, is_python: bool) -> str:
    how = (
        f"python3 {SCRIPT} runs component.py again and opens the debugger where it fails; with --plain it does not."
        if is_python
        else f"sh {SHELL_SCRIPT} runs its command line again."
    )
    return (
        f"{attempt.title}. It reads the real inputs and writes into {target / 'outputs'}.\n"
        f"{how}\n"
        f"What the attempt itself printed: {attempt.directory / LOG}\n"
    )


def _moved(value: JsonValue, moves: Mapping[str, Path]) -> Any:
    """*value* with every text that names a path in one of the moved directories changed."""
    if isinstance(value, dict):
        return {name: _moved(item, moves) for name, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, moves) for item in value]
    return _moved_text(value, moves) if isinstance(value, str) else value


def _moved_text(text: str, moves: Mapping[str, Path]) -> str:
    for old, new in sorted(moves.items(), key=lambda item: -len(item[0])):
        for write in (str, _as_in_json):
            place = write(str(new))
            text = re.sub(re.escape(write(old)) + _END_OF_PATH, lambda _, place=place: place, text)  # type: ignore[misc]
    return text


def _as_in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _input_files(executor_input: JsonObject) -> Iterable[str]:
    """Local paths of input artifacts."""
    inputs = executor_input.get("inputs")
    artifacts = inputs.get("artifacts") if isinstance(inputs, dict) else None
    for entry in artifacts.values() if isinstance(artifacts, dict) else ():
        listed = entry.get("artifacts") if isinstance(entry, dict) else None
        for artifact in listed if isinstance(listed, list) else ():
            uri = artifact.get("uri") if isinstance(artifact, dict) else None
            if isinstance(uri, str) and uri.startswith("/"):
                yield uri


def _texts(value: object) -> dict[str, str]:
    return {str(name): str(text) for name, text in value.items()} if isinstance(value, dict) else {}


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8", errors="surrogateescape", newline="")
