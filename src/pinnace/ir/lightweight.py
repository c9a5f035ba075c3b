"""Recognises the commands that KFP's SDK writes for lightweight Python components, and takes them apart.

Templates of SDK 2.0 to 2.17 (``kfp/dsl/component_factory.py``). What differs from them in anything but white space is
not touched: the caller runs it as it stands.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_PREAMBLE: Final = re.compile(
    r"\s*if ! \[ -x \"\$\(command -v pip\)\" \]; then\s+"
    r"(?:python3 -m ensurepip \|\| python3 -m ensurepip --user \|\| )?apt-get install python3-pip\s+fi\s+"
    r"PIP_DISABLE_PIP_VERSION_CHECK=1\s+(?P<installs>python3 -m pip install .*) && \"\$0\" \"\$@\"\s*\Z",
    re.DOTALL,
)
_VENV: Final = re.compile(
    r"\s*export PIP_DISABLE_PIP_VERSION_CHECK=1\s+tmp=\$\(mktemp -d\)\s+"
    r"python3 -m venv \"\$tmp/venv\" --system-site-packages\s+\. \"\$tmp/venv/bin/activate\"\s+"
)
_INSTALL: Final = re.compile(
    r"\s*python3 -m pip install --quiet\s+--no-warn-script-location"
    r"(?P<options>(?:\s+--(?:index-url|extra-index-url|trusted-host)\s+[^\s'\"$`;&|<>()\\*?]+)*)"
    r"(?P<packages>(?:\s+(?:'[^'\\]*'|\"[^\"\\$`]*\"))+)\s*\Z"
)
_OPTION: Final = re.compile(r"--(\S+)\s+(\S+)")
_PACKAGE: Final = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_PROGRAM: Final = re.compile(
    r"program_path=\$\(mktemp -d\)\s+"
    r"printf \"%s\" \"\$0\" > \"\$program_path/ephemeral_component\.py\"\s+"
    r"(?:_KFP_RUNTIME=true )?python3 -m kfp\.(?:dsl|components)\.executor_main\s+"
    r"--component_module_path\s+\"\$program_path/ephemeral_component\.py\"\s+\"\$@\"\s*\Z"
)
_KFP: Final = re.compile(r"kfp(?:\[[\w,]*\])?\s*(?:==|@|\Z)")
_OLD_MODULE: Final = "kfp.components.executor_main"
_MODULE: Final = "kfp.dsl.executor_main"
_NO_DEPS: Final = "--no-deps"
_TYPING: Final = "typing-extensions>=3.7.4,<5; python_version<"


@dataclass(frozen=True, slots=True)
class LightweightCommand:
    """A lightweight component's command, taken apart.

    Attributes:
        command: The command line without the installation of packages. The module that SDK 2.0 ran the component with
            is replaced by its present name.
        source: The component's Python source.
        function: The function in it that is called.
        requirements: Packages that the component declares, in pip's syntax.
        kfp_requirements: What the SDK adds for itself, installed without dependencies: its own pin, as a rule.
        index_urls: Package indexes, the main one first.
        trusted_hosts: Hosts that are trusted without TLS.
    """

    command: tuple[str, ...]
    source: str
    function: str
    requirements: tuple[str, ...] = ()
    kfp_requirements: tuple[str, ...] = ()
    index_urls: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()


def split_command(command: Sequence[str], args: Sequence[str]) -> LightweightCommand | None:
    """Take apart a container's command, or return None where it is not exactly one that the SDK writes.

    The virtual environment that ``use_venv`` makes is taken out as well: the packages are declared, and whoever runs
    the command gives it an environment that has them.
    """
    match tuple(command):
        case ("sh", "-c", preamble, "sh", "-ec", program, source):
            installs = _installs(preamble)
        case ("sh", "-ec", program, source):
            installs = _Installs((), (), (), ())
        case _:
            return None
    match tuple(args):
        case ("--executor_input", _, "--function_to_execute", function):
            pass
        case _:
            return None
    if installs is None or not _PROGRAM.match(program):
        return None
    return LightweightCommand(
        command=("sh", "-ec", program.replace(_OLD_MODULE, _MODULE), source, *args),
        source=source,
        function=function,
        requirements=installs.requirements,
        kfp_requirements=installs.kfp_requirements,
        index_urls=installs.index_urls,
        trusted_hosts=installs.trusted_hosts,
    )


@dataclass(frozen=True, slots=True)
class _Installs:
    requirements: tuple[str, ...]
    kfp_requirements: tuple[str, ...]
    index_urls: tuple[str, ...]
    trusted_hosts: tuple[str, ...]


def _installs(preamble: str) -> _Installs | None:
    whole = _PREAMBLE.match(_VENV.sub(" ", preamble, count=1))
    if whole is None:
        return None
    requirements: list[str] = []
    kfp_requirements: list[str] = []
    options: list[tuple[str, str]] = []
    for text in whole["installs"].split(" && "):
        found = _INSTALL.match(text)
        if found is None:
            return None
        packages = [single or double for single, double in _PACKAGE.findall(found["packages"])]
        without_dependencies = _NO_DEPS in packages
        for package in packages:
            if package == _NO_DEPS:
                continue
            if not package or package.startswith("-"):
                return None
            own = without_dependencies or bool(_KFP.match(package)) or package.startswith(_TYPING)
            (kfp_requirements if own else requirements).append(package)
        options += _OPTION.findall(found["options"])
    return _Installs(
        tuple(requirements),
        tuple(kfp_requirements),
        _values(options, "index-url", "extra-index-url"),
        _values(options, "trusted-host"),
    )


def _values(options: list[tuple[str, str]], *names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for name, value in options if name in names))
