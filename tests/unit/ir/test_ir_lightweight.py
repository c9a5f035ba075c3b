"""Every command in ``sdk_commands`` was written by a release of the SDK (``tools/record_sdk_commands.py``)."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from pinnace.ir.lightweight import LightweightCommand, split_command

MINORS = [f"2.{number}" for number in range(18)]
FOLDER = Path(__file__).parent / "sdk_commands"
TYPING = 'typing-extensions>=3.7.4,<5; python_version<"3.9"'
INDEXES = ("https://one.example.org/simple", "https://two.example.org/simple")
PULL_REQUEST = "git+https://github.com/kubeflow/pipelines.git@refs/pull/1/merge#subdirectory=sdk/python"

PROGRAM = (
    "program_path=$(mktemp -d)\n\n"
    'printf "%s" "$0" > "$program_path/ephemeral_component.py"\n'
    "_KFP_RUNTIME=true python3 -m kfp.dsl.executor_main   --component_module_path   "
    '"$program_path/ephemeral_component.py"   "$@"\n'
)
ARGS = ("--executor_input", "{{$}}", "--function_to_execute", "work")


@dataclass(frozen=True)
class Declared:
    """What a component of the recording tool declares. ``pinned``: the SDK adds its own version."""

    requirements: tuple[str, ...] = ()
    pinned: bool = True
    index_urls: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()


TAKEN_APART = {
    "plain": Declared(),
    "image": Declared(),
    "packages": Declared(
        (
            "pandas>=2,<3",
            "scikit-learn[alldeps]==1.4.0",
            "numpy; python_version>'3.8'",
            'scipy; python_version>"3.8"',
            "one @ https://example.org/one-1.0-py3-none-any.whl",
            "git+https://example.org/two.git@main#egg=two",
            "https://example.org/three-1.0.tar.gz?a=1&b=2",
        )
    ),
    "own kfp": Declared(("kfp==2.7.0", "pandas"), pinned=False),
    "kfp-kubernetes": Declared(("kfp-kubernetes",), pinned=False),
    "no kfp": Declared(pinned=False),
    "no kfp, packages": Declared(("pandas",), pinned=False),
    "kfp from a file": Declared(("https://example.org/kfp-2.0.0-py3-none-any.whl",), pinned=False),
    "kfp from a pull request": Declared((PULL_REQUEST,), pinned=False),
    "kfp from a directory": Declared(("/",), pinned=False),
    "one index": Declared(("pandas",), index_urls=INDEXES[:1], trusted_hosts=INDEXES[:1]),
    "two indexes": Declared(("pandas",), index_urls=INDEXES, trusted_hosts=INDEXES),
    "trusted hosts": Declared(
        ("pandas",), index_urls=INDEXES, trusted_hosts=("one.example.org", "two.example.org:8443")
    ),
    "no trusted hosts": Declared(("pandas",), index_urls=INDEXES),
    "use_venv": Declared(),
    "use_venv, packages": Declared(("pandas",)),
    "use_venv, no kfp": Declared(("pandas",), pinned=False),
    "use_venv, index": Declared(("pandas",), index_urls=INDEXES[:1], trusted_hosts=INDEXES[:1]),
    "additional_funcs": Declared(),
    "embedded artifact": Declared(),
    "notebook": Declared(("nbclient>=0.10,<1", "ipykernel>=6,<7", "jupyter_client>=7,<9")),
}

_NO_DEPS = "its --no-deps cannot be told from one that the user asks for"
RUNS_AS_IT_IS = {
    "both quotes": (MINORS, "the SDK quotes as Python does, and the shell reads another text, or none"),
    "an option": (
        MINORS,
        "an option of pip holds for the whole installation, not for an environment that others share",
    ),
    "target_image": (MINORS, "the component's code is in its image, not in the command"),
    "target_image, packages": (MINORS, "the component's code is in its image, not in the command"),
    "kfp from a pull request": (["2.17"], _NO_DEPS),
    "kfp from a directory": (["2.17"], _NO_DEPS),
}
"""Variants that are left alone, in which SDKs, and why."""

SINCE = {
    "trusted hosts": 9,
    "no trusted hosts": 9,
    "use_venv": 10,
    "use_venv, packages": 10,
    "use_venv, no kfp": 10,
    "use_venv, index": 10,
    "additional_funcs": 15,
    "embedded artifact": 15,
    "notebook": 15,
}
"""The first minor version that knows a variant."""


@dataclass(frozen=True)
class Recorded:
    """A command as an SDK wrote it."""

    sdk: str
    command: tuple[str, ...]
    args: tuple[str, ...]

    def split(self) -> LightweightCommand | None:
        return split_command(self.command, self.args)


def recorded(minor: str) -> dict[str, Recorded]:
    document = json.loads((FOLDER / f"{minor}.json").read_text())

    def command(words: list[str | int]) -> tuple[str, ...]:
        return tuple(document["texts"][word] if isinstance(word, int) else word for word in words)

    return {
        name: Recorded(document["sdk"], command(container["command"]), tuple(container["args"]))
        for name, container in document["components"].items()
    }


def is_left_alone(minor: str, name: str) -> bool:
    return minor in RUNS_AS_IT_IS.get(name, ((), ""))[0]


def test_every_minor_version_and_every_variant_is_recorded() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(MINORS)
    for number, minor in enumerate(MINORS):
        found = recorded(minor)
        known = {name for name in (*TAKEN_APART, *RUNS_AS_IT_IS) if SINCE.get(name, 0) <= number}
        assert set(found) == known
        assert {item.sdk.rpartition(".")[0] for item in found.values()} == {minor}


@pytest.mark.parametrize("minor", MINORS)
def test_commands_of_the_sdk_are_taken_apart(minor: str) -> None:
    for name, item in recorded(minor).items():
        found = item.split()
        if is_left_alone(minor, name):
            assert found is None, name
            continue
        assert found is not None, name
        assert found.command == (*item.command[-4:], *item.args)
        assert found.function == "work"
        assert found.source == item.command[-1]
        assert "def work(text: str)" in found.source
        declared = TAKEN_APART[name]
        assert found.requirements == declared.requirements, name
        assert found.index_urls == declared.index_urls
        assert found.trusted_hosts == declared.trusted_hosts
        assert found.kfp_requirements == pin(minor, item.sdk, declared), name


def pin(minor: str, sdk: str, declared: Declared) -> tuple[str, ...]:
    if minor == "2.0":
        # SDK 2.0 adds its pin to packages that only look like kfp, too.
        looks_like_kfp = any(item.startswith("kfp") for item in declared.requirements)
        return (f"kfp=={sdk}",) if declared.pinned or looks_like_kfp else ()
    return (f"kfp=={sdk}", TYPING) if declared.pinned else ()


@pytest.mark.parametrize("minor", MINORS)
def test_only_the_first_sdk_runs_a_module_of_another_name(minor: str) -> None:
    for item in recorded(minor).values():
        found = item.split()
        if found is None:
            continue
        assert found.is_first == (minor == "2.0")
        later = found.for_later_sdk()
        assert "python3 -m kfp.dsl.executor_main " in later.command[2]
        assert not later.is_first
        if not found.is_first:
            assert later == found
        else:
            restored = later.command[2].replace("kfp.dsl.executor_main", "kfp.components.executor_main")
            assert (*later.command[:2], restored, *later.command[3:]) == found.command


_WORD = re.compile(r"""'[^']*'|"[^"]*"|[^\s'"]+""")
_PACKAGE_OR_INDEX = re.compile(r"""['"][^$%]*\Z|https://""")


