"""Runs the component of this directory again, as its task ran it, and opens the debugger where it fails.

Usage: python3 debug.py [--plain]

With --plain there is no debugger: the component ends as it did in the task. Any Python can start this file; it goes on
in the one of the task. Written by `pinnace debug`; keeps to what Python 3.8 understands.
"""

from __future__ import annotations

import fcntl
import json
import os
import pdb  # noqa: T100 - to debug is what this file is for
import runpy
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn

HERE = Path(__file__).absolute().parent
COMPONENT = str(HERE / "component.py")
INSIDE = "--inside"
PLAIN = "--plain"


def main(options: list[str]) -> None:
    """Run the component; see the module's text."""
    environment = read("environment.json")
    if INSIDE not in options:
        enter(environment, options)
    try:
        run(environment)
    except SystemExit as error:
        if error.code not in {None, 0} and PLAIN not in options:
            examine(frames_of(error))
        raise
    except Exception as error:
        frames = frames_of(error)
        traceback.print_exception(type(error), error, frames[0] if frames else None)
        if PLAIN not in options:
            examine(frames)
        sys.exit(1)
    sys.stdout.write(f"The component has ended without an error. Its outputs are in {HERE / 'outputs'}.\n")


def read(name: str) -> Any:
    """A JSON file of this directory."""
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def enter(environment: dict[str, Any], options: list[str]) -> NoReturn:
    """Start this file again in the environment of the task."""
    python = environment["python"]
    if not os.access(python, os.X_OK):
        sys.exit(f"{python}, which the task ran with, is no longer there. Run the pipeline again, then debug that run.")
    variables = dict(os.environ)
    variables.pop("VIRTUAL_ENV", None)
    variables["PATH"] = os.pathsep.join([*environment["path"], variables.get("PATH") or os.defpath])
    variables.update(environment["variables"])
    os.chdir(HERE / "work")
    os.execve(python, [python, str(HERE / "debug.py"), INSIDE, *options], variables)  # noqa: S606


def run(environment: dict[str, Any]) -> None:
    """What the task's command does."""
    if environment["lock"]:
        fcntl.flock(os.open(environment["lock"], os.O_RDONLY), fcntl.LOCK_SH)  # Keeps the environment until the end.
    sys.path[0] = str(Path.cwd())  # Where `python3 -m` looks first.
    executor_input = json.dumps(read("executor_input.json"))
    sys.argv[1:] = ["--component_module_path", COMPONENT, "--executor_input", executor_input]
    sys.argv += ["--function_to_execute", environment["function"]]
    runpy.run_module(environment["module"], run_name="__main__", alter_sys=True)


def frames_of(error: BaseException) -> list[TracebackType]:
    """The traceback, from the SDK's executor on."""
    found: list[TracebackType] = []
    step = error.__traceback__
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        if found or not (Path(file).name == "debug.py" or "runpy" in file):
            found.append(step)
        step = step.tb_next
    return found


def examine(frames: list[TracebackType]) -> None:
    """Open the debugger at the last line of component.py that was reached."""
    if not frames:
        return
    own = [place for place, step in enumerate(frames) if step.tb_frame.f_code.co_filename == COMPONENT]
    debugger = pdb.Pdb()
    debugger.reset()
    if own and own[-1] < len(frames) - 1:
        debugger.cmdqueue.append(f"up {len(frames) - 1 - own[-1]}")
    debugger.interaction(None, frames[0])


if __name__ == "__main__":
    main(sys.argv[1:])
