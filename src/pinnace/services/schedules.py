"""Recurring runs: made, read, switched on and off, and deleted. ``firing`` makes the runs of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pinnace.domain.ids import ExperimentId, RecurringRunId, RunId
from pinnace.domain.listing import ListQuery, Operation, Page, Predicate
from pinnace.domain.plugins import PluginsInput
from pinnace.domain.runs import PipelineReference
from pinnace.domain.schedules import CronTrigger, IntervalTrigger, RecurringRun, Trigger
from pinnace.domain.values import Instant, JsonValue
from pinnace.errors import InvalidInput
from pinnace.ports.clock import Clock
from pinnace.ports.store import Store
from pinnace.services.cron import LAST, coming, parse_cron, zone_of
from pinnace.services.experiments import NAMESPACE, ExperimentService
from pinnace.services.macros import Moment, fill_in
from pinnace.services.names import MAX_RUN_NAME, check_name, check_pipeline_root
from pinnace.services.plugins import check_plugins_input
from pinnace.services.run_making import Source, checked_pipeline, experiment_in, source_in
from pinnace.services.schedule_rules import first_due, whole

MAX_CONCURRENCY: Final = 10
_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class RecurringRunRequest:
    """A recurring run to be made. ``source`` without a version stands for the latest one at each run."""

    display_name: str
    source: bytes | PipelineReference
    trigger: Trigger = None
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)
    pipeline_root: str = ""
    experiment: ExperimentId | None = None
    description: str = ""
    service_account: str = ""
    enabled: bool = False
    no_catchup: bool = False
    max_concurrency: int = 0
    plugins_input: PluginsInput = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a cron expression means: its next times, in which zone, and what its author may not have meant."""

    zone: str
    times: Sequence[Instant]
    warnings: Sequence[str]


