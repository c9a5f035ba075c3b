"""Recurring runs: runs that a schedule makes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from pinnace.domain.ids import ExperimentId, RecurringRunId
from pinnace.domain.plugins import PluginsInput
from pinnace.domain.runs import PipelineReference
from pinnace.domain.values import Instant, JsonValue


@dataclass(frozen=True, slots=True)
class CronTrigger:
    """At the times that an expression names, after ``start`` and up to ``end``. Both are whole seconds."""

    expression: str
    start: Instant | None = None
    end: Instant | None = None


@dataclass(frozen=True, slots=True)
class IntervalTrigger:
    """Every so many seconds, the first time that long after ``start`` (or the creation), up to ``end``."""

    seconds: int
    start: Instant | None = None
    end: Instant | None = None


Trigger: TypeAlias = CronTrigger | IntervalTrigger | None
"""When runs are made. None: once, as soon as the recurring run is enabled."""


@dataclass(frozen=True, slots=True)
class RecurringRun:
    """A recurring run, and how far its schedule has come.

    Attributes:
        document: SHA-256 of the pipeline document; "" where every run takes the pipeline's latest version.
        reference: The stored pipeline, with the version unless it is always the latest; None for an inline document.
        parameters: As submitted, with the macros still in them.
        plugins_input: What its runs tell each plugin.
        no_catchup: Of several times that were missed, only the latest makes a run.
        max_concurrency: Unfinished runs at a time; while there are so many, the schedule waits.
        last_at: The time of the schedule, not of the clock, for which it acted last.
        last_index: How many runs it has made.
        resumed_at: When it was enabled after having been disabled; no earlier time is made up for.
        next_at: The first time for which it has not acted yet; None while it is disabled, and when there is none.
        error: Why there is no run for ``last_at``; "" if there is one.
    """

    id: RecurringRunId
    display_name: str
    experiment: ExperimentId
    created_at: Instant
    updated_at: Instant
    trigger: Trigger = None
    document: str = ""
    reference: PipelineReference | None = None
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)
    pipeline_root: str = ""
    service_account: str = ""
    plugins_input: PluginsInput = field(default_factory=dict)
    description: str = ""
    namespace: str = "default"
    creator: str = ""
    enabled: bool = False
    no_catchup: bool = False
    max_concurrency: int = 1
    last_at: Instant | None = None
    last_index: int = 0
    resumed_at: Instant | None = None
    next_at: Instant | None = None
    error: str = ""
