"""The feature pipelines of ``tests/pipelines``, compiled with the installed SDK."""

import importlib.util
import pathlib
import sys
import warnings
from collections.abc import Callable
from functools import cache

import pytest

_FOLDER = pathlib.Path(__file__).parents[2] / "pipelines"
_PIPELINES = {
    "artifacts": ["metrics", "importers", "workspace", "assets"],
    "containers": ["containers", "run_context"],
    "control_flow": [
        "conditions",
        "artifact_choice",
        "loops",
        "write_all",
        "artifact_loop",
        "exit_handlers",
        "ignore_failure",
    ],
    "nesting": ["inner_sum", "nested", "optional_inputs", "texts"],
}


@cache
def _module(name: str) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        spec = importlib.util.spec_from_file_location(f"feature_pipelines_{name}", _FOLDER / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], bytes]:
    """The package of a feature pipeline, by the name of its function."""
    from kfp import compiler

    folder = tmp_path_factory.mktemp("packages")

    @cache
    def compile_pipeline(function: str) -> bytes:
        module = next(name for name, functions in _PIPELINES.items() if function in functions)
        path = folder / f"{function}.yaml"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiler.Compiler().compile(getattr(_module(module), function), str(path))
        return path.read_bytes()

    return compile_pipeline


@pytest.fixture(params=[function for functions in _PIPELINES.values() for function in functions])
def package(request: pytest.FixtureRequest, compiled: Callable[[str], bytes]) -> bytes:
    """Each feature pipeline in turn."""
    return compiled(request.param)
