"""When a recurring run acts, and for which time. Pure; upstream: ``scheduledworkflow/util``.

Times of a schedule are whole seconds. It goes on from the last time for which it acted, else from its start, else from
its creation. An interval begins to count there; a cron expression gives the next time behind that.
"""

from pinnace.domain.schedules import CronTrigger, IntervalTrigger, RecurringRun
from pinnace.domain.values import SECOND, Instant
from pinnace.services.cron import LAST, parse_cron


def first_due(recurring: RecurringRun, zone: str) -> Instant | None:
    """The first time for which *recurring* has not acted yet, whether it has passed or not; None if there is none.

    What lies before its last resumption is left out. *zone* counts for expressions that name none.
    """
    trigger = recurring.trigger
    if trigger is None:
        return whole(recurring.created_at) if recurring.last_at is None else None
    anchor = recurring.last_at
    if anchor is None:
        anchor = whole(recurring.created_at) if trigger.start is None else trigger.start
    if isinstance(trigger, IntervalTrigger):
        found: Instant | None = _on_grid(anchor, trigger.seconds, recurring.resumed_at)
    else:
        found = _by_cron(trigger, anchor, recurring.resumed_at, zone)
    last = LAST if trigger.end is None else min(LAST, trigger.end)
    return None if found is None or found > last else found


def slot_at(recurring: RecurringRun, now: Instant, zone: str) -> Instant:
    """The time for which *recurring*, whose ``next_at`` has come, acts now: that, or a later one without catch-up.

    Without catch-up a cron expression jumps to its latest time. An interval of which two or more have passed acts for
    this very moment, and counts from here on, as upstream.
    """
    trigger, slot = recurring.trigger, recurring.next_at
    if slot is None:
        raise ValueError(f"recurring run {recurring.id} is not due")
    if trigger is None or not recurring.no_catchup:
        return slot
    until = whole(now) if trigger.end is None else min(whole(now), trigger.end)
    if isinstance(trigger, CronTrigger):
        return parse_cron(trigger.expression).latest(slot, until, zone)
    return until if whole(now) >= slot + trigger.seconds * SECOND else slot


def whole(instant: Instant) -> Instant:
    """*instant* without its fraction of a second."""
    return Instant(instant // SECOND * SECOND)


def _on_grid(anchor: Instant, seconds: int, resumed: Instant | None) -> Instant:
    step = seconds * SECOND
    passed = 0 if resumed is None else max(0, (resumed - anchor) // step)
    return Instant(anchor + (passed + 1) * step)


def _by_cron(trigger: CronTrigger, anchor: Instant, resumed: Instant | None, zone: str) -> Instant | None:
    expression = parse_cron(trigger.expression)
    if resumed is not None and resumed > anchor and expression.every:
        return _on_grid(anchor, expression.every, resumed)
    return expression.after(anchor if resumed is None else max(anchor, resumed), zone)
