"""Small pipelines that ship with Pinnace: a first run needs nothing but the server. Sources: ``examples/samples``."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from pinnace.domain.environments import EnvironmentMode
from pinnace.domain.ids import PipelineId, PipelineVersionId, RunId
from pinnace.domain.listing import ListQuery
from pinnace.domain.runs import PipelineReference
from pinnace.errors import NotFound
from pinnace.ir.parse import parse_pipeline
from pinnace.services.pipelines import Labels, PipelineService
from pinnace.services.run_making import RunRequest
from pinnace.services.runs import RunService

_SHORT: Final = 8
_VERSIONS: Final = 200


@dataclass(frozen=True, slots=True)
class Sample:
    """A pipeline to start with. Its name is also that of the stored pipeline that it becomes."""

    name: str
    description: str
    document: bytes


@dataclass(frozen=True, slots=True)
class Started:
    """A run of a sample, and what it was made from."""

    run: RunId
    pipeline: PipelineId
    version: PipelineVersionId


class SampleService:
    """Tells of the samples, and starts them."""

    def __init__(self, pipelines: PipelineService, runs: RunService) -> None:
        self._pipelines = pipelines
        self._runs = runs

    def list(self) -> Sequence[Sample]:
        """All of them, by name."""
        return _samples()

    def start(self, name: str) -> Started:
        """Store the sample unless it is stored, and run it with its defaults. Raises NotFound."""
        sample = next((each for each in _samples() if each.name == name), None)
        if sample is None:
            raise NotFound("Sample", name)
        # Samples declare no packages, the SDK included: they need the server's own.
        pipeline, version = self._stored(sample)
        source = PipelineReference(pipeline, version)
        request = RunRequest(display_name=name, source=source, environment=EnvironmentMode.INHERIT)
        return Started(self._runs.create(request).id, pipeline, version)

    def _stored(self, sample: Sample) -> tuple[PipelineId, PipelineVersionId]:
        digest = hashlib.sha256(sample.document).hexdigest()
        try:
            pipeline = self._pipelines.by_name(sample.name).id
        except NotFound:
            pipeline = self._pipelines.upload(Labels(sample.name, description=sample.description), sample.document).id
        version = self._version(pipeline, digest)
        if version is None:
            # Another release's, or a pipeline of somebody's own that has the name.
            labels = Labels(f"{sample.name} {digest[:_SHORT]}")
            version = self._pipelines.upload_version(pipeline, labels, sample.document).id
        return pipeline, version

    def _version(self, pipeline: PipelineId, digest: str) -> PipelineVersionId | None:
        versions = self._pipelines.list_versions(pipeline, ListQuery(descending=True, size=_VERSIONS)).items
        return next((version.id for version in versions if version.document == digest), None)


@cache
def _samples() -> tuple[Sample, ...]:
    found = sorted(files("pinnace.services").joinpath("sample_pipelines").iterdir(), key=lambda each: each.name)
    return tuple(_sample(each.read_bytes()) for each in found if each.name.endswith(".yaml"))


def _sample(document: bytes) -> Sample:
    pipeline = parse_pipeline(document)
    return Sample(pipeline.name, pipeline.description, document)
