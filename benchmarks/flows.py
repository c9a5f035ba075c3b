"""The pipelines that are measured: tasks that do nothing, and tasks that import what data scientists import."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kfp import compiler, dsl

WARM_UP = 20
"""Size of a first run that is not measured."""


# Without its own kfp a task installs nothing, with either runner: what is measured is running it.
@dsl.component(base_image="python:3.12-slim", install_kfp_package=False)
def noop(item: int = 0) -> None:
    pass


@dsl.component(base_image="python:3.12-slim", install_kfp_package=False)
def imports(item: int = 0) -> float:  # noqa: ARG001
    import time

    begin = time.perf_counter()
    import pandas as pd  # noqa: F401
    import sklearn.linear_model  # noqa: F401

    return time.perf_counter() - begin


def chain(length: int, component: Callable[..., Any] = noop) -> Any:
    """A pipeline of *length* steps, one behind the other, each with an input of its own."""

    @dsl.pipeline(name="chain")
    def steps() -> None:
        previous: Any = None
        for item in range(length):
            task = component(item=item)
            if previous is not None:
                task.after(previous)
            previous = task

    return steps


def wide(width: int) -> Any:
    """A ParallelFor over *width* items."""

    @dsl.pipeline(name="wide")
    def items() -> None:
        with dsl.ParallelFor(list(range(width))) as item:
            noop(item=item)

    return items


def flow(kind: str, size: int) -> Any:
    """A pipeline by the name of its kind: ``chain``, ``loop`` or ``imports``."""
    if kind == "loop":
        return wide(size)
    return chain(size, imports if kind == "imports" else noop)


def compiled(kind: str, size: int) -> bytes:
    """The document of a pipeline, as the SDK compiles it."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "pipeline.yaml"
        compiler.Compiler().compile(flow(kind, size), str(path))
        return path.read_bytes()
