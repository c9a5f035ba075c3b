"""Recurring runs between the wire and the domain."""

from typing import Any, Final

from pinnace.api.kfp.convert_runs import pipeline_source
from pinnace.api.kfp.filters import Fields
from pinnace.api.kfp.times import parse_timestamp, timestamp
from pinnace.api.kfp.wire_base import Status
from pinnace.api.kfp.wire_recurring_runs import (
    DISABLE,
    ENABLE,
    WireCronSchedule,
    WirePeriodicSchedule,
    WireRecurringRun,
    WireTrigger,
)
from pinnace.api.kfp.wire_runs import WireReference, WireRuntimeConfig
from pinnace.domain.ids import ExperimentId
from pinnace.domain.schedules import CronTrigger, IntervalTrigger, RecurringRun, Trigger
from pinnace.domain.values import Instant
from pinnace.errors import InvalidInput
from pinnace.services.schedules import RecurringRunRequest

RECURRING_RUN_FIELDS: Final = Fields(
    "RecurringRun",
    {
        "id": "id",
        "recurring_run_id": "id",
        "name": "name",
        "display_name": "name",
        "created_at": "created_at",
        "updated_at": "updated_at",
        "description": "description",
    },
    times=frozenset({"created_at", "updated_at"}),
)

_FAILED_PRECONDITION: Final = 9


def recurring_run_request(wire: WireRecurringRun) -> RecurringRunRequest:
    """What a client asks for; without a mode it is disabled, as upstream. Raises InvalidInput."""
    config = wire.runtime_config or WireRuntimeConfig()
    return RecurringRunRequest(
        display_name=wire.display_name,
        source=pipeline_source(wire),
        trigger=_trigger(wire.trigger or WireTrigger()),
        parameters=config.parameters or {},
        pipeline_root=config.pipeline_root,
        experiment=ExperimentId(wire.experiment_id) if wire.experiment_id else None,
        description=wire.description,
        service_account=wire.service_account,
        enabled=wire.mode == ENABLE,
        no_catchup=wire.no_catchup,
        max_concurrency=wire.max_concurrency,
        plugins_input=wire.plugins_input or {},
    )


def recurring_run_to_wire(recurring: RecurringRun, spec: dict[str, Any] | None) -> WireRecurringRun:
    """A recurring run as clients read it; *spec* is its document, unless it was made from a stored pipeline."""
    reference = recurring.reference
    parameters = dict(recurring.parameters)
    return WireRecurringRun.model_construct(
        recurring_run_id=recurring.id,
        display_name=recurring.display_name,
        description=recurring.description,
        pipeline_spec=spec,
        pipeline_version_reference=None
        if reference is None
        else WireReference(pipeline_id=reference.pipeline, pipeline_version_id=reference.version or ""),
        runtime_config=WireRuntimeConfig.model_construct(
            parameters=parameters or None, pipeline_root=recurring.pipeline_root
        )
        if parameters or recurring.pipeline_root
        else None,
        service_account=recurring.service_account,
        max_concurrency=recurring.max_concurrency,
        trigger=_trigger_to_wire(recurring.trigger),
        mode=ENABLE if recurring.enabled else DISABLE,
        created_at=timestamp(recurring.created_at),
        updated_at=timestamp(recurring.updated_at),
        status="ENABLED" if recurring.enabled else "DISABLED",
        error=Status(code=_FAILED_PRECONDITION, message=recurring.error) if recurring.error else None,
        no_catchup=recurring.no_catchup,
        experiment_id=recurring.experiment,
        plugins_input=dict(recurring.plugins_input) or None,
    )


def _trigger(wire: WireTrigger) -> Trigger:
    cron, periodic = wire.cron_schedule, wire.periodic_schedule
    if cron is not None and periodic is not None:
        raise InvalidInput("trigger: give either cron_schedule or periodic_schedule, not both.")
    if cron is not None:
        return CronTrigger(cron.cron, *_bounds("cron_schedule", cron))
    if periodic is not None:
        return IntervalTrigger(periodic.interval_second, *_bounds("periodic_schedule", periodic))
    return None


def _bounds(where: str, wire: WireCronSchedule | WirePeriodicSchedule) -> tuple[Instant | None, Instant | None]:
    def instant(name: str, text: str) -> Instant | None:
        return parse_timestamp(text, f"trigger.{where}.{name}") if text else None

    return instant("start_time", wire.start_time), instant("end_time", wire.end_time)


def _trigger_to_wire(trigger: Trigger) -> WireTrigger:
    if trigger is None:
        return WireTrigger()
    start = "" if trigger.start is None else timestamp(trigger.start)
    end = "" if trigger.end is None else timestamp(trigger.end)
    if isinstance(trigger, CronTrigger):
        return WireTrigger(cron_schedule=WireCronSchedule(cron=trigger.expression, start_time=start, end_time=end))
    return WireTrigger(
        periodic_schedule=WirePeriodicSchedule(interval_second=trigger.seconds, start_time=start, end_time=end)
    )
