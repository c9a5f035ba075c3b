"""A zygote that has the SDK's executor in memory, and how a process forked from it becomes a task.

What a program can see is to be the same as after a cold start of the same command; ``tests/warm`` compares it. What
stays different is listed in ``docs/reference/warm-workers.md``.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import errno
import gc
import importlib
import io
import json
import os
import signal
import socket
import string
import sys
import threading
import time
import weakref
from collections.abc import Callable, Collection
from types import ModuleType

from pinnace.launcher import command, mark, records, zygote

MODULE = "kfp.dsl.executor_main"
PRELOAD_VARIABLE = "PINNACE_PRELOAD"
CONTROL_VARIABLE = "PINNACE_ZYGOTE"

_FIRST_STEPS = ("argparse", "gettext", "locale", "shutil")
"""What the SDK's entry point imports, directly or not, before the component's own code runs."""

_HOOK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hook")
_COMPONENT = "ephemeral_component"
_LETTERS = string.ascii_letters + string.digits
_CHARACTER_TYPE = "LC_CTYPE"
"""Python itself sets this variable when it starts in the C locale."""


def variables(environment: dict[str, str], control: int, preload: tuple[str, ...]) -> dict[str, str]:
    """The environment to start a zygote in, for tasks that have *environment* and maybe more."""
    search = environment.get("PYTHONPATH")
    return {
        **environment,
        "PYTHONPATH": _HOOK + (os.pathsep + search if search else ""),
        "_KFP_RUNTIME": "true",
        records.MARK_VARIABLE: mark.BLANK,
        CONTROL_VARIABLE: str(control),
        PRELOAD_VARIABLE: " ".join(preload),
    }


def serve(descriptor: int) -> None:
    """Import what tasks need, then fork until the server has gone. Returns in a process that is a task."""
    control = socket.socket(fileno=descriptor)
    preload = os.environ.pop(PRELOAD_VARIABLE, "").split()
    packages = {name.partition(".")[0] for name in preload}
    character_type = os.environ.get(_CHARACTER_TYPE)
    atexit.register(_leave_modules, is_last=not atexit._ncallbacks())  # noqa: SLF001 - nothing else says it
    try:
        for name in (MODULE, *_FIRST_STEPS):
            importlib.import_module(name)
    except Exception as error:
        control.sendall(zygote.FAILED + f"{type(error).__name__}: {error}\n".encode())
        os._exit(1)
    for name in preload:
        with contextlib.suppress(Exception):  # A task that needs it will see why it cannot be imported.
            importlib.import_module(name)
    _forget_module(MODULE)  # It is to be run as __main__, and Python warns if it was imported before.
    gc.collect()
    gc.freeze()  # What is here stays in pages that tasks share.
    frozen = dict(sys.modules)
    begun: list[records.Record] = []

    def start(task: records.Record, directory: str, log: int) -> command.Spawned:
        begun.append(task)
        return command.spawn(lambda: enter(task), directory, log)

    def enter(task: records.Record) -> None:
        _begin_anew()
        _enter(task, character_type)

    def enter_later() -> Callable[[str], None]:
        _begin_anew()
        _touch()
        return enter_now

    def enter_now(directory: str) -> None:
        task = records.read(directory, records.TASK)
        if task is None:
            raise FileNotFoundError(errno.ENOENT, "there is no readable record", records.TASK)
        mark.put(task["mark"])
        begun.append(task)
        _enter(task, character_type)

    def prepare() -> command.Spare | None:
        try:
            return command.Spare(enter_later)
        except OSError:  # No process to be had now: it is forked when it is needed.
            return None

    try:
        zygote.serve(control, start, prepare)
    except command.InTask:
        _frozen.update(frozen)
        _libraries.update({name for name in frozen if name.partition(".")[0] in packages})


def _enter(task: records.Record, character_type: str | None) -> None:
    """Become what a cold start of the task's program would be. Raises OSError."""
    os.environ.clear()
    os.environ.update(task["environment"])
    os.environ["PWD"] = os.getcwd()
    os.environ["_KFP_RUNTIME"] = "true"
    if character_type is not None:
        os.environ[_CHARACTER_TYPE] = character_type
    time.tzset()
    _say_when()
    path = _write_module(task["program"]["source"])
    sys.argv[1:] = ["--component_module_path", path, *task["program"]["arguments"]]
    if hasattr(sys, "orig_argv"):
        sys.orig_argv[:] = ["python3", "-m", MODULE, *sys.argv[1:]]


