"""Rows and domain objects of recurring runs."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from pinnace.domain.ids import ExperimentId, RecurringRunId
from pinnace.domain.schedules import CronTrigger, IntervalTrigger, RecurringRun, Trigger
from pinnace.domain.values import Instant
from pinnace.store.rows import Values, reference_from


def recurring_values(recurring: RecurringRun) -> Values:
    """The row of a recurring run."""
    reference = recurring.reference
    return {
        "id": recurring.id,
        "namespace": recurring.namespace,
        "creator": recurring.creator,
        "display_name": recurring.display_name,
        "description": recurring.description,
        "experiment_id": recurring.experiment,
        "document": recurring.document,
        "pipeline_id": None if reference is None else reference.pipeline,
        "pipeline_version_id": None if reference is None else reference.version,
        "pipeline_root": recurring.pipeline_root,
        "service_account": recurring.service_account,
        "parameters": json.dumps(dict(recurring.parameters)),
        "trigger": json.dumps(_trigger_json(recurring.trigger)),
        "plugins_input": json.dumps(dict(recurring.plugins_input)) if recurring.plugins_input else None,
        "no_catchup": recurring.no_catchup,
        "max_concurrency": recurring.max_concurrency,
        "created_at": recurring.created_at,
        **progress_values(recurring),
    }


def progress_values(recurring: RecurringRun) -> Values:
    """What changes in the row of a recurring run."""
    return {
        "enabled": recurring.enabled,
        "updated_at": recurring.updated_at,
        "last_at": recurring.last_at,
        "last_index": recurring.last_index,
        "resumed_at": recurring.resumed_at,
        "next_at": recurring.next_at,
        "error": recurring.error,
    }


def recurring_from(row: Row[Any]) -> RecurringRun:
    """The recurring run of a row."""
    return RecurringRun(
        id=RecurringRunId(row.id),
        display_name=row.display_name,
        experiment=ExperimentId(row.experiment_id),
        created_at=Instant(row.created_at),
        updated_at=Instant(row.updated_at),
        trigger=_trigger_from(json.loads(row.trigger)),
        document=row.document,
        reference=reference_from(row),
        parameters=json.loads(row.parameters),
        pipeline_root=row.pipeline_root,
        service_account=row.service_account,
        plugins_input={} if row.plugins_input is None else json.loads(row.plugins_input),
        description=row.description,
        namespace=row.namespace,
        creator=row.creator,
        enabled=row.enabled,
        no_catchup=row.no_catchup,
        max_concurrency=row.max_concurrency,
        last_at=row.last_at,
        last_index=row.last_index,
        resumed_at=row.resumed_at,
        next_at=row.next_at,
        error=row.error,
    )


def _trigger_json(trigger: Trigger) -> Values | None:
    if trigger is None:
        return None
    times = {"start": trigger.start, "end": trigger.end}
    if isinstance(trigger, CronTrigger):
        return {"cron": trigger.expression, **times}
    return {"seconds": trigger.seconds, **times}


def _trigger_from(content: Mapping[str, Any] | None) -> Trigger:
    if content is None:
        return None
    if "cron" in content:
        return CronTrigger(content["cron"], content["start"], content["end"])
    return IntervalTrigger(content["seconds"], content["start"], content["end"])
