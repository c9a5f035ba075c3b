"""Nested pipelines, retries, caching options and optional inputs."""

from typing import Optional

from kfp import dsl
from kfp.dsl import Dataset, Input, Output


@dsl.component
def add(a: float, b: float = 1.0) -> float:
    return a + b


@dsl.component
def describe(
    text: str = "none",
    size: Optional[int] = None,
    ratio: float = 2.0,
    tags: Optional[dict] = None,
    names: Optional[list] = None,
    mode: str = "fast",
    data: Input[Dataset] = None,
) -> str:
    return f"{text}|{size}|{ratio}|{tags}|{names}|{mode}|{data is None}"


@dsl.component
def make(rows: int, data: Output[Dataset]) -> int:
    with open(data.path, "w") as stream:
        stream.write("\n".join(str(row) for row in range(rows)))
    data.metadata["rows"] = rows
    return rows


@dsl.pipeline(name="inner-sum")
def inner_sum(a: float, b: float = 10.0) -> float:
    first = add(a=a, b=b)
    return add(a=first.output).output


@dsl.pipeline(name="nested", description="A pipeline used twice", display_name="Nested pipelines")
def nested(a: float = 1.0) -> float:
    first = inner_sum(a=a)
    second = inner_sum(a=first.output, b=5.0).set_display_name("second sum")
    second.set_caching_options(False)
    last = add(a=second.output).set_retry(
        num_retries=3, backoff_duration="2s", backoff_factor=1.5, backoff_max_duration="1m"
    )
    last.set_caching_options(True, cache_key="sum")
    return last.output


@dsl.pipeline(name="optional-inputs")
def optional_inputs(text: str = "hello", size: Optional[int] = None, mode: str = "slow", rows: int = 3) -> None:
    made = make(rows=rows)
    describe()
    describe(text=text, size=size, mode=mode)
    describe(tags={"a": 1, "b": [True, 1.5]}, names=["x", 2], ratio=3.0, data=made.outputs["data"])


@dsl.pipeline(name="texts")
def texts(name: str = 'it\'s "quoted"', count: int = 5) -> None:
    describe(text=f"{name} has {count}")
    describe(text="2020-01-01", tags={"on": "yes", "when": "2020-01-01", "number": "1e5", "name": f"{name}"})
