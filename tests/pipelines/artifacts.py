"""Artifacts of every type, importers, workspace, task configuration, embedded files and notebooks."""

import json
import pathlib
import tempfile

from kfp import dsl
from kfp.dsl import HTML, ClassificationMetrics, Dataset, Input, Markdown, Metrics, Model, Output

_ASSETS = pathlib.Path(tempfile.mkdtemp(prefix="pinnace-assets-"))
_NOTEBOOK = _ASSETS / "report.ipynb"
_NOTEBOOK.write_text(
    json.dumps(
        {
            "cells": [
                {
                    "cell_type": "code",
                    "execution_count": None,
                    "id": "a",
                    "metadata": {},
                    "outputs": [],
                    "source": "print(1)",
                }
            ],
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )
)
_WORDS = _ASSETS / "words.txt"
_WORDS.write_text("one two three")


@dsl.component
def evaluate(
    metrics: Output[Metrics], curve: Output[ClassificationMetrics], page: Output[HTML], notes: Output[Markdown]
) -> None:
    metrics.log_metric("accuracy", 0.5)
    metrics.log_metric("rows", 10)
    curve.log_confusion_matrix(["a", "b"], [[1, 2], [3, 4]])
    open(page.path, "w").write("<p>done</p>")
    open(notes.path, "w").write("# done")


@dsl.component
def use(data: Input[Dataset], model: Output[Model]) -> None:
    model.metadata["source"] = data.uri
    open(model.path, "w").write(open(data.path).read())


@dsl.component
def store(place: str) -> str:
    with open(place + "/note.txt", "w") as stream:
        stream.write("kept")
    return place


@dsl.component(embedded_artifact_path=str(_WORDS))
def embedded() -> int:
    return len(open(__KFP_EMBEDDED_ASSET_FILE).read().split())  # noqa: F821


@dsl.component(task_config_passthroughs=[dsl.TaskConfigField.RESOURCES, dsl.TaskConfigField.ENV])
def configured(config: dsl.TaskConfig) -> str:
    return str(config.resources)


@dsl.notebook_component(notebook_path=str(_NOTEBOOK))
def notebook(text: str) -> None:
    dsl.run_notebook(text=text)


@dsl.pipeline(name="metrics")
def metrics() -> None:
    evaluate()


@dsl.pipeline(name="importers")
def importers(uri: str = "/data/words.txt") -> None:
    fixed = dsl.importer(artifact_uri="/data/words.txt", artifact_class=Dataset, reimport=False, metadata={"rows": 3})
    given = dsl.importer(artifact_uri=uri, artifact_class=Dataset, reimport=True)
    use(data=fixed.output)
    use(data=given.output)
    with dsl.ParallelFor(["/data/a", "/data/b"]) as place:
        looped = dsl.importer(artifact_uri=place, artifact_class=Dataset)
        use(data=looped.output)


@dsl.pipeline(
    name="workspace",
    pipeline_config=dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(size="1Gi"), ttl_seconds_after_finished=3600),
)
def workspace() -> None:
    store(place=dsl.WORKSPACE_PATH_PLACEHOLDER)


@dsl.pipeline(name="assets")
def assets() -> None:
    embedded()
    notebook(text="hello")
    configured().set_cpu_limit("1").set_env_variable("A", "b")
