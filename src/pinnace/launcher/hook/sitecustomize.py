"""What Python runs in a task before the task's own program: it is put first on PYTHONPATH for that.

Where a zygote is wanted, a starting ``python3 -m kfp.dsl.executor_main`` stops here, waits and forks. In a process that
is a task the wait ends, and Python goes on as if it had been started for that task alone: ``__main__``, ``sys.argv``,
the stack and the end of the interpreter are its own. Elsewhere an argument that was too long for the system is given
back to ``sys.argv``; see ``pinnace.launcher.arguments``.
"""

import importlib
import os
import sys

_CONTROL = "PINNACE_ZYGOTE"
_LONG_ARGUMENT = "pinnace-long-argument:"
_OWN = os.path.dirname(os.path.abspath(__file__))
_PACKAGE = os.path.dirname(os.path.dirname(_OWN))


def _wait_for_task() -> None:
    package = type(sys)("pinnace")  # Only the launcher is to be found, also where another release is installed.
    package.__path__ = [_PACKAGE]
    sys.modules["pinnace"] = package
    start = os.getcwd()
    try:
        importlib.import_module("pinnace.launcher.program").serve(int(os.environ.pop(_CONTROL)))
    except Exception:
        os._exit(1)  # Python would go on and run the module, which is nobody's task.
    for name in [name for name in sys.modules if name.partition(".")[0] == "pinnace"]:
        del sys.modules[name]
    _move_search_path(start)


def _move_search_path(start: str) -> None:
    """Have what is relative on PYTHONPATH mean the task's directory instead of *start*."""
    for part in os.environ.get("PYTHONPATH", "").split(os.pathsep):
        place = os.path.normpath(os.path.join(start, part))
        if not os.path.isabs(part) and place in sys.path:
            sys.path[sys.path.index(place)] = os.path.abspath(part)


def _restore_arguments() -> None:
    for words in (sys.argv, getattr(sys, "orig_argv", [])):
        for position, word in enumerate(words):
            if word.startswith(_LONG_ARGUMENT):
                with open(word[len(_LONG_ARGUMENT) :], "rb") as file:
                    words[position] = os.fsdecode(file.read())
    first, _, rest = os.environ.get("PYTHONPATH", "").partition(os.pathsep)
    if first != _OWN:
        return
    if rest:
        os.environ["PYTHONPATH"] = rest
    else:
        os.environ.pop("PYTHONPATH", None)


def _step_aside() -> None:
    """Leave no trace, and let a ``sitecustomize`` of the user's own have its turn."""
    sys.path[:] = [part for part in sys.path if part != _OWN]
    for place in [place for place in sys.path_importer_cache if place == _OWN or _OWN.startswith(place + os.sep)]:
        if place not in sys.path:
            del sys.path_importer_cache[place]
    own = sys.modules.pop("sitecustomize")
    try:
        __import__("sitecustomize")
    except ImportError as error:
        sys.modules["sitecustomize"] = own
        if error.name != "sitecustomize":
            raise
        raise ImportError("there is none", name="sitecustomize") from None  # Python takes that as what it is.


if _CONTROL in os.environ:
    _wait_for_task()
else:
    _restore_arguments()
_step_aside()
