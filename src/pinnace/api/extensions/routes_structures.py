"""The graphs and parameters of stored pipelines and of runs."""

from fastapi import APIRouter, Response

from pinnace.api.extensions.wire_base import shown
from pinnace.api.extensions.wire_structures import (
    WireArtifactInputView,
    WireDataEdge,
    WireGraphTask,
    WireParameterView,
    WireStructureView,
)
from pinnace.domain.ids import PipelineId, PipelineVersionId, RunId
from pinnace.services.structures import PipelineStructure, StructureService, TaskStructure


class StructureRoutes:
    """``/structure`` of versions and runs, in our own API."""

    def __init__(self, structures: StructureService) -> None:
        self._structures = structures

    def router(self) -> APIRouter:
        """The route table."""
        router = APIRouter()
        router.add_api_route(
            "/pipelines/{pipeline_id}/versions/{pipeline_version_id}/structure",
            self.of_version,
            methods=["GET"],
            response_model=WireStructureView,
            operation_id="getVersionStructure",
            tags=["versions"],
        )
        router.add_api_route(
            "/runs/{run_id}/structure",
            self.of_run,
            methods=["GET"],
            response_model=WireStructureView,
            operation_id="getRunStructure",
            tags=["runs"],
        )
        return router

    def of_version(self, pipeline_id: str, pipeline_version_id: str) -> Response:
        """The graphs and parameters of a pipeline version."""
        return shown(
            _view(self._structures.of_version(PipelineId(pipeline_id), PipelineVersionId(pipeline_version_id)))
        )

    def of_run(self, run_id: str) -> Response:
        """The graphs and parameters of the pipeline that a run was made with."""
        return shown(_view(self._structures.of_run(RunId(run_id))))


def _view(structure: PipelineStructure) -> WireStructureView:
    pipeline = structure.pipeline
    return WireStructureView(
        name=pipeline.name,
        display_name=pipeline.display_name or pipeline.name,
        description=pipeline.description,
        sdk_version=pipeline.sdk_version,
        parameters=[
            WireParameterView(
                name=name,
                type=spec.type,
                optional=spec.optional or spec.has_default,
                has_default=spec.has_default,
                default=spec.default,
                literals=list(spec.literals),
                description=spec.description,
            )
            for name, spec in structure.inputs.items()
        ],
        artifacts=[
            WireArtifactInputView(
                name=name,
                type=spec.type.schema_title,
                is_list=spec.is_list,
                optional=spec.optional,
                description=spec.description,
            )
            for name, spec in pipeline.root.inputs.artifacts.items()
        ],
        graphs={name: [_task(task) for task in tasks] for name, tasks in structure.graphs.items()},
    )


def _task(task: TaskStructure) -> WireGraphTask:
    return WireGraphTask(
        key=task.key,
        display_name=task.display_name,
        component=task.component,
        kind=task.kind,
        depends_on=list(task.depends_on),
        edges=[
            WireDataEdge(producer=edge.producer, output=edge.output, input=edge.input, is_artifact=edge.is_artifact)
            for edge in task.edges
        ],
        given=dict(task.given),
        condition=task.condition,
        is_exit=task.is_exit,
        loop=task.loop,
        parallelism=task.parallelism,
        max_retries=task.max_retries,
        caching=task.caching,
        image=task.image,
    )
