"""Recognises the commands that KFP's SDK writes for lightweight Python components, and takes them apart.

Templates of SDK 2.0 to 2.17 (``kfp/dsl/component_factory.py``), recorded by ``tools/record_sdk_commands.py``. What
differs from them in anything but white space is not touched: the caller runs it as it stands.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

_PREAMBLE: Final = re.compile(
    r"\s*if ! \[ -x \"\$\(command -v pip\)\" \]; then\s+"
    r"python3 -m ensurepip \|\| python3 -m ensurepip --user \|\| apt-get install python3-pip\s+fi\s+"
    r"PIP_DISABLE_PIP_VERSION_CHECK=1\s+(?P<installs>.*) && \"\$0\" \"\$@\"\s*\Z",
    re.DOTALL,
)
_VENV: Final = (
    r"export PIP_DISABLE_PIP_VERSION_CHECK=1\s+tmp=\$\(mktemp -d\)\s+"
    r"python3 -m venv \"\$tmp/venv\" --system-site-packages\s+\. \"\$tmp/venv/bin/activate\"\s+"
)
_INSTALL: Final = re.compile(
    rf"\s*(?:{_VENV})?python3 -m pip install --quiet\s+--no-warn-script-location"
    r"(?P<options>(?:\s+--(?:index-url|extra-index-url|trusted-host)\s+[^\s'\"$`;&|<>()\\*?]+)*)"
    r"(?P<packages>(?:\s+(?:'[^'\\]*'|\"[^\"\\$`]*\"))+)\s*\Z"
)
_OPTION: Final = re.compile(r"--(\S+)\s+(\S+)")
_PACKAGE: Final = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_PROGRAM: Final = re.compile(
    r"program_path=\$\(mktemp -d\)\s+"
    r"printf \"%s\" \"\$0\" > \"\$program_path/ephemeral_component\.py\"\s+"
    r"(?:_KFP_RUNTIME=true python3 -m kfp\.dsl|python3 -m kfp\.components)\.executor_main\s+"
    r"--component_module_path\s+\"\$program_path/ephemeral_component\.py\"\s+\"\$@\"\s*\Z"
)
_SDK_PIN: Final = re.compile(r"kfp==[^\s,;]+")
_OLD_MODULE: Final = "kfp.components.executor_main"
_MODULE: Final = "kfp.dsl.executor_main"
_WITHOUT_DEPENDENCIES: Final = ["--no-deps", 'typing-extensions>=3.7.4,<5; python_version<"3.9"']


@dataclass(frozen=True, slots=True)
class LightweightCommand:
    """A lightweight component's command, taken apart.

    Attributes:
        command: The command line without the installation of packages.
        source: The component's Python source.
        function: The function in it that is called.
        requirements: Packages that the component declares, in pip's syntax.
        kfp_requirements: What the SDK adds for itself: the pin of its own version. A version or a place of it that the
            user names is among the requirements.
        index_urls: Package indexes, the main one first.
        trusted_hosts: Hosts that are trusted without TLS.
        is_first: Whether SDK 2.0 wrote it, which runs components with a module of another name.
    """

    command: tuple[str, ...]
    source: str
    function: str
    requirements: tuple[str, ...] = ()
    kfp_requirements: tuple[str, ...] = ()
    index_urls: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    is_first: bool = False

    def for_later_sdk(self) -> "LightweightCommand":
        """The same command for an SDK from 2.1 on, where the module that runs a component has another name."""
        shell, option, program, *rest = self.command
        return replace(self, command=(shell, option, program.replace(_OLD_MODULE, _MODULE), *rest), is_first=False)


def split_command(command: Sequence[str], args: Sequence[str]) -> LightweightCommand | None:
    """Take apart a container's command, or return None where it is not exactly one that the SDK writes.

    The virtual environment that ``use_venv`` makes is taken out as well: the packages are declared, and whoever runs
    the command gives it an environment that has them.
    """
    match tuple(command):
        case ("sh", "-c", preamble, "sh", "-ec", program, source):
            is_first = _OLD_MODULE in program
            installs = _installs(preamble, is_first=is_first)
        case ("sh", "-ec", program, source):
            is_first = _OLD_MODULE in program
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
        command=("sh", "-ec", program, source, *args),
        source=source,
        function=function,
        requirements=installs.requirements,
        kfp_requirements=installs.kfp_requirements,
        index_urls=installs.index_urls,
        trusted_hosts=installs.trusted_hosts,
        is_first=is_first,
    )


@dataclass(frozen=True, slots=True)
class _Installs:
    requirements: tuple[str, ...]
    kfp_requirements: tuple[str, ...]
    index_urls: tuple[str, ...]
    trusted_hosts: tuple[str, ...]


def _installs(preamble: str, *, is_first: bool) -> _Installs | None:
    whole = _PREAMBLE.match(preamble)
    if whole is None:
        return None
    requirements: list[str] = []
    kfp_requirements: list[str] = []
    options: list[tuple[str, str]] = []
    for text in whole["installs"].split(" && "):
        found = _INSTALL.match(text)
        if found is None:
            return None
        words = [single or double for single, double in _PACKAGE.findall(found["packages"])]
        own = _own_words(words, is_first=is_first)
        packages = words[: len(words) - own]
        if any(not package or package.startswith("-") for package in packages):
            return None
        requirements += packages
        kfp_requirements += [word for word in words[len(packages) :] if not word.startswith("-")]
        options += _OPTION.findall(found["options"])
    return _Installs(
        tuple(requirements),
        tuple(kfp_requirements),
        _values(options, "index-url", "extra-index-url"),
        _values(options, "trusted-host"),
    )


def _own_words(words: list[str], *, is_first: bool) -> int:
    """How many words at the end of an installation the SDK has added for itself."""
    pin = words[:-2] if words[-2:] == _WITHOUT_DEPENDENCIES else words if is_first else []
    return len(words) - len(pin) + 1 if pin and _SDK_PIN.fullmatch(pin[-1]) else 0


def _values(options: list[tuple[str, str]], *names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for name, value in options if name in names))