def _begin_anew() -> None:
    """What Python and modules have made of the process when they began, as far as the task does not matter."""
    _restore_signals()
    _reseed()
    main = ModuleType("__main__")  # The first one is frozen, and what it holds would never end.
    main.__dict__.update(vars(sys.modules["__main__"]))
    sys.modules["__main__"] = main
    thread = threading.main_thread()
    if hasattr(thread, "_set_native_id"):
        thread._set_native_id()  # noqa: SLF001 - Python sets it for threads only, and not for a process that was forked
    if "tempfile" in sys.modules:
        vars(sys.modules["tempfile"])["tempdir"] = None


def _say_when() -> None:
    logging = vars(sys.modules["logging"])
    if "_startTime" in logging:  # Seconds in older releases, nanoseconds in newer ones.
        logging["_startTime"] = time.time_ns() if isinstance(logging["_startTime"], int) else time.time()


def _touch() -> None:
    """Do what a task is about to do, so that the pages which that writes to are the process's own before it has to."""
    variables = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    json.loads(json.dumps({"variables": variables}))
    exec(compile(_SAMPLE, "sample", "exec"), {})  # noqa: S102 - our own


_SAMPLE = """
import json
def function(x: int, *, y: str = "") -> int:
    "Text."
    return [each for each in range(x)] or {y: str(x)}
class Kind(str):
    def method(self): return f"{self}"
function(3)
"""


def _write_module(source: str) -> str:
    """What the SDK's shell command does: ``mktemp -d``, and the source into it."""
    root = os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 - as mktemp does
    directory = os.path.join(root, "tmp." + "".join(_LETTERS[byte % len(_LETTERS)] for byte in os.urandom(10)))
    os.mkdir(directory, 0o700)
    path = os.path.join(directory, _COMPONENT + ".py")
    with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.write(source)
    return path


def _restore_signals() -> None:
    """As Python leaves them when it has started."""
    for name in ("SIGPIPE", "SIGXFSZ", "SIGXFZ"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _reseed() -> None:
    """Random states that would be the same in every task. The standard library's ``random`` sees to itself."""
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()
    process = sys.modules.get("multiprocessing.process")
    if process is not None:
        process.current_process().authkey = os.urandom(32)


def _forget_module(name: str) -> None:
    parent, _, child = name.rpartition(".")
    del sys.modules[name]
    delattr(sys.modules[parent], child)


_frozen: dict[str, ModuleType] = {}
_libraries: set[str] = set()
_HARMLESS_CALLBACKS = ("logging", "weakref", "_weakrefset", None)
"""Modules of what is called when something is deleted; None is that of methods of built-in types."""


def _leave_modules(*, is_last: bool) -> None:
    """At the end of a task, behind everything that the task itself has registered for its end.

    Python now empties all modules, object by object. For those that were in memory before the task that means to copy
    their pages, only to free them. They are left as they are where nobody can notice, and large libraries always. All
    others are kept up to where Python empties what still lives, since the collector does not see them. What they hold
    of the task's own may outlive that, so files are written out first.
    """
    hold = ctypes.pythonapi.Py_IncRef
    hold.argtypes, hold.restype = [ctypes.py_object], None
    leave: Collection[str] = _libraries if is_last else ()
    if is_last and _is_quiet():
        leave = _frozen.keys() - {"__main__", "builtins", "sys"}
    else:
        _flush_files()
    hold([module for name, module in _frozen.items() if name not in leave])
    for name in leave:
        module = sys.modules.pop(name, None)
        if module is not None:
            hold(module)
            hold(module.__dict__)


def _is_quiet() -> bool:
    """Whether nothing that has come into being in the task does anything when it is deleted."""
    standard = getattr(sys, "stdlib_module_names", ())  # Not in Python 3.9.
    for name in sys.modules.keys() - _frozen.keys():
        if name != _COMPONENT and (name.partition(".")[0] not in standard or name in ("_dbm", "_gdbm")):
            return False  # Extension modules may have objects that the collector does not know.
    things = gc.get_objects()
    if any("__del__" in vars(base) for kind in set(map(type, things)) for base in kind.__mro__):
        return False
    references = (thing.__callback__ for thing in things if issubclass(type(thing), weakref.ref))
    return all(call is None or getattr(call, "__module__", "") in _HARMLESS_CALLBACKS for call in references)


def _flush_files() -> None:
    for thing in gc.get_objects():
        if issubclass(type(thing), (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)):
            with contextlib.suppress(Exception):
                thing.flush()
