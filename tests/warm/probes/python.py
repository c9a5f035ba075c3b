"""What a program sees of the interpreter that runs it."""

from typing import Any

from tests.warm.bench import probe


@probe()
def main_module() -> dict[str, Any]:
    import sys

    main = sys.modules["__main__"]
    spec = main.__spec__
    assert spec is not None
    return {
        "same": {
            "names": sorted(main.__dict__),
            "file": main.__file__,
            "package": main.__package__,
            "loader": type(main.__loader__).__name__,
            "builtins": type(main.__builtins__).__name__,
            "cached": main.__cached__,
            "spec": [spec.name, spec.origin, spec.parent, spec.has_location],
            "is module of SDK": sys.modules.get("kfp.dsl.executor_main") is main,
            "SDK knows it": hasattr(sys.modules["kfp.dsl"], "executor_main"),
        }
    }


@probe()
def interpreter() -> dict[str, Any]:
    import site
    import sys
    import sysconfig

    paths = ("executable", "_base_executable", "prefix", "base_prefix", "exec_prefix", "path", "pycache_prefix")
    modes = ("flags", "warnoptions", "_xoptions", "dont_write_bytecode", "version", "float_repr_style")
    return {
        "same": {
            "argv": sys.argv,
            "orig_argv": getattr(sys, "orig_argv", None),
            **{name: repr(getattr(sys, name)) for name in paths + modes},
            "sys": sorted(sys.__dict__),
            "builtins": sorted(sys.modules["builtins"].__dict__),
            "site": [site.ENABLE_USER_SITE, site.USER_SITE, site.USER_BASE, site.PREFIXES],
            "encodings": [sys.getdefaultencoding(), sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()],
            "paths": sysconfig.get_paths(),
        }
    }


@probe()
def limits_of_the_interpreter() -> dict[str, Any]:
    import faulthandler
    import gc
    import sys
    import tracemalloc

    names = ("getrecursionlimit", "getswitchinterval", "gettrace", "getprofile", "getdlopenflags")
    later = ("get_int_max_str_digits", "get_asyncgen_hooks", "get_coroutine_origin_tracking_depth")
    return {
        "same": {
            **{name: repr(getattr(sys, name)()) for name in names + later if hasattr(sys, name)},
            "collection": [gc.isenabled(), gc.get_threshold(), gc.get_debug(), len(gc.callbacks), len(gc.garbage)],
            "faulthandler": faulthandler.is_enabled(),
            "tracemalloc": tracemalloc.is_tracing(),
        }
    }


@probe()
def hooks() -> dict[str, Any]:
    import builtins
    import sys
    import threading

    return {
        "same": {
            "exceptions": sys.excepthook is sys.__excepthook__,
            "unraisable": sys.unraisablehook is sys.__unraisablehook__,
            "display": sys.displayhook is sys.__displayhook__,
            "breakpoint": sys.breakpointhook is sys.__breakpointhook__,
            "threads": repr(threading.excepthook),
            "import": repr(builtins.__import__),
            "open": repr(builtins.open),
            "input": repr(builtins.input),
        }
    }


@probe()
def imports() -> dict[str, Any]:
    import os
    import sys

    return {
        "same": {
            "finders": [getattr(each, "__name__", type(each).__name__) for each in sys.meta_path],
            "hooks": [getattr(each, "__qualname__", repr(each)) for each in sys.path_hooks],
            "caches": len([path for path in sys.path_importer_cache if "pinnace" in path.split(os.sep)]),
        },
    }


@probe()
def modules() -> dict[str, Any]:
    import sys

    return {"same": None, "seen": sorted(sys.modules)}


@probe(PYTHONHASHSEED="0")
def state_of_modules() -> dict[str, Any]:
    """Everything simple that modules hold: a setting that was changed, a cache that was filled, a list that grew."""
    import sys

    def value(item: Any) -> Any:
        if isinstance(item, (int, str, bytes, type(None))):
            return repr(item)
        if isinstance(item, (list, dict, set)):
            return f"{type(item).__name__} of {len(item)}"
        return type(item).__name__

    loaded = {name: module for name, module in list(sys.modules.items()) if name != "ephemeral_component"}
    return {
        "same": None,
        "seen": {
            name: {key: value(item) for key, item in list(vars(module).items())}
            for name, module in loaded.items()
            if hasattr(module, "__dict__")
        },
    }


@probe()
def stack() -> dict[str, Any]:
    import inspect

    return {"same": [[frame.filename, frame.lineno, frame.function, frame.code_context] for frame in inspect.stack()]}


@probe()
def own_source() -> dict[str, Any]:
    import inspect
    import os
    import sys

    module = sys.modules["ephemeral_component"]
    directory = os.path.dirname(str(module.__file__))
    listed = [
        [os.path.relpath(path, directory), oct(os.stat(path).st_mode)]
        for root, _, files in os.walk(directory)
        for path in [root, *(os.path.join(root, name) for name in files)]
    ]
    return {"same": {"text": inspect.getsource(own_source), "file": module.__file__, "listed": sorted(listed)}}  # type: ignore[arg-type]


@probe()
def logging_and_warnings() -> dict[str, Any]:
    import logging
    import os
    import time
    import warnings

    root = logging.getLogger()
    warnings.warn("an old thing", DeprecationWarning, stacklevel=1)
    warnings.warn("a strange thing", UserWarning, stacklevel=1)
    warnings.warn("a strange thing", UserWarning, stacklevel=1)
    logging.getLogger("one").info("to be seen")
    logging.getLogger("one").debug("not to be seen")
    with open("/proc/self/stat") as file:
        began = int(file.read().rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
    record = logging.LogRecord("name", 0, "", 0, "", (), None)
    early = record.relativeCreated / 1000 - (time.clock_gettime(time.CLOCK_BOOTTIME) - began)
    return {
        "same": {
            "clock began with the process": early < 1,
            "level": root.level,
            "handlers": [[repr(each), each.formatter and each.formatter._fmt] for each in root.handlers],
            "loggers": sorted(logging.Logger.manager.loggerDict),
            "last resort": repr(logging.lastResort),
            "raise": logging.raiseExceptions,
            "filters": [repr(each) for each in warnings.filters],
            "once": len(warnings.onceregistry),  # type: ignore[attr-defined]
            "show": warnings.showwarning.__qualname__,
        }
    }


@probe()
def streams() -> dict[str, Any]:
    import os
    import sys

    def shape(stream: Any) -> list[Any]:
        return [
            type(stream).__name__, stream.name, stream.mode, stream.encoding, stream.errors, stream.newlines,
            stream.line_buffering, stream.write_through, stream.fileno(), stream.isatty(), stream.closed,
            type(stream.buffer).__name__, type(getattr(stream.buffer, "raw", None)).__name__,
        ]  # fmt: skip

    return {
        "same": {
            "in": shape(sys.stdin),
            "out": shape(sys.stdout),
            "error": shape(sys.stderr),
            "originals": [sys.stdin is sys.__stdin__, sys.stdout is sys.__stdout__, sys.stderr is sys.__stderr__],
            "input": sys.stdin.read(),
            "flags": [os.get_inheritable(number) for number in range(3)],
        }
    }


PROBES = [
    main_module, interpreter, limits_of_the_interpreter, hooks, imports, modules, state_of_modules, stack, own_source,
    logging_and_warnings, streams,
]  # fmt: skip
