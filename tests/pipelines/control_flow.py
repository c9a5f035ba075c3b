"""Conditions, OneOf, loops, Collected and exit handlers."""

from typing import NamedTuple

from kfp import dsl
from kfp.dsl import Collected, Dataset, Input, Output, PipelineTaskFinalStatus


@dsl.component
def flip(side: str) -> str:
    return side


@dsl.component
def number(value: int) -> int:
    return value


@dsl.component
def say(text: str) -> str:
    print(text)
    return text


@dsl.component
def pair(left: int, right: str) -> str:
    return f"{left}-{right}"


@dsl.component
def double(value: int) -> int:
    return value * 2


@dsl.component
def total(values: list) -> int:
    return sum(values)


@dsl.component
def settings() -> list:
    return [{"label": "a", "rate": 0.5}, {"label": "b", "rate": 2.0}]


@dsl.component
def write(text: str, data: Output[Dataset]) -> None:
    with open(data.path, "w") as stream:
        stream.write(text)


@dsl.component
def join(parts: Input[list[Dataset]]) -> str:
    return ",".join(sorted(open(part.path).read() for part in parts))


@dsl.component
def read(data: Input[Dataset]) -> str:
    return open(data.path).read()


@dsl.component
def report(status: PipelineTaskFinalStatus, note: str) -> None:
    print(note, status.state, status.error_message)


@dsl.component
def fail(message: str) -> str:
    raise RuntimeError(message)


@dsl.pipeline(name="conditions")
def conditions(side: str = "heads", threshold: int = 5, rate: float = 0.5, flag: bool = True) -> str:
    flipped = flip(side=side)
    drawn = number(value=7)
    with dsl.If(flipped.output == "heads"):
        first = say(text="heads")
        with dsl.If(drawn.output > threshold):
            say(text="large")
    with dsl.Elif(flipped.output == "it's an edge"):
        second = say(text="edge")
    with dsl.Else():
        third = say(text="tails")
    with dsl.If(rate >= 0.25), dsl.If(flag == True):
        say(text="fast")
    return dsl.OneOf(first.output, second.output, third.output)


@dsl.pipeline(name="artifact-choice")
def artifact_choice(side: str = "heads") -> Dataset:
    flipped = flip(side=side)
    with dsl.If(flipped.output == "heads"):
        first = write(text="h")
    with dsl.Else():
        second = write(text="t")
    return dsl.OneOf(first.outputs["data"], second.outputs["data"])


@dsl.pipeline(name="loops")
def loops(numbers: list[int] = [1, 2, 3]) -> NamedTuple("Outputs", [("total", int), ("joined", str)]):
    with dsl.ParallelFor(numbers, parallelism=2) as item:
        doubled = double(value=item)
    with dsl.ParallelFor([1, 2]) as outer, dsl.ParallelFor(["a", "b"]) as inner:
        pair(left=outer, right=inner)
        written = write(text=inner)
    made = settings()
    with dsl.ParallelFor(made.output) as setting:
        say(text=setting.label)
    with dsl.ParallelFor([{"label": "x", "size": 1}, {"label": "y", "size": 2}]) as fixed:
        say(text=fixed.label)
        say(text=fixed.size)
    summed = total(values=Collected(doubled.output))
    joined = join(parts=Collected(written.outputs["data"]))
    outputs = NamedTuple("Outputs", [("total", int), ("joined", str)])
    return outputs(total=summed.output, joined=joined.output)


@dsl.pipeline(name="write-all")
def write_all(texts: list[str]) -> list[Dataset]:
    with dsl.ParallelFor(texts) as text:
        written = write(text=text)
    return Collected(written.outputs["data"])


@dsl.pipeline(name="artifact-loop")
def artifact_loop(texts: list[str] = ["a", "b", "c"]) -> None:
    made = write_all(texts=texts)
    with dsl.ParallelFor(items=made.output) as data:
        read(data=data)


@dsl.pipeline(name="exit-handlers")
def exit_handlers(message: str = "done") -> None:
    last = report(note=message)
    with dsl.ExitHandler(last, name="work"):
        started = say(text="working")
        failed = fail(message="on purpose").after(started)
        say(text="never").after(failed)


@dsl.pipeline(name="ignore-failure")
def ignore_failure() -> None:
    failed = fail(message="on purpose")
    number(value=1).after(failed).ignore_upstream_failure()


__all__ = ["artifact_choice", "artifact_loop", "conditions", "exit_handlers", "ignore_failure", "loops"]
