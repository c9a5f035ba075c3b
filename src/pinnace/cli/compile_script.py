"""Compiles a pipeline of a Python file. Run as a script by the user's own Python: standard library and kfp only.

Usage: compile_script.py FILE OUTPUT REPORT [FUNCTION]

Writes the compiled pipeline to OUTPUT and a JSON object to REPORT: ``{"function": NAME}``, or ``{"error": KIND, …}``
with one of the kinds ``no-kfp``, ``import``, ``none``, ``several``, ``unknown`` and ``compile``. Keeps to what
Python 3.9 understands, since kfp does.
"""

import importlib.util
import json
import sys
import traceback
from pathlib import Path
from types import ModuleType

SCRIPT = "pinnace_pipeline_file"
"""The name of the user's file as a module. Not its own name, which could be that of an installed package."""


def compile_file(path: Path, output: str, wanted: str) -> dict[str, object]:
    """Compile the pipeline or component *wanted* of a file, or the only one."""
    try:
        from kfp import compiler
        from kfp.dsl.base_component import BaseComponent
        from kfp.dsl.graph_component import GraphComponent
    except ImportError as error:
        return {"error": "no-kfp", "message": str(error), "python": sys.executable}
    try:
        module = load(path)
    except SystemExit as error:
        return {"error": "import", "message": f"the file ends the program (exit code {error.code}) when it is imported"}
    except Exception as error:
        return {"error": "import", "message": describe(error, path)}
    named = {name: value for name, value in vars(module).items() if isinstance(value, BaseComponent)}
    own = {name: value for name, value in named.items() if defined_in(value, module)}
    pipelines = [name for name, value in own.items() if isinstance(value, GraphComponent)]
    candidates = pipelines or list(own)
    if wanted and wanted not in named:
        return {"error": "unknown", "names": candidates}
    if not wanted and len(candidates) != 1:
        return {"error": "several" if candidates else "none", "names": candidates}
    name = wanted or candidates[0]
    try:
        compiler.Compiler().compile(named[name], output)
    except Exception as error:
        return {"error": "compile", "message": describe(error, path)}
    return {"function": name}


def load(path: Path) -> ModuleType:
    """Import the user's file."""
    specification = importlib.util.spec_from_file_location(SCRIPT, str(path))
    if specification is None or specification.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(specification)
    sys.modules[SCRIPT] = module
    specification.loader.exec_module(module)
    return module


def defined_in(component: object, module: ModuleType) -> bool:
    """Whether a component stands in the user's file itself and is not imported into it."""
    function = getattr(component, "pipeline_func", None) or getattr(component, "python_func", None)
    return function is None or function.__module__ == module.__name__


def describe(error: BaseException, path: Path) -> str:
    """The error with the last line of the user's file that led to it."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return f"line {error.lineno}: {type(error).__name__}: {error.msg}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f"line {lines[-1]}: {text}" if lines else text


def main(arguments: list[str]) -> None:
    """See the module."""
    path = Path(arguments[0]).resolve()
    # The directory of this script must not be searched for the user's imports; that of the user's file must.
    sys.path[0] = str(path.parent)
    answer = compile_file(path, arguments[1], arguments[3] if len(arguments) > 3 else "")
    Path(arguments[2]).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
