"""Runs between the wire and the domain."""

from dataclasses import replace
from typing import Any, Final

from pinnace.api.kfp.convert_library import NO_NAMESPACE
from pinnace.api.kfp.convert_tasks import status_of, task_details
from pinnace.api.kfp.documents import document_of
from pinnace.api.kfp.filters import Fields
from pinnace.api.kfp.times import parse_timestamp, timestamp
from pinnace.api.kfp.wire_base import Status
from pinnace.api.kfp.wire_recurring_runs import WireRecurringRun
from pinnace.api.kfp.wire_runs import (
    WireMetadataValue,
    WirePluginOutput,
    WireReference,
    WireRun,
    WireRunDetails,
    WireRuntimeConfig,
    WireRuntimeStatus,
)
from pinnace.domain.environments import EnvironmentMode
from pinnace.domain.ids import ExperimentId, PipelineId, PipelineVersionId
from pinnace.domain.listing import Operation, Predicate
from pinnace.domain.plugins import PluginOutput
from pinnace.domain.runs import PipelineReference, Run
from pinnace.domain.states import RunState, StorageState
from pinnace.errors import Conflict, InvalidInput
from pinnace.services.run_making import RunRequest
from pinnace.services.views import RunView


def run_state(state: RunState) -> str:
    """The wire's state. A stopped run is FAILED: the SDK waits for ever on CANCELED, and upstream says FAILED too."""
    return RunState.FAILED.value if state is RunState.CANCELED else state.value


def _in_domain_states(predicate: Predicate) -> list[Predicate]:
    """A predicate on the wire's states: FAILED there is FAILED or CANCELED here, and what is not archived is available.

    The latter is how the UI asks for its lists; what is equal to something can be looked up.
    """
    if predicate.field == "storage_state" and predicate.operation is Operation.NOT_EQUALS:
        others = tuple(state.value for state in StorageState if state.value != predicate.value)
        return [Predicate("storage_state", Operation.IN, others)]
    if predicate.field != "state":
        return [predicate]
    predicate = _upper(predicate)
    failed = (RunState.FAILED.value, RunState.CANCELED.value)
    if predicate.operation is Operation.IN and isinstance(predicate.value, tuple):
        named = [failed if value == RunState.FAILED else (value,) for value in predicate.value]
        return [Predicate("state", Operation.IN, tuple(value for group in named for value in group))]
    if predicate.value == RunState.FAILED and predicate.operation is Operation.EQUALS:
        return [Predicate("state", Operation.IN, failed)]
    if predicate.value == RunState.FAILED and predicate.operation is Operation.NOT_EQUALS:
        return [Predicate("state", Operation.NOT_EQUALS, value) for value in failed]
    return [predicate]


def _upper(predicate: Predicate) -> Predicate:
    """The predicate with its states as we write them: the older key ``status`` has them as ``Succeeded``."""
    value = predicate.value
    if isinstance(value, tuple):
        return replace(predicate, value=tuple(item.upper() if isinstance(item, str) else item for item in value))
    return replace(predicate, value=value.upper()) if isinstance(value, str) else predicate


RUN_FIELDS: Final = Fields(
    "Run",
    {
        "id": "id",
        "run_id": "id",
        "name": "name",
        "display_name": "name",
        "created_at": "created_at",
        "scheduled_at": "scheduled_at",
        "finished_at": "finished_at",
        "description": "description",
        "state": "state",
        "status": "state",
        "storage_state": "storage_state",
        "experiment_id": "experiment_id",
        "recurring_run_id": "recurring_run_id",
    },
    times=frozenset({"created_at", "scheduled_at", "finished_at"}),
    constants=NO_NAMESPACE,
    rewrite=_in_domain_states,
)


ENVIRONMENT: Final = "Pinnace-Environment"
"""The header in which a client asks for a mode of environments: upstream's message has no field for it."""

CACHING: Final = "Pinnace-Caching"
"""The header in which a client switches the cache off for a whole run, nested pipelines and stored versions too."""


