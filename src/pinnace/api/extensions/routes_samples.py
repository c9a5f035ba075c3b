"""``/samples`` of our own API."""

from fastapi import APIRouter, Response

from pinnace.api.answers import answers
from pinnace.api.extensions.wire_base import shown
from pinnace.api.extensions.wire_samples import WireSample, WireSamples, WireStartedSample
from pinnace.services.samples import SampleService


class SampleRoutes:
    """Pipelines for a first run."""

    def __init__(self, samples: SampleService) -> None:
        self._samples = samples

    def router(self) -> APIRouter:
        """The route table."""
        router = APIRouter(tags=["samples"])
        router.add_api_route(
            "/samples", self.list, methods=["GET"], response_model=WireSamples, operation_id="listSamples"
        )
        router.add_api_route(
            "/samples/{sample_name}:start",
            self.start,
            methods=["POST"],
            response_model=WireStartedSample,
            operation_id="startSample",
            responses=answers(409),
        )
        return router

    def list(self) -> Response:
        """The pipelines that ship with Pinnace."""
        found = [WireSample(name=each.name, description=each.description) for each in self._samples.list()]
        return shown(WireSamples(samples=found))

    def start(self, sample_name: str) -> Response:
        """Store a sample, unless it is stored, and start a run of it."""
        started = self._samples.start(sample_name)
        return shown(
            WireStartedSample(run_id=started.run, pipeline_id=started.pipeline, pipeline_version_id=started.version)
        )
