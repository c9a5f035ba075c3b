"""Record the commands that KFP's SDK writes for components: ``python tools/record_sdk_commands.py``.

The newest release of every minor version named below (or of those given on the command line) is installed into a
virtual environment of its own, in a temporary directory; the components of :func:`variants` are compiled there, and
what the compiler wrote for each, image, command and arguments, goes to ``tests/unit/ir/sdk_commands/<minor>.json``.
Two long texts that most of them share, the shell program and the Python source of the first component, are written
once: a word of a command that is a number means the text at that place of ``texts``. Run it again when a new minor
version of the SDK is out, with that version as the argument.

In those environments this same file is run with ``--record``.
"""

import inspect
import json
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MINORS = [f"2.{number}" for number in range(18)]
TARGET = Path(__file__).parents[1] / "tests" / "unit" / "ir" / "sdk_commands"
PYTHON = "3.11"

PACKAGES = [
    "pandas>=2,<3",
    "scikit-learn[alldeps]==1.4.0",
    "numpy; python_version>'3.8'",
    'scipy; python_version>"3.8"',
    "one @ https://example.org/one-1.0-py3-none-any.whl",
    "git+https://example.org/two.git@main#egg=two",
    "https://example.org/three-1.0.tar.gz?a=1&b=2",
]
INDEXES = ["https://one.example.org/simple", "https://two.example.org/simple"]
PULL_REQUEST = "git+https://github.com/kubeflow/pipelines.git@refs/pull/1/merge#subdirectory=sdk/python"
NOTEBOOK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def work(text: str) -> str:
    """Do the work of the component."""
    return text


def also(text: str) -> str:
    """Do what ``additional_funcs`` brings along."""
    return text


def variants(folder: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each variant's name, the decorator that makes it, and that decorator's options."""
    asset = folder / "asset.txt"
    asset.write_text("an asset\n")
    notebook = folder / "notebook.ipynb"
    notebook.write_text(json.dumps(NOTEBOOK))
    options: dict[str, dict[str, Any]] = {
        "plain": {},
        "image": {"base_image": "python:3.12-slim"},
        "packages": {"packages_to_install": PACKAGES},
        "both quotes": {"packages_to_install": ["pandas; python_version>'3.8' and os_name==\"posix\""]},
        "an option": {"packages_to_install": ["--pre", "pandas"]},
        "own kfp": {"packages_to_install": ["kfp==2.7.0", "pandas"]},
        "kfp-kubernetes": {"packages_to_install": ["kfp-kubernetes"]},
        "no kfp": {"install_kfp_package": False},
        "no kfp, packages": {"install_kfp_package": False, "packages_to_install": ["pandas"]},
        "kfp from a file": {"kfp_package_path": "https://example.org/kfp-2.0.0-py3-none-any.whl"},
        "kfp from a pull request": {"kfp_package_path": PULL_REQUEST},
        "kfp from a directory": {"kfp_package_path": "/"},
        "one index": {"packages_to_install": ["pandas"], "pip_index_urls": INDEXES[:1]},
        "two indexes": {"packages_to_install": ["pandas"], "pip_index_urls": INDEXES},
        "trusted hosts": {
            "packages_to_install": ["pandas"],
            "pip_index_urls": INDEXES,
            "pip_trusted_hosts": ["one.example.org", "two.example.org:8443"],
        },
        "no trusted hosts": {"packages_to_install": ["pandas"], "pip_index_urls": INDEXES, "pip_trusted_hosts": []},
        "use_venv": {"use_venv": True},
        "use_venv, packages": {"use_venv": True, "packages_to_install": ["pandas"]},
        "use_venv, no kfp": {"use_venv": True, "packages_to_install": ["pandas"], "install_kfp_package": False},
        "use_venv, index": {"use_venv": True, "packages_to_install": ["pandas"], "pip_index_urls": INDEXES[:1]},
        "target_image": {"target_image": "example.org/work:1"},
        "target_image, packages": {"target_image": "example.org/work:1", "packages_to_install": ["pandas"]},
        "additional_funcs": {"additional_funcs": [also]},
        "embedded artifact": {"embedded_artifact_path": str(asset)},
    }
    for name, given in options.items():
        yield name, "component", given
    yield "notebook", "notebook_component", {"notebook_path": str(notebook)}


def compiled(decorator: str, options: dict[str, Any], folder: Path) -> dict[str, Any] | None:
    """What the installed SDK writes for a component, or None where it does not know the decorator or an option."""
    import yaml
    from kfp import compiler, dsl

    make = getattr(dsl, decorator, None)
    if make is None or not set(options) <= set(inspect.signature(make).parameters):
        return None
    package = folder / "component.yaml"
    compiler.Compiler().compile(make(work, **options), str(package))
    document = yaml.safe_load(package.read_text())
    (executor,) = document["deploymentSpec"]["executors"].values()
    container = executor["container"]
    return {name: container.get(name, []) for name in ("image", "command", "args")}


def record() -> None:
    """Print what the installed SDK writes."""
    import kfp

    warnings.simplefilter("ignore")
    components = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, decorator, options in variants(Path(folder)):
            found = compiled(decorator, options, Path(folder))
            if found is not None:
                components[name] = found
    texts = components["plain"]["command"][-2:]
    for container in components.values():
        container["command"] = [texts.index(word) if word in texts else word for word in container["command"]]
    json.dump({"sdk": kfp.__version__, "texts": texts, "components": components}, sys.stdout, indent=1)


def main(minors: list[str]) -> None:
    """Record the given minor versions."""
    TARGET.mkdir(exist_ok=True)
    uv = [sys.executable, "-m", "uv"]
    for minor in minors:
        with tempfile.TemporaryDirectory() as folder:
            python = Path(folder) / "bin" / "python"
            subprocess.run([*uv, "venv", "--quiet", "--python", PYTHON, folder], check=True)
            # SDKs before 2.8 import pkg_resources, which newer releases of setuptools no longer have.
            wanted = [f"kfp=={minor}.*", "setuptools<81"]
            subprocess.run([*uv, "pip", "install", "--quiet", "--python", str(python), *wanted], check=True)
            done = subprocess.run([str(python), __file__, "--record"], check=True, stdout=subprocess.PIPE, text=True)
            (TARGET / f"{minor}.json").write_text(done.stdout + "\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["--record"]:
        record()
    else:
        main(sys.argv[1:] or MINORS)