def run_request(wire: WireRun, experiment_id: str = "", environment: str = "", caching: str = "") -> RunRequest:
    """What a client asks for; *environment* and *caching* are the values of the headers.

    Raises:
        InvalidInput: no pipeline, or more than one, is named; or a header has a value that it cannot have.
        Conflict: ``plugins_output`` is set.
    """
    if wire.plugins_output:
        raise Conflict("plugins_output is server-owned and cannot be set when a run is created")
    config = wire.runtime_config or WireRuntimeConfig()
    experiment = wire.experiment_id or experiment_id
    return RunRequest(
        display_name=wire.display_name,
        source=pipeline_source(wire),
        parameters=config.parameters or {},
        pipeline_root=config.pipeline_root,
        experiment=ExperimentId(experiment) if experiment else None,
        id=wire.run_id,
        description=wire.description,
        service_account=wire.service_account,
        scheduled_at=parse_timestamp(wire.scheduled_at, "scheduled_at") if wire.scheduled_at else None,
        environment=_environment(environment),
        caching=_caching(caching),
        plugins_input=wire.plugins_input or {},
    )


def _environment(text: str) -> EnvironmentMode | None:
    if not text:
        return None
    if text not in set(EnvironmentMode):
        known = " or ".join(EnvironmentMode)
        raise InvalidInput(f'{ENVIRONMENT}: "{text[:80]}" is no kind of environment. Send {known}, or no such header.')
    return EnvironmentMode(text)


def _caching(text: str) -> bool | None:
    """None, which leaves it to the pipeline, unless the cache is to be off."""
    if text not in {"", "true", "false"}:
        raise InvalidInput(f'{CACHING}: "{text[:80]}" is neither true nor false. Send false, or no such header.')
    return False if text == "false" else None


def pipeline_source(wire: WireRun | WireRecurringRun) -> bytes | PipelineReference:
    """The pipeline that a message names. Raises InvalidInput unless it names one."""
    reference = wire.pipeline_version_reference
    given = [wire.pipeline_spec is not None, reference is not None, bool(wire.pipeline_version_id)]
    if sum(given) != 1:
        raise InvalidInput("Name one pipeline: give either pipeline_spec or pipeline_version_reference.")
    if wire.pipeline_spec is not None:
        return document_of(wire.pipeline_spec)
    if reference is None:
        return PipelineReference(PipelineId(""), PipelineVersionId(wire.pipeline_version_id))
    if not reference.pipeline_id and not reference.pipeline_version_id:
        raise InvalidInput("pipeline_version_reference: pipeline_id is missing. Name the pipeline.")
    version = PipelineVersionId(reference.pipeline_version_id) if reference.pipeline_version_id else None
    return PipelineReference(PipelineId(reference.pipeline_id), version)


def run_to_wire(run: Run, spec: dict[str, Any] | None, view: RunView | None = None) -> WireRun:
    """A run as clients read it.

    Args:
        run: The run.
        spec: Its document; not shown for a run that was made from a stored version.
        view: Its nodes for ``run_details``, or None to leave them out.
    """
    reference = run.reference
    parameters = dict(run.parameters)
    return WireRun.model_construct(
        experiment_id=run.experiment,
        run_id=run.id,
        display_name=run.display_name,
        storage_state=run.storage_state.value,
        description=run.description,
        pipeline_spec=None if reference is not None else spec,
        pipeline_version_reference=None
        if reference is None
        else WireReference(pipeline_id=reference.pipeline, pipeline_version_id=reference.version or ""),
        runtime_config=WireRuntimeConfig.model_construct(parameters=parameters or None, pipeline_root=run.pipeline_root)
        if parameters or run.pipeline_root
        else None,
        service_account=run.service_account,
        created_at=timestamp(run.created_at),
        scheduled_at=timestamp(run.scheduled_at),
        finished_at=timestamp(run.finished_at),
        state=run_state(run.state),
        error=_run_error(run),
        recurring_run_id=run.recurring_run or "",
        run_details=WireRunDetails(task_details=task_details(view)) if view is not None and view.tasks else None,
        plugins_input=dict(run.plugins_input) or None,
        plugins_output={name: _plugin_output(output) for name, output in run.plugins_output.items()} or None,
        state_history=tuple(
            WireRuntimeStatus(update_time=timestamp(at), state=run_state(state)) for at, state in run.state_history
        ),
    )


def _plugin_output(output: PluginOutput) -> WirePluginOutput:
    return WirePluginOutput(
        entries={
            key: WireMetadataValue.model_construct(value=entry.value, render_type="URL" if entry.is_link else "")
            for key, entry in output.entries.items()
        },
        state=output.state.value,
        state_message=output.message,
    )


def _run_error(run: Run) -> Status | None:
    if run.failure is not None:
        return status_of(run.failure)
    return Status(code=1, message="The run was stopped.") if run.state is RunState.CANCELED else None
