"""A pipeline whose artifacts pass through an importer, a nested pipeline, a loop and a condition."""

from kfp import dsl
from kfp.dsl import Dataset, Input, Model, Output

COPY = 'mkdir -p "$(dirname "$1")" && cat "$0" > "$1"'
WRITE = 'mkdir -p "$(dirname "$1")" && printf %s "$0" > "$1"'


@dsl.container_component
def make(text: str, data: Output[Dataset]) -> dsl.ContainerSpec:
    """Write a text."""
    return dsl.ContainerSpec(image="alpine", command=["sh", "-c", WRITE], args=[text, data.path])


@dsl.container_component
def train(data: Input[Dataset], model: Output[Model], rate: str = "1") -> dsl.ContainerSpec:
    """Copy the data; the rate is left to the cache."""
    return dsl.ContainerSpec(image="alpine", command=["sh", "-c", COPY], args=[data.path, model.path, rate])


@dsl.container_component
def judge(model: Input[Model]) -> dsl.ContainerSpec:
    """Read the model."""
    return dsl.ContainerSpec(image="alpine", command=["cat"], args=[model.path])


@dsl.pipeline
def training(data: Input[Dataset]) -> Model:
    """A model of the data, as the output of a nested pipeline."""
    return train(data=data).outputs["model"]


@dsl.pipeline
def lineage(source: str, text: str = "hello", check: str = "yes") -> None:
    """The nested pipeline gets what is made here, and the loop what is imported."""
    made = make(text=text)
    imported = dsl.importer(artifact_uri=source, artifact_class=Dataset, reimport=False)
    trained = training(data=made.outputs["data"])
    with dsl.ParallelFor(["1", "2"]) as rate:
        train(data=imported.output, rate=rate)
    with dsl.If(check == "yes"):
        judge(model=trained.output)
