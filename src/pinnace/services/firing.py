"""Runs out of recurring runs whose time has come.

A run and the progress of its schedule go into the database together, so that a crash loses neither and doubles neither.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from pinnace.domain.ids import RunId
from pinnace.domain.schedules import RecurringRun
from pinnace.domain.values import SECOND, Instant
from pinnace.errors import InvalidInput, NotFound
from pinnace.ports.clock import Clock
from pinnace.ports.control import RunControl
from pinnace.ports.log_context import about
from pinnace.ports.store import Store, UnitOfWork
from pinnace.ports.telemetry import NO_TELEMETRY, Telemetry
from pinnace.services.macros import Moment, fill_in
from pinnace.services.names import MAX_RUN_NAME
from pinnace.services.run_making import RunRequest, RunToAdd, Source, add_run, checked_pipeline, source_in
from pinnace.services.schedule_rules import first_due, slot_at, whole

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fired:
    """What one look at the clock has led to.

    Attributes:
        acted: Schedules that made a run, or could not; each of them may be due again at once.
        waiting: Schedules that are due and have as many unfinished runs as they may.
        next_at: When the next of the others is due; None for never.
    """

    acted: int
    waiting: int
    next_at: Instant | None


class Firing:
    """Makes the runs of recurring runs. Safe to call from several threads, and from several servers."""

    def __init__(
        self,
        store: Store,
        control: RunControl,
        clock: Clock,
        new_id: Callable[[], str],
        zone: str = "",
        telemetry: Telemetry = NO_TELEMETRY,
    ) -> None:
        self._store = store
        self._control = control
        self._clock = clock
        self._new_id = new_id
        self._zone = zone
        self._telemetry = telemetry
        self._ending = False

    def end(self) -> None:
        """Let the schedule finish that acts now, and no other begin: the server is shutting down."""
        self._ending = True

    def realign(self) -> None:
        """Work out anew when each enabled schedule is due: the zone of the server may be another than last time."""
        with self._store.write() as uow:
            for recurring in uow.schedules.enabled():
                try:
                    aligned = replace(recurring, next_at=first_due(recurring, self._zone))
                except InvalidInput as error:
                    # Its time zone, for instance, is none of this machine's.
                    aligned = replace(recurring, next_at=None, error=str(error))
                if aligned != recurring:
                    uow.schedules.update(aligned)

    def fire_due(self) -> Fired:
        """Let every schedule act once that is due now and may.

        A schedule that cannot make its run (the pipeline is gone, its parameters fit no more) notes why, and goes on
        with the first time that is yet to come.

        Raises:
            Exception: the first error of those that nobody could foresee, once all schedules have had their turn.
                Unavailable if the database cannot be written.
        """
        now = self._clock.now()
        with self._store.read() as uow:
            due = uow.schedules.due(now)
            unfinished = uow.schedules.unfinished([recurring.id for recurring in due])
            next_at = uow.schedules.next_at(now)
        free = [recurring for recurring in due if unfinished.get(recurring.id, 0) < recurring.max_concurrency]
        errors: list[Exception] = []
        for recurring in free:
            if self._ending:
                break
            try:
                with about({"recurring_run_id": recurring.id}):
                    self._fire(recurring, now)
            except Exception as error:
                errors.append(error)
        if errors:
            raise errors[0]
        return Fired(len(free), len(due) - len(free), next_at)

    def _fire(self, recurring: RecurringRun, now: Instant) -> None:
        slot = slot_at(recurring, now, self._zone)
        ahead = replace(recurring, last_at=slot, last_index=recurring.last_index + 1, error="")
        wanted: RunToAdd | None = None
        try:
            with self._store.read() as uow:
                wanted = self._prepare(uow, ahead, slot, now)
        except (InvalidInput, NotFound) as error:
            # Whatever else is overdue would fail in the same way.
            ahead = replace(ahead, last_index=recurring.last_index, resumed_at=whole(now), error=str(error))
        ahead = replace(ahead, next_at=first_due(ahead, self._zone))
        if not self._write(recurring, ahead, wanted, now):
            return
        self._telemetry.fired(made_run=wanted is not None, late=max(0, now - slot) / SECOND)
        if wanted is None:
            _LOG.warning("A recurring run could not make its run: %s", ahead.error)
        else:
            _LOG.info("A recurring run made run %s.", wanted.id)
            self._control.wake(wanted.id)

    def _prepare(self, uow: UnitOfWork, recurring: RecurringRun, slot: Instant, now: Instant) -> RunToAdd:
        """The run with the number ``last_index``. Raises InvalidInput or NotFound."""
        run, index = RunId(self._new_id()), recurring.last_index
        source = _source(uow, recurring)
        parameters = fill_in(recurring.parameters, Moment(run, now, slot, index))
        request = RunRequest(
            display_name=_name(recurring.display_name, index),
            source=source.reference or source.document,
            parameters=parameters,
            pipeline_root=recurring.pipeline_root,
            experiment=uow.experiments.get(recurring.experiment).id,
            service_account=recurring.service_account,
            plugins_input=recurring.plugins_input,
            scheduled_at=slot,
        )
        name = checked_pipeline(source.document, parameters)
        return RunToAdd(run, request, source, name, recurring.experiment, parameters, recurring.id)

    def _write(self, before: RecurringRun, ahead: RecurringRun, wanted: RunToAdd | None, now: Instant) -> bool:
        """Store a run and how far that brings its schedule; False if the schedule has changed since it was read."""
        with self._store.write() as uow:
            try:
                current = uow.schedules.get(before.id)
            except NotFound:
                return False
            if current != before:
                return False
            if wanted is not None:
                add_run(uow, wanted, now)
            uow.schedules.update(ahead)
        return True


def _source(uow: UnitOfWork, recurring: RecurringRun) -> Source:
    if recurring.reference is not None and recurring.reference.version is None:
        return source_in(uow, recurring.reference)
    return Source(uow.pipelines.document(recurring.document), recurring.reference)


def _name(name: str, index: int) -> str:
    """The name of a run: that of the recurring run, cut if need be, and its number."""
    return f"{name[: MAX_RUN_NAME - len(str(index)) - 1]}-{index}"
