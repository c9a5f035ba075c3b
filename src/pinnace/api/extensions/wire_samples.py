"""Pipelines that ship with Pinnace."""

from pinnace.api.extensions.wire_base import View


class WireSample(View):
    """A pipeline to start with."""

    name: str
    description: str


class WireSamples(View):
    """All samples, by name."""

    samples: list[WireSample]


class WireStartedSample(View):
    """The run of a sample, and the stored pipeline that it was made from."""

    run_id: str
    pipeline_id: str
    pipeline_version_id: str