def near_misses(words: Sequence[str], at: int) -> Iterator[tuple[str, ...]]:
    """The command with one word of its shell text at *at* changed or missing, packages and indexes left alone."""
    text = words[at]
    for found in _WORD.finditer(text):
        if _PACKAGE_OR_INDEX.match(found[0]):
            continue
        for other in (found[0] + "x", "x" + found[0], ""):
            yield (*words[:at], text[: found.start()] + other + text[found.end() :], *words[at + 1 :])


@pytest.mark.parametrize("minor", MINORS)
def test_one_other_word_and_it_runs_as_it_is(minor: str) -> None:
    tried = 0
    for name in ("plain", "packages", "two indexes", "no kfp", "use_venv, packages"):
        item = recorded(minor).get(name)
        if item is None:
            continue
        for at in range(2, len(item.command) - 1, 3):
            for near in near_misses(item.command, at):
                tried += 1
                assert split_command(near, item.args) is None, near[at]
        for at in (0, 1, len(item.command) - 3, len(item.command) - 4):
            near = (*item.command[:at], item.command[at] + "x", *item.command[at + 1 :])
            assert split_command(near, item.args) is None
    assert tried > 100


def test_feature_pipelines(compiled: Callable[[str], bytes]) -> None:
    from pinnace.ir.model import Container
    from pinnace.ir.parse import parse_pipeline

    components = parse_pipeline(compiled("assets")).components.values()
    commands = [item.implementation for item in components if isinstance(item.implementation, Container)]
    results = [split_command(item.command, item.args) for item in commands]
    assert all(results)
    assert any(result and "nbclient" in " ".join(result.requirements) for result in results)
    shells = [item.implementation for item in parse_pipeline(compiled("containers")).components.values()]
    taken = [split_command(item.command, item.args) for item in shells if isinstance(item, Container)]
    assert None in taken


