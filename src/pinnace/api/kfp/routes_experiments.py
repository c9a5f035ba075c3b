"""Experiments. Upstream: ``experiment_server.go``."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from pinnace.api.answers import answers
from pinnace.api.kfp.convert_library import EXPERIMENT_FIELDS, experiment_to_wire
from pinnace.api.kfp.paging import ListParameters
from pinnace.api.kfp.wire_base import Empty, answer
from pinnace.api.kfp.wire_experiments import WireExperiment, WireExperiments
from pinnace.domain.ids import ExperimentId
from pinnace.services.experiments import NAMESPACE, ExperimentService


class ExperimentRoutes:
    """Endpoints under ``/experiments``."""

    def __init__(self, experiments: ExperimentService) -> None:
        self._experiments = experiments

    def router(self) -> APIRouter:
        """The route table."""
        router = APIRouter(tags=["experiments"])
        one = "/experiments/{experiment_id}"
        router.add_api_route(
            "/experiments",
            self.create,
            methods=["POST"],
            response_model=WireExperiment,
            operation_id="ExperimentService_CreateExperiment",
            responses=answers(409),
        )
        router.add_api_route(
            "/experiments",
            self.list,
            methods=["GET"],
            response_model=WireExperiments,
            operation_id="ExperimentService_ListExperiments",
        )
        router.add_api_route(
            one + ":archive",
            self.archive,
            methods=["POST"],
            response_model=Empty,
            operation_id="ExperimentService_ArchiveExperiment",
        )
        router.add_api_route(
            one + ":unarchive",
            self.unarchive,
            methods=["POST"],
            response_model=Empty,
            operation_id="ExperimentService_UnarchiveExperiment",
        )
        router.add_api_route(
            one,
            self.get,
            methods=["GET"],
            response_model=WireExperiment,
            operation_id="ExperimentService_GetExperiment",
        )
        router.add_api_route(
            one,
            self.delete,
            methods=["DELETE"],
            response_model=Empty,
            operation_id="ExperimentService_DeleteExperiment",
        )
        return router

    def create(self, body: WireExperiment) -> Response:
        """Make an experiment."""
        experiment = self._experiments.create(body.display_name, body.description)
        return answer(experiment_to_wire(experiment))

    def list(self, page: Annotated[ListParameters, Depends()]) -> Response:
        """List experiments."""
        found = self._experiments.list(page.query(EXPERIMENT_FIELDS, NAMESPACE))
        return answer(
            WireExperiments(
                experiments=tuple(experiment_to_wire(item) for item in found.items),
                total_size=found.total,
                next_page_token=page.next_token(found.next_token),
            )
        )

    def get(self, experiment_id: str) -> Response:
        """Get an experiment."""
        return answer(experiment_to_wire(self._experiments.get(ExperimentId(experiment_id))))

    def delete(self, experiment_id: str) -> Response:
        """Delete an experiment; its runs stay."""
        self._experiments.delete(ExperimentId(experiment_id))
        return answer(Empty())

    def archive(self, experiment_id: str) -> Response:
        """Archive an experiment with its runs."""
        self._experiments.archive(ExperimentId(experiment_id))
        return answer(Empty())

    def unarchive(self, experiment_id: str) -> Response:
        """Bring an experiment back, without its runs."""
        self._experiments.unarchive(ExperimentId(experiment_id))
        return answer(Empty())