class ScheduleService:
    """Use-cases on recurring runs.

    Args:
        zone: The time zone of expressions that name none; "" for UTC.
        changed: Called after a change that may make something due earlier. Returns at once.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        new_id: Callable[[], str],
        experiments: ExperimentService,
        zone: str = "",
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id
        self._experiments = experiments
        self._zone = zone
        self._changed = changed

    def create(self, request: RecurringRunRequest) -> RecurringRun:
        """A new recurring run. A pipeline version or an inline document is kept as it is now.

        Raises:
            InvalidPipeline: with every fault of the document, or of the arguments.
            InvalidInput: name, pipeline root, trigger, concurrency or what plugins are told is wrong.
            NotFound: there is no such experiment, pipeline or version.
        """
        check_name("recurring run", request.display_name, MAX_RUN_NAME)
        check_pipeline_root(request.pipeline_root)
        check_plugins_input(request.plugins_input)
        if not 1 <= request.max_concurrency <= MAX_CONCURRENCY:
            raise InvalidInput(
                f"Max concurrency of a recurring run must be at least 1 and at most {MAX_CONCURRENCY}. "
                f"Received {request.max_concurrency}"
            )
        trigger = _checked_trigger(request.trigger)
        now = self._clock.now()
        with self._store.read() as uow:
            source = source_in(uow, request.source)
        sample = Moment(RunId(self._new_id()), now, now, 1)
        checked_pipeline(source.document, fill_in(request.parameters, sample))
        with self._store.write() as uow:
            recurring = RecurringRun(
                id=RecurringRunId(self._new_id()),
                display_name=request.display_name,
                experiment=experiment_in(uow, request.experiment, lambda unit: self._experiments.default_in(unit).id),
                created_at=now,
                updated_at=now,
                trigger=trigger,
                document="" if _is_latest(request.source) else uow.pipelines.add_document(source.document),
                reference=_reference(request.source, source),
                parameters=dict(request.parameters),
                pipeline_root=request.pipeline_root,
                service_account=request.service_account,
                plugins_input=request.plugins_input,
                description=request.description,
                namespace=NAMESPACE,
                enabled=request.enabled,
                no_catchup=request.no_catchup,
                max_concurrency=request.max_concurrency,
            )
            if recurring.enabled:
                recurring = replace(recurring, next_at=first_due(recurring, self._zone))
            uow.schedules.add(recurring)
        self._changed()
        return recurring

    def get(self, recurring: RecurringRunId) -> RecurringRun:
        """Raises NotFound."""
        with self._store.read() as uow:
            return uow.schedules.get(recurring)

    def list(self, query: ListQuery) -> Page[RecurringRun]:
        """One page. Raises NotFound if ``query.parent`` is not an experiment."""
        with self._store.read() as uow:
            if query.parent is not None:
                uow.experiments.get(ExperimentId(query.parent))
            return uow.schedules.list(query)

    def several(self, ids: Sequence[RecurringRunId]) -> Sequence[RecurringRun]:
        """Those of them that exist."""
        query = ListQuery(predicates=(Predicate("id", Operation.IN, tuple(ids)),), size=len(ids))
        with self._store.read() as uow:
            return uow.schedules.list(query).items

    def soonest(self, count: int) -> Sequence[RecurringRun]:
        """Those that come next, at most *count*."""
        with self._store.read() as uow:
            return uow.schedules.due(LAST)[:count]

    def enable(self, recurring: RecurringRunId) -> None:
        """Go on from now; what would have come while it was disabled is not made up for. Raises NotFound."""
        now = self._clock.now()
        with self._store.write() as uow:
            found = uow.schedules.get(recurring)
            if found.enabled:
                return
            # A clock that ran ahead may have left a last time that is yet to come: it would hold everything up.
            last = None if found.last_at is None else min(found.last_at, whole(now))
            resumed = replace(found, enabled=True, updated_at=now, resumed_at=whole(now), last_at=last)
            uow.schedules.update(replace(resumed, next_at=first_due(resumed, self._zone)))
        self._changed()

    def disable(self, recurring: RecurringRunId) -> None:
        """Make no more runs; those that go on, go on. Raises NotFound."""
        now = self._clock.now()
        with self._store.write() as uow:
            found = uow.schedules.get(recurring)
            if found.enabled:
                uow.schedules.update(replace(found, enabled=False, updated_at=now, next_at=None))

    def delete(self, recurring: RecurringRunId) -> None:
        """Remove it; its runs stay and keep its id. Raises NotFound."""
        with self._store.write() as uow:
            uow.schedules.delete(recurring)

    def preview(self, expression: str, zone: str = "", count: int = 5, after: Instant | None = None) -> Preview:
        """What an expression means, from now on or from a later time *after*.

        *zone* counts where it names none; "" for the server's own. Raises InvalidInput.
        """
        zone = zone or self._zone
        zone_of(zone)
        parsed = parse_cron(expression)
        now = self._clock.now()
        times = coming(parsed, now if after is None else max(now, after), zone, count)
        return Preview(parsed.zone or zone or "UTC", times, parsed.warnings())

    def upcoming(self, recurring: RecurringRun, count: int = 5) -> Preview:
        """The next times of a recurring run, as if each of them was met; what is overdue comes first."""
        times: list[Instant] = []
        ahead, found = recurring, recurring.next_at
        while found is not None and len(times) < count:
            times.append(found)
            ahead = replace(ahead, last_at=found)
            found = first_due(ahead, self._zone)
        trigger = recurring.trigger
        if isinstance(trigger, CronTrigger):
            parsed = parse_cron(trigger.expression)
            return Preview(parsed.zone or self._zone or "UTC", times, parsed.warnings())
        often = isinstance(trigger, IntervalTrigger) and trigger.seconds < _MINUTE
        return Preview("UTC", times, ["This fires more often than once a minute."] if often else [])

    def document(self, digest: str) -> bytes:
        """A submitted document, byte for byte. Raises NotFound."""
        with self._store.read() as uow:
            return uow.pipelines.document(digest)


def _checked_trigger(trigger: Trigger) -> Trigger:
    """The trigger in whole seconds. Raises InvalidInput if it is none that can fire."""
    if trigger is None:
        return None
    if isinstance(trigger, CronTrigger):
        parse_cron(trigger.expression)
    elif trigger.seconds < 1:
        raise InvalidInput(
            f"Found invalid period schedule interval {trigger.seconds}. Set interval_second to at least 1 second."
        )
    for name, at in (("start_time", trigger.start), ("end_time", trigger.end)):
        if at is not None and at < 0:
            raise InvalidInput(f"{name} of the schedule lies before 1970. Give a later one.")
    start = None if trigger.start is None else whole(trigger.start)
    end = None if trigger.end is None else whole(trigger.end)
    if start is not None and end is not None and end < start:
        raise InvalidInput("end_time of the schedule lies before its start_time. Exchange them, or leave one out.")
    return replace(trigger, start=start, end=end)


def _is_latest(source: bytes | PipelineReference) -> bool:
    return not isinstance(source, bytes) and source.version is None


def _reference(asked: bytes | PipelineReference, found: Source) -> PipelineReference | None:
    return asked if not isinstance(asked, bytes) and asked.version is None else found.reference
