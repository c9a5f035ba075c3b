"""What variables of a task change, and what it finds on its own search path."""

from typing import Any

from tests.warm.bench import Probe


def language() -> dict[str, Any]:
    import locale
    import os
    import sys

    names = [name for name in dir(locale) if name.startswith("LC_")]
    return {
        "same": {
            "categories": {name: locale.setlocale(getattr(locale, name)) for name in names},
            "locale": locale.getlocale(),
            "preferred": [locale.getpreferredencoding(False), sys.getfilesystemencoding(), sys.flags.utf8_mode],
            "variables": {name: text for name, text in os.environ.items() if name.startswith(("LC_", "LANG"))},
            "number": f"{12345.5:n}",
            "streams": [sys.stdin.encoding, sys.stdout.encoding, sys.stdout.errors, sys.stderr.encoding],
            "file": open(os.devnull).encoding,
        }
    }


def zone() -> dict[str, Any]:
    import datetime as dt
    import os
    import time

    moment = dt.datetime.fromtimestamp(86400 * 180, dt.UTC)
    return {
        "same": {
            "names": time.tzname,
            "seconds": [time.timezone, time.altzone, time.daylight],
            "fields": list(time.localtime(86400 * 180)),
            "moment": str(moment.astimezone()),
            "date": os.popen("date -d @0 +%Z%z 2>/dev/null").read(),
        }
    }


def search() -> dict[str, Any]:
    import os
    import sys

    found: dict[str, Any] = {"path": sys.path, "variable": os.environ.get("PYTHONPATH")}
    for name in ("sitecustomize", "usercustomize", "command", "zygote", "records", "pinnace"):
        try:
            module = __import__(name)
            found[name] = [str(module.__file__), module.__name__, str(module.__spec__ and module.__spec__.origin)]
        except ImportError as error:
            found[name] = [repr(error)]
    found["customized"] = list(getattr(sys, "customized", []))
    return {"same": found, "fresh": {"customized in": getattr(sys, "customized_in", os.getpid())}}


def own_package() -> dict[str, Any]:
    import sys

    loaded = [name for name in sys.modules if name.partition(".")[0] in {"pinnace", "sitecustomize"}]
    import pinnace
    import pinnace.launcher.program

    return {"same": [loaded, pinnace.__file__, pinnace.__version__, pinnace.launcher.program.__file__]}


def home() -> dict[str, Any]:
    import os
    import pathlib
    import site
    import sys

    return {"same": [os.path.expanduser("~/x"), str(pathlib.Path.home()), site.USER_SITE, site.USER_BASE, sys.path]}


def modes() -> dict[str, Any]:
    import faulthandler
    import sys
    import tracemalloc
    import warnings

    try:
        assert not sys.path
        asserts = False
    except AssertionError:
        asserts = True
    return {
        "same": {
            "flags": repr(sys.flags),
            "options": [sys.warnoptions, repr(sys._xoptions)],
            "asserts": asserts,
            "filters": [repr(each) for each in warnings.filters],
            "faulthandler": faulthandler.is_enabled(),
            "tracemalloc": [tracemalloc.is_tracing(), tracemalloc.get_traceback_limit()],
            "utf8": [sys.flags.utf8_mode, sys.stdout.encoding, sys.stdout.errors, sys.getfilesystemencoding()],
            "bytecode": sys.dont_write_bytecode,
            "paths": [sys.path, sys.pycache_prefix],
        }
    }


def _named(function: Any, name: str, **environment: str) -> Probe:
    return _Named(function, (), environment, label=name)


class _Named(Probe):
    """The same component under settings that have a name."""

    def __init__(self, *arguments: Any, label: str) -> None:
        super().__init__(*arguments)
        object.__setattr__(self, "_label", label)

    @property
    def name(self) -> str:
        return str(self._label)  # type: ignore[attr-defined]


PROBES = [
    _named(language, "language_of_the_server"),
    _named(language, "language_c", LANG="C"),
    _named(language, "language_c_for_all", LC_ALL="C"),
    _named(language, "language_posix", LANG="POSIX", LC_CTYPE="POSIX"),
    _named(language, "language_utf8", LANG="C.UTF-8", LC_NUMERIC="C"),
    _named(language, "language_unknown", LANG="xx_YY.UTF-8"),
    _named(language, "language_without_utf8_mode", LANG="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"),
    _named(zone, "zone_of_the_machine"),
    _named(zone, "zone_tokyo", TZ="Asia/Tokyo"),
    _named(zone, "zone_rule", TZ="EST5EDT,M3.2.0,M11.1.0"),
    _named(zone, "zone_empty", TZ=""),
    _named(search, "search_path_of_the_server"),
    _named(search, "search_path_of_the_task", PYTHONPATH="{shared}/modules"),
    _named(search, "search_path_of_two_and_nothing", PYTHONPATH="{shared}/modules::{shared}/none"),
    _named(search, "search_path_empty", PYTHONPATH=""),
    _named(search, "customization_that_fails", PYTHONPATH="{shared}/failing"),
    _named(search, "customization_that_misses_a_module", PYTHONPATH="{shared}/missing"),
    _named(search, "customization_that_looks_around", PYTHONPATH="{shared}/curious"),
    _named(own_package, "own_package"),
    _named(home, "home", HOME="{shared}/home"),
    _named(modes, "modes_of_the_server"),
    _named(modes, "warnings_are_errors", PYTHONWARNINGS="error"),
    _named(modes, "warnings_by_module", PYTHONWARNINGS="ignore:an old thing,default::DeprecationWarning"),
    _named(modes, "utf8_off", PYTHONUTF8="0"),
    _named(modes, "utf8_on", PYTHONUTF8="1"),
    _named(modes, "encoding_of_streams", PYTHONIOENCODING="latin-1:replace"),
    _named(modes, "optimized", PYTHONOPTIMIZE="2"),
    _named(modes, "development", PYTHONDEVMODE="1"),
    _named(modes, "traced_memory", PYTHONTRACEMALLOC="3", PYTHONFAULTHANDLER="1"),
    _named(modes, "no_bytecode", PYTHONDONTWRITEBYTECODE="1", PYTHONNOUSERSITE="1"),
    _named(modes, "bytecode_elsewhere", PYTHONPYCACHEPREFIX="{shared}/bytecode"),
]
