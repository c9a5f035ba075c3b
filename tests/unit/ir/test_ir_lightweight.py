import warnings
from collections.abc import Callable
from typing import Any

import pytest

from pinnace.ir.lightweight import LightweightCommand, split_command

PROGRAM = (
    "program_path=$(mktemp -d)\n\n"
    'printf "%s" "$0" > "$program_path/ephemeral_component.py"\n'
    "_KFP_RUNTIME=true python3 -m kfp.dsl.executor_main   --component_module_path   "
    '"$program_path/ephemeral_component.py"   "$@"\n'
)
ARGS = ("--executor_input", "{{$}}", "--function_to_execute", "work")


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


def work(text: str) -> str:
    return text


def installed(**options: Any) -> LightweightCommand | None:
    """What the installed SDK's component with these options is taken apart into."""
    from kfp import dsl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        container = dsl.component(work, **options).component_spec.implementation.container
    result = split_command(container.command, container.args)
    if result is not None:
        assert result.command == (*container.command[-4:], *container.args)
        assert result.function == "work"
        assert "def work(text: str)" in result.source
    return result


@pytest.mark.parametrize(
    ("options", "requirements", "indexes", "hosts"),
    [
        ({}, (), (), ()),
        (
            {"packages_to_install": ["pandas>=2,<3", "scikit-learn[x]==1.4; python_version>'3'"]},
            ("pandas>=2,<3", "scikit-learn[x]==1.4; python_version>'3'"),
            (),
            (),
        ),
        (
            {"packages_to_install": ["git+https://host/x.git@main#egg=x"]},
            ("git+https://host/x.git@main#egg=x",),
            (),
            (),
        ),
        (
            {
                "packages_to_install": ["a"],
                "pip_index_urls": ["https://one/simple", "https://two/simple"],
                "pip_trusted_hosts": ["one"],
            },
            ("a",),
            ("https://one/simple", "https://two/simple"),
            ("one",),
        ),
        (
            {"packages_to_install": ["a"], "pip_index_urls": ["https://one/simple"], "pip_trusted_hosts": []},
            ("a",),
            ("https://one/simple",),
            (),
        ),
        (
            {"packages_to_install": ["kfp-kubernetes", "a"], "install_kfp_package": False},
            ("kfp-kubernetes", "a"),
            (),
            (),
        ),
        ({"install_kfp_package": False}, (), (), ()),
    ],
)
def test_installed_sdk(
    options: dict[str, Any], requirements: tuple[str, ...], indexes: tuple[str, ...], hosts: tuple[str, ...]
) -> None:
    result = installed(**options)
    assert result is not None
    assert result.requirements == requirements
    assert result.index_urls == indexes
    assert result.trusted_hosts == hosts
    user_has_kfp = any(item.startswith("kfp") for item in requirements)
    wants_kfp = options.get("install_kfp_package", True) and not user_has_kfp
    assert any(item.startswith("kfp==") for item in result.kfp_requirements) == wants_kfp


@pytest.mark.parametrize("packages", [[], ["a==1", "b"]])
def test_packages_of_an_environment_of_its_own_are_declared_packages(packages: list[str]) -> None:
    result = installed(use_venv=True, packages_to_install=packages)
    assert result is not None
    assert result.requirements == tuple(packages)
    assert "venv" not in "".join(result.command)


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


@pytest.mark.parametrize(
    ("installs", "requirements", "own"),
    [
        (pip("'kfp==2.0.1'"), (), ("kfp==2.0.1",)),
        (pip("'pandas' 'kfp==2.0.1'"), ("pandas",), ("kfp==2.0.1",)),
        (
            pip("'kfp==2.13.0' '--no-deps' 'typing-extensions>=3.7.4,<5; python_version<\"3.9\"'")
            + "  &&  "
            + pip("'pandas==2.2.0'"),
            ("pandas==2.2.0",),
            ("kfp==2.13.0", 'typing-extensions>=3.7.4,<5; python_version<"3.9"'),
        ),
        (
            "python3 -m pip install --quiet     --no-warn-script-location 'a' \"b; python_version<'3.9'\"",
            ("a", "b; python_version<'3.9'"),
            (),
        ),
    ],
)
def test_older_sdks(installs: str, requirements: tuple[str, ...], own: tuple[str, ...]) -> None:
    result = split(installs)
    assert result is not None
    assert result.requirements == requirements
    assert result.kfp_requirements == own


def test_sdk_2_0_ran_another_module() -> None:
    old = (
        "program_path=$(mktemp -d)\n"
        'printf "%s" "$0" > "$program_path/ephemeral_component.py"\n'
        'python3 -m kfp.components.executor_main --component_module_path "$program_path/ephemeral_component.py" "$@"\n'
    )
    result = split_command(("sh", "-c", preamble(pip("'kfp==2.0.1'")), "sh", "-ec", old, "source"), ARGS)
    assert result is not None
    assert result.command == ("sh", "-ec", old.replace("components", "dsl"), "source", *ARGS)


@pytest.mark.parametrize(
    "installs",
    [
        pip("'a'; rm -rf x"),
        pip("$(whoami)"),
        pip('"$HOME"'),
        pip("a"),
        pip("'-r' 'requirements.txt'"),
        pip("'--pre' 'a'"),
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
