"""Container components: commands, Concat, IfPresent, environment, resources, placeholders."""

from typing import Optional

from kfp import dsl
from kfp.dsl import Artifact, ConcatPlaceholder, ContainerSpec, Dataset, IfPresentPlaceholder, Input, Model, Output


@dsl.container_component
def shell(text: str, length: dsl.OutputPath(int), copy: Output[Dataset]):
    return ContainerSpec(
        image="alpine",
        command=["sh", "-c", 'mkdir -p "$(dirname "$2")"; printf %s "$0" > "$1"; printf %s "${#0}" > "$2"'],
        args=[text, copy.path, length],
    )


@dsl.container_component
def structured(name: str, greeting: Optional[str] = None, data: Input[Artifact] = None):
    return ContainerSpec(
        image="alpine",
        command=["echo", ConcatPlaceholder(["--name=", name, "!"])],
        args=[
            IfPresentPlaceholder(
                input_name="greeting",
                then=["--greeting", ConcatPlaceholder([greeting, ", ", name])],
                else_=["--silent"],
            ),
            IfPresentPlaceholder(input_name="data", then=["--data", data.path]),
            "--end",
        ],
    )


@dsl.container_component
def inspect(model: Input[Model], uri: dsl.OutputPath(str)):
    return ContainerSpec(
        image="alpine",
        command=["sh", "-c", 'printf %s "$0" > "$1"', model.uri, uri],
        args=["{{$}}", "{{$.inputs.artifacts['model'].metadata['framework']}}", model.metadata],
    )


@dsl.component
def train(model: Output[Model], rate: float = 0.1) -> str:
    model.metadata["framework"] = "none"
    open(model.path, "w").write(str(rate))
    return "alpine:3"


@dsl.component
def context(
    job: str, resource: str, job_id: str, task: str, task_id: str, created: str, scheduled: str, root: str
) -> str:
    return "|".join([job, resource, job_id, task, task_id, created, scheduled, root])


@dsl.pipeline(name="containers")
def containers(text: str = "a 'quoted' \"text\" $(date)", memory: str = "1Gi") -> None:
    shell(text=text).set_env_variable("MODE", "fast")
    structured(name="x")
    structured(name="y", greeting="hello")
    trained = train()
    trained.set_cpu_limit("1").set_memory_limit(memory).set_cpu_request("500m").set_memory_request("64Mi")
    inspect(model=trained.outputs["model"]).set_container_image(trained.outputs["Output"])
    train(rate=0.5).set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(1)


@dsl.pipeline(name="run-context")
def run_context() -> None:
    context(
        job=dsl.PIPELINE_JOB_NAME_PLACEHOLDER,
        resource=dsl.PIPELINE_JOB_RESOURCE_NAME_PLACEHOLDER,
        job_id=dsl.PIPELINE_JOB_ID_PLACEHOLDER,
        task=dsl.PIPELINE_TASK_NAME_PLACEHOLDER,
        task_id=dsl.PIPELINE_TASK_ID_PLACEHOLDER,
        created=dsl.PIPELINE_JOB_CREATE_TIME_UTC_PLACEHOLDER,
        scheduled=dsl.PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER,
        root=dsl.PIPELINE_ROOT_PLACEHOLDER,
    )
