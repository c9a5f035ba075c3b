"""The pipelines that are compared: tasks that do nothing."""

from typing import Any

from kfp import dsl

CHAIN = 20
WIDTH = 50


# Without its own kfp a task installs nothing, with either runner: what is measured is running it.
@dsl.component(base_image="python:3.12-slim", install_kfp_package=False)
def noop(item: int = 0) -> None:
    pass


@dsl.pipeline(name="chain")
def chain() -> None:
    previous: Any = None
    for _ in range(CHAIN):
        task = noop()
        if previous is not None:
            task.after(previous)
        previous = task


@dsl.pipeline(name="wide")
def wide() -> None:
    with dsl.ParallelFor(list(range(WIDTH))) as item:
        noop(item=item)


FLOWS = {"chain": (chain, CHAIN), "wide": (wide, WIDTH)}
