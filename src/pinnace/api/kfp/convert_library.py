"""Experiments, pipelines and versions: from the domain to the wire. Namespaces are empty there (single user)."""

from typing import Any, Final

from pinnace.api.kfp.filters import Fields
from pinnace.api.kfp.times import timestamp
from pinnace.api.kfp.wire_experiments import WireExperiment
from pinnace.api.kfp.wire_pipelines import WirePipeline, WireUrl, WireVersion
from pinnace.domain.experiments import Experiment
from pinnace.domain.pipelines import PipelineVersion, StoredPipeline
from pinnace.errors import InvalidInput
from pinnace.services.pipelines import Labels

NO_NAMESPACE: Final = {"namespace": ""}
"""Namespaces are empty on the wire."""

EXPERIMENT_FIELDS: Final = Fields(
    "Experiment",
    {
        "id": "id",
        "experiment_id": "id",
        "name": "name",
        "display_name": "name",
        "created_at": "created_at",
        "last_run_created_at": "last_run_created_at",
        "description": "description",
        "storage_state": "storage_state",
    },
    times=frozenset({"created_at", "last_run_created_at"}),
    constants=NO_NAMESPACE,
)

PIPELINE_FIELDS: Final = Fields(
    "Pipeline",
    {
        "id": "id",
        "pipeline_id": "id",
        "name": "name",
        "display_name": "display_name",
        "created_at": "created_at",
        "description": "description",
    },
    times=frozenset({"created_at"}),
    constants=NO_NAMESPACE,
    tags=True,
)

VERSION_FIELDS: Final = Fields(
    "PipelineVersion",
    {
        "id": "id",
        "pipeline_version_id": "id",
        "name": "name",
        "display_name": "display_name",
        "created_at": "created_at",
        "description": "description",
    },
    times=frozenset({"created_at"}),
    constants={"status": "READY"},
    tags=True,
)


def experiment_to_wire(experiment: Experiment) -> WireExperiment:
    """An experiment as clients read it."""
    return WireExperiment(
        experiment_id=experiment.id,
        display_name=experiment.display_name,
        description=experiment.description,
        created_at=timestamp(experiment.created_at),
        storage_state=experiment.storage_state.value,
        last_run_created_at=timestamp(experiment.last_run_created_at),
    )


def pipeline_to_wire(pipeline: StoredPipeline) -> WirePipeline:
    """A pipeline as clients read it."""
    return WirePipeline(
        pipeline_id=pipeline.id,
        name=pipeline.name,
        display_name=pipeline.display_name,
        description=pipeline.description,
        created_at=timestamp(pipeline.created_at),
        tags=dict(pipeline.tags) or None,
    )


def version_to_wire(version: PipelineVersion, spec: dict[str, Any] | None) -> WireVersion:
    """A version as clients read it, with its document."""
    return WireVersion.model_construct(
        pipeline_id=version.pipeline,
        pipeline_version_id=version.id,
        name=version.name,
        display_name=version.display_name,
        description=version.description,
        created_at=timestamp(version.created_at),
        package_url=WireUrl(pipeline_url=version.package_url) if version.package_url else None,
        code_source_url=version.code_source_url,
        pipeline_spec=spec,
        tags=dict(version.tags) or None,
    )


def version_labels(body: WireVersion) -> Labels:
    """What a client calls a version that comes from a URL. Raises InvalidInput where the URL is missing."""
    if body.package_url is None or not body.package_url.pipeline_url:
        raise InvalidInput("package_url.pipeline_url: the URL of the package is missing. Give it, or upload the file.")
    return Labels(
        name=body.name,
        display_name=body.display_name,
        description=body.description,
        tags=body.tags or {},
        code_source_url=body.code_source_url,
        package_url=body.package_url.pipeline_url,
    )