def preamble(installs: str) -> str:
    return (
        '\nif ! [ -x "$(command -v pip)" ]; then\n'
        "    python3 -m ensurepip || python3 -m ensurepip --user || apt-get install python3-pip\nfi\n\n"
        f'PIP_DISABLE_PIP_VERSION_CHECK=1 {installs} && "$0" "$@"\n'
    )


def pip(words: str) -> str:
    return f"python3 -m pip install --quiet --no-warn-script-location {words}"


def split(installs: str) -> LightweightCommand | None:
    return split_command(("sh", "-c", preamble(installs), "sh", "-ec", PROGRAM, "source"), ARGS)


def test_packages_are_read() -> None:
    found = split(pip("'a' \"b; python_version<'3.9'\""))
    assert found is not None
    assert found.requirements == ("a", "b; python_version<'3.9'")


@pytest.mark.parametrize(
    "installs",
    [
        pip("'a'; rm -rf x"),
        pip("$(whoami)"),
        pip('"$HOME"'),
        pip("a"),
        pip("'-r' 'requirements.txt'"),
        pip("'--pre' 'a'"),
        pip("'a' '--no-deps'"),
        pip("'kfp==2.7.0' '--no-deps'"),
        pip("''"),
        pip("--find-links x 'a'"),
        pip("--index-url $URL 'a'"),
        pip("'a' && echo x"),
        "python3 -m pip install 'a'",
        "pip install 'a'",
        "",
    ],
)
def test_anything_else_in_the_preamble(installs: str) -> None:
    assert split(installs) is None


@pytest.mark.parametrize(
    ("command", "args"),
    [
        ((), ()),
        (("python3", "-m", "kfp.dsl.executor_main"), ARGS),
        (("sh", "-ec", PROGRAM + "echo x", "source"), ARGS),
        (("sh", "-ec", PROGRAM, "source", "more"), ARGS),
        (("sh", "-ec", PROGRAM, "source"), (*ARGS, "more")),
        (("sh", "-ec", PROGRAM, "source"), ()),
        (("bash", "-ec", PROGRAM, "source"), ARGS),
        (("sh", "-c", preamble(pip("'a'")) + "\necho x", "sh", "-ec", PROGRAM, "source"), ARGS),
    ],
)
def test_any_other_command(command: tuple[str, ...], args: tuple[str, ...]) -> None:
    assert split_command(command, args) is None
