"""When a recurring run acts. Times are seconds after noon of a Wednesday, unless they say otherwise."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinnace.domain.ids import ExperimentId, RecurringRunId
from pinnace.domain.schedules import CronTrigger, IntervalTrigger, RecurringRun, Trigger
from pinnace.domain.values import SECOND, Instant
from pinnace.services.schedule_rules import first_due, slot_at

NOON = 1_715_169_600


def at(seconds: float | None) -> Instant | None:
    return None if seconds is None else Instant(round((NOON + seconds) * SECOND))


def interval(seconds: int, start: float | None = None, end: float | None = None) -> IntervalTrigger:
    return IntervalTrigger(seconds, at(start), at(end))


def cron(expression: str, start: float | None = None, end: float | None = None) -> CronTrigger:
    return CronTrigger(expression, at(start), at(end))


def recurring(trigger: Trigger, **changes: object) -> RecurringRun:
    created = at(0.75)
    assert created is not None
    made = RecurringRun(RecurringRunId("r"), "r", ExperimentId("e"), created, created, trigger, enabled=True)
    times = {key: at(value) if key.endswith("_at") else value for key, value in changes.items()}  # type: ignore[arg-type]
    return replace(made, **times)  # type: ignore[arg-type]


DUE = [
    # The first period ends one interval after the start, or the creation; never at the start itself.
    (recurring(interval(60)), 60),
    (recurring(interval(60, start=30)), 90),
    (recurring(interval(60, start=-600)), -540),
    (recurring(interval(60), last_at=60), 120),
    # The end belongs to it.
    (recurring(interval(60, end=60)), 60),
    (recurring(interval(60, end=59)), None),
    (recurring(interval(60, end=60), last_at=60), None),
    # After a pause the grid stays, and what is not later than the resumption is gone.
    (recurring(interval(60), last_at=60, resumed_at=100), 120),
    (recurring(interval(60), last_at=60, resumed_at=120), 180),
    (recurring(interval(60), last_at=60, resumed_at=1000), 1020),
    (recurring(interval(60, start=5000), resumed_at=1000), 5060),
    # Cron: strictly after the last time, the start or the creation.
    (recurring(cron("0 * * * * *")), 60),
    (recurring(cron("0 * * * * *", start=60)), 120),
    (recurring(cron("0 * * * * *", start=-120)), -60),
    (recurring(cron("0 * * * * *"), last_at=60), 120),
    (recurring(cron("0 * * * * *", end=60)), 60),
    (recurring(cron("0 * * * * *", end=59)), None),
    (recurring(cron("0 * * * * *"), last_at=60, resumed_at=1000), 1020),
    (recurring(cron("@every 50s", start=10)), 60),
    (recurring(cron("@every 50s", start=10), last_at=60, resumed_at=1000), 1010),
    # Nothing but "once".
    (recurring(None), 0),
    (recurring(None, resumed_at=50), 0),
    (recurring(None, last_at=0), None),
    # Further than any calendar.
    (recurring(interval(2**62)), None),
    (recurring(cron("0 0 0 29 2 ?", start=(8997 - 2024) * 31_557_600)), None),
]


@pytest.mark.parametrize(("given_run", "expected"), DUE)
def test_the_first_time_that_is_due(given_run: RecurringRun, expected: float | None) -> None:
    assert first_due(given_run, "UTC") == at(expected)


NOW = [
    # With catch-up each time that was missed has its turn.
    (recurring(interval(60), next_at=60), 1000.5, 60),
    (recurring(cron("0 * * * * *"), next_at=60), 1000.5, 60),
    # Without: cron jumps to the latest, an interval acts for this moment if two have passed.
    (recurring(cron("0 * * * * *"), next_at=60, no_catchup=True), 60, 60),
    (recurring(cron("0 * * * * *"), next_at=60, no_catchup=True), 119.9, 60),
    (recurring(cron("0 * * * * *"), next_at=60, no_catchup=True), 120, 120),
    (recurring(cron("0 * * * * *"), next_at=60, no_catchup=True), 1000, 960),
    (recurring(cron("0 * * * * *", end=300), next_at=60, no_catchup=True), 1000, 300),
    (recurring(cron("@every 50s"), next_at=50, no_catchup=True), 1009, 1000),
    (recurring(interval(60), next_at=60, no_catchup=True), 119, 60),
    (recurring(interval(60), next_at=60, no_catchup=True), 120, 120),
    (recurring(interval(60), next_at=60, no_catchup=True), 1000.9, 1000),
    (recurring(interval(60, end=300), next_at=60, no_catchup=True), 1000, 300),
    (recurring(None, next_at=0, no_catchup=True), 1000, 0),
]


@pytest.mark.parametrize(("given_run", "now", "expected"), NOW)
def test_the_time_for_which_it_acts(given_run: RecurringRun, now: float, expected: float) -> None:
    moment = at(now)
    assert moment is not None
    assert slot_at(given_run, moment, "UTC") == at(expected)


def test_what_is_not_due_does_not_act() -> None:
    with pytest.raises(ValueError, match="not due"):
        slot_at(recurring(interval(60)), Instant(NOON * SECOND), "UTC")


def test_the_zone_of_the_server_counts_where_none_is_named() -> None:
    nine = recurring(cron("0 0 9 * * *"))
    own = recurring(cron("TZ=Asia/Tokyo 0 0 9 * * *"))
    assert first_due(nine, "UTC") == at(21 * 3600)
    assert first_due(nine, "Asia/Seoul") == first_due(own, "Europe/Berlin") == at(12 * 3600)


TRIGGERS = st.one_of(
    st.builds(interval, st.integers(1, 90), st.none() | st.integers(-100, 100), st.none() | st.integers(101, 600)),
    st.builds(
        cron,
        st.sampled_from(["*/7 * * * * *", "0 * * * * *", "15,45 */2 * * * *", "@every 13s"]),
        st.none() | st.integers(-100, 100),
        st.none() | st.integers(101, 600),
    ),
)


@given(TRIGGERS, st.booleans(), st.lists(st.integers(-30, 200), min_size=1, max_size=40))
def test_however_the_clock_jumps_times_only_grow(trigger: Trigger, no_catchup: bool, steps: list[int]) -> None:
    state = recurring(trigger, no_catchup=no_catchup)
    state = replace(state, next_at=first_due(state, "UTC"))
    fired: list[Instant] = []
    clock = 0
    for step in steps:
        clock += step
        now = at(clock)
        assert now is not None
        while state.next_at is not None and state.next_at <= now:
            slot = slot_at(state, now, "UTC")
            assert state.next_at <= slot <= now
            fired.append(slot)
            state = replace(state, last_at=slot, last_index=state.last_index + 1)
            state = replace(state, next_at=first_due(state, "UTC"))
    assert fired == sorted(set(fired))
    assert trigger is not None
    assert trigger.end is None or all(slot <= trigger.end for slot in fired)
    if not no_catchup:
        # Nothing is left out: the same schedule, seen by a clock that only goes forwards, fires for the same times.
        again = recurring(trigger)
        expected: list[Instant] = []
        while len(expected) < len(fired):
            slot_or_none = first_due(again, "UTC")
            assert slot_or_none is not None
            expected.append(slot_or_none)
            again = replace(again, last_at=slot_or_none)
        assert fired == expected
