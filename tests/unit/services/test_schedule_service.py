"""Recurring runs as they are asked for, and shown."""

from typing import Any

import pytest
from tests.unit.services.conftest import Bench, document

from pinnace.domain.ids import PipelineId, RunId
from pinnace.domain.listing import ListQuery
from pinnace.domain.runs import PipelineReference
from pinnace.domain.schedules import CronTrigger, IntervalTrigger, RecurringRun
from pinnace.domain.values import SECOND, Instant
from pinnace.errors import InvalidInput, InvalidPipeline, NotFound
from pinnace.testing.clock import EPOCH_OF_TESTS

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"display_name": ""}, "no name"),
    ({"display_name": "x" * 300}, "300 characters"),
    ({"max_concurrency": 0}, "at least 1 and at most 10. Received 0"),
    ({"max_concurrency": 11}, "Received 11"),
    ({"trigger": IntervalTrigger(0)}, "interval"),
    ({"trigger": CronTrigger("nope")}, "Schedule cron"),
    ({"trigger": CronTrigger("TZ=Nowhere/X * * * * * *")}, "no time zone"),
    ({"trigger": IntervalTrigger(1, Instant(2 * SECOND), Instant(SECOND))}, "end_time"),
    ({"trigger": IntervalTrigger(1, Instant(-SECOND))}, "1970"),
    ({"pipeline_root": "relative"}, "pipeline_root"),
]


@pytest.mark.parametrize(("options", "why"), WRONG)
def test_what_is_wrong_is_said(bench: Bench, options: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        bench.schedule(options.pop("trigger", IntervalTrigger(60)), **options)
    with bench.store.read() as uow:
        assert uow.schedules.list(ListQuery()).total == 0


def test_arguments_are_checked_when_it_is_made(bench: Bench) -> None:
    with pytest.raises(InvalidPipeline, match="p"):
        bench.schedule(IntervalTrigger(60), source=document("d", "p"))
    with pytest.raises(NotFound):
        bench.schedule(IntervalTrigger(60), source=PipelineReference(PipelineId("nothing")))


def test_the_name_of_a_run_fits(bench: Bench) -> None:
    bench.schedule(IntervalTrigger(60), display_name="x" * 255)
    bench.jump(60)
    (run,) = bench.made()
    assert run.display_name == "x" * 253 + "-1"


def test_the_preview_of_a_recurring_run_begins_with_what_is_overdue(bench: Bench) -> None:
    recurring = bench.schedule(IntervalTrigger(30, end=Instant(EPOCH_OF_TESTS + 100 * SECOND)))
    bench.clock.advance(45)
    found: RecurringRun = bench.schedules.get(recurring)
    told = bench.schedules.upcoming(found)
    assert [(each - EPOCH_OF_TESTS) // SECOND for each in told.times] == [30, 60, 90]
    assert list(told.warnings) == ["This fires more often than once a minute."]
    assert RunId(recurring) not in {run.id for run in bench.made()}
