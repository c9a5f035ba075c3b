"""Runs out of schedules, on a real database and with a clock that the test moves."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

import pytest
from tests.unit.services.conftest import Bench, document

from pinnace.domain.ids import PipelineId, PipelineVersionId, RecurringRunId
from pinnace.domain.listing import ListQuery
from pinnace.domain.runs import PipelineReference
from pinnace.domain.schedules import CronTrigger, IntervalTrigger, RecurringRun
from pinnace.domain.states import RunState
from pinnace.domain.values import SECOND, Instant, JsonValue
from pinnace.errors import Conflict, NotFound
from pinnace.ports.store import Store, UnitOfWork
from pinnace.services.firing import Firing
from pinnace.services.pipelines import Labels
from pinnace.services.run_making import RunRequest
from pinnace.testing.clock import EPOCH_OF_TESTS
from pinnace.testing.control import RecordingControl


def test_a_run_is_made_when_its_time_has_come(bench: Bench) -> None:
    made_from = bench.schedule(IntervalTrigger(60), parameters={}, service_account="robot", pipeline_root="/r")
    assert bench.jump(59) == []
    assert bench.jump(1) == [60]
    (run,) = bench.made()
    assert (run.display_name, run.recurring_run, run.state) == ("nightly-1", made_from, RunState.PENDING)
    assert (run.service_account, run.pipeline_root, run.pipeline_name) == ("robot", "/r", "one-task")
    assert bench.control.calls == [("wake", run.id)]
    with bench.store.read() as uow:
        assert [event.type for event in uow.log.events(run.id)] == ["RunCreated"]
        assert uow.experiments.get(run.experiment).last_run_created_at == bench.clock.now()
    assert bench.act() == []
    assert bench.changes == 1


def test_the_answer_says_when_to_look_again(bench: Bench) -> None:
    assert bench.firing.fire_due().next_at is None
    bench.schedule(IntervalTrigger(60))
    bench.schedule(IntervalTrigger(50))
    told = bench.firing.fire_due()
    assert (told.acted, told.waiting, told.next_at) == (0, 0, EPOCH_OF_TESTS + 50 * SECOND)


def test_catch_up_makes_up_for_every_missed_time_in_order(bench: Bench) -> None:
    bench.schedule(IntervalTrigger(60))
    assert bench.jump(305) == [60, 120, 180, 240, 300]
    assert [run.display_name for run in bench.made()] == [f"nightly-{number}" for number in range(1, 6)]
    assert bench.jump(55) == [360]


def test_a_start_in_the_past_is_made_up_for(bench: Bench) -> None:
    bench.schedule(IntervalTrigger(60, start=Instant(EPOCH_OF_TESTS - 150 * SECOND)))
    assert bench.act() == [-90, -30]


def test_without_catch_up_the_latest_time_is_met_once(bench: Bench) -> None:
    bench.schedule(CronTrigger("*/20 * * * * *"), no_catchup=True)
    # The clock of tests begins 20 seconds into a minute.
    assert bench.jump(110) == [100]
    assert bench.jump(10) == [120]
    bench.schedule(IntervalTrigger(60), no_catchup=True, display_name="other")
    bench.clock.advance(200)
    assert sorted(bench.act()) == [320, 320]


def test_a_clock_that_jumps_backwards_fires_nothing_twice_and_loses_nothing(bench: Bench) -> None:
    bench.schedule(IntervalTrigger(60))
    assert bench.jump(130) == [60, 120]
    assert bench.jump(-100) == []
    assert bench.jump(90) == []
    assert bench.jump(60) == [180]
    assert bench.jump(-10_000) == []
    assert bench.jump(10_100) == [240]


def test_enabling_again_helps_after_a_clock_ran_far_ahead(bench: Bench) -> None:
    recurring = bench.schedule(IntervalTrigger(60), no_catchup=True)
    assert bench.jump(1_000_000) == [1_000_000]
    assert bench.jump(-999_900) == []
    bench.schedules.disable(recurring)
    bench.schedules.enable(recurring)
    assert bench.jump(60) == [160]


def test_what_was_missed_while_disabled_is_not_made_up_for(bench: Bench) -> None:
    recurring = bench.schedule(IntervalTrigger(60))
    assert bench.jump(60) == [60]
    bench.schedules.disable(recurring)
    assert bench.jump(600) == []
    bench.schedules.enable(recurring)
    assert bench.act() == []
    assert bench.jump(59) == []
    assert bench.jump(1) == [720]
    assert bench.changes == 2


def test_enabling_what_is_enabled_drops_nothing(bench: Bench) -> None:
    recurring = bench.schedule(IntervalTrigger(60))
    bench.clock.advance(120)
    bench.schedules.enable(recurring)
    assert bench.act() == [60, 120]


def test_no_more_than_so_many_runs_at_a_time(bench: Bench) -> None:
    recurring = bench.schedule(IntervalTrigger(10), max_concurrency=2)
    other = bench.schedule(IntervalTrigger(10), max_concurrency=1, display_name="other")
    assert bench.jump(35) == [10, 10, 20]
    assert bench.firing.fire_due().waiting == 2
    first = next(run for run in bench.made() if run.recurring_run == recurring)
    bench.end(first)
    assert bench.act() == [30]
    assert [run.recurring_run for run in bench.made()].count(other) == 1


def test_one_off_without_a_trigger(bench: Bench) -> None:
    bench.schedule(None)
    assert bench.act() == [0]
    assert bench.jump(10_000) == []


def test_macros_and_the_schedules_time_reach_the_run(bench: Bench) -> None:
    parameters: dict[str, JsonValue] = {"p": "[[RunUUID]] [[Index]] [[ScheduledTime]] [[CurrentTime.15:04:05]]"}
    bench.schedule(IntervalTrigger(60), source=document("d", "p"), parameters=parameters)
    bench.clock.advance(125)
    bench.act()
    first, second = bench.made()
    assert first.parameters == {"p": f"{first.id} 1 20231114221420 22:15:25"}
    assert second.parameters == {"p": f"{second.id} 2 20231114221520 22:15:25"}


def test_macros_of_a_run_that_somebody_submits(bench: Bench) -> None:
    request = RunRequest("r", document("d", "p"), {"p": "[[RunUUID]] [[CurrentTime.2006]] [[ScheduledTime]] [[Index]]"})
    run = bench.runs.create(request)
    assert run.parameters == {"p": f"{run.id} 2023 [[ScheduledTime]] [[Index]]"}
    later = replace(request, scheduled_at=EPOCH_OF_TESTS)
    assert bench.runs.create(later).parameters["p"].split()[2] == "20231114221320"  # type: ignore[union-attr]


def _reference(pipeline: str, version: str | None = None) -> PipelineReference:
    return PipelineReference(PipelineId(pipeline), None if version is None else PipelineVersionId(version))


def test_the_latest_version_is_taken_each_time_and_a_named_one_is_kept(bench: Bench) -> None:
    pipeline = bench.pipelines.upload(Labels(name="p"), document("one"))
    (first,) = bench.pipelines.list_versions(pipeline.id, ListQuery()).items
    latest = bench.schedule(IntervalTrigger(60), source=_reference(pipeline.id))
    pinned = bench.schedule(IntervalTrigger(60), source=_reference(pipeline.id, first.id))
    bench.clock.advance(1)
    second = bench.pipelines.upload_version(pipeline.id, Labels(name="v2"), document("two"))
    bench.pipelines.delete_version(pipeline.id, first.id)
    bench.clock.advance(60)
    bench.act()
    runs = {run.recurring_run: run for run in bench.made()}
    assert runs[latest].reference == _reference(pipeline.id, second.id)
    assert runs[latest].pipeline_name == "two"
    assert runs[pinned].reference == _reference(pipeline.id, first.id)
    assert runs[pinned].pipeline_name == "one"
    assert bench.schedules.get(latest).reference == _reference(pipeline.id)


def test_why_there_is_no_run_is_noted_and_the_schedule_goes_on(bench: Bench) -> None:
    pipeline = bench.pipelines.upload(Labels(name="p"), document("one"))
    recurring = bench.schedule(IntervalTrigger(60), source=_reference(pipeline.id))
    healthy = bench.schedule(IntervalTrigger(100), display_name="healthy")
    bench.clock.advance(1)
    bench.pipelines.upload_version(pipeline.id, Labels(name="v2"), document("two", "needed"))
    assert bench.jump(199) == [100, 200]
    assert {run.recurring_run for run in bench.made()} == {healthy}
    failing = bench.schedules.get(recurring)
    assert "needed" in failing.error
    assert (failing.last_index, failing.next_at) == (0, EPOCH_OF_TESTS + 240 * SECOND)
    assert failing.last_at == EPOCH_OF_TESTS + 60 * SECOND, "the others that were overdue are not tried one by one"
    bench.pipelines.upload_version(pipeline.id, Labels(name="v3"), document("three"))
    assert bench.jump(40) == [240]
    assert bench.schedules.get(recurring).error == ""
    assert bench.made()[-1].display_name == "nightly-1"
    bench.pipelines.delete(pipeline.id, cascade=True)
    assert bench.jump(60) == [300]
    assert "not found" in bench.schedules.get(recurring).error


def test_a_deleted_experiment_is_noted_too(bench: Bench) -> None:
    experiment = bench.experiments.create("e")
    recurring = bench.schedule(IntervalTrigger(60), experiment=experiment.id)
    bench.experiments.delete(experiment.id)
    assert bench.jump(60) == []
    assert experiment.id in bench.schedules.get(recurring).error


def test_an_archived_experiment_disables_its_recurring_runs(bench: Bench) -> None:
    experiment = bench.experiments.create("e")
    inside = bench.schedule(IntervalTrigger(60), experiment=experiment.id)
    outside = bench.schedule(IntervalTrigger(60))
    bench.experiments.archive(experiment.id)
    assert bench.jump(60) == [60]
    assert not bench.schedules.get(inside).enabled
    assert bench.schedules.get(outside).enabled


def test_a_deleted_recurring_run_leaves_its_runs(bench: Bench) -> None:
    recurring = bench.schedule(IntervalTrigger(60))
    bench.jump(60)
    bench.schedules.delete(recurring)
    assert bench.jump(600) == []
    (run,) = bench.made()
    assert run.recurring_run == recurring
    with pytest.raises(NotFound):
        bench.schedules.get(recurring)


class _Broken:
    """A store whose writing transactions fail behind their last statement."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.read = store.read

    @contextmanager
    def write(self) -> Iterator[UnitOfWork]:
        with self._store.write() as uow:
            yield uow
            raise Conflict("the power has failed")


def test_a_crash_in_the_middle_neither_loses_nor_doubles(bench: Bench) -> None:
    recurring = bench.schedule(IntervalTrigger(60))
    before = bench.schedules.get(recurring)
    bench.clock.advance(60)
    broken = Firing(_Broken(bench.store), bench.control, bench.clock, lambda: "x")  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        broken.fire_due()
    assert bench.made() == []
    assert bench.schedules.get(recurring) == before
    assert bench.control.calls == []
    assert bench.act() == [60]


def test_several_servers_on_one_database_make_each_run_once(bench: Bench) -> None:
    numbers = count(1)
    lock = threading.Lock()

    def new_id() -> str:
        with lock:
            return f"run-{next(numbers)}"

    for name in "abc":
        bench.schedule(IntervalTrigger(60), display_name=name)
    bench.clock.advance(5 * 60)

    def serve() -> None:
        firing = Firing(bench.store, RecordingControl(), bench.clock, new_id)
        while firing.fire_due().acted:
            pass

    servers = [threading.Thread(target=serve) for _ in range(4)]
    for server in servers:
        server.start()
    for server in servers:
        server.join()
    found = [(run.recurring_run, run.scheduled_at) for run in bench.made()]
    assert len(found) == len(set(found)) == 15


def test_another_zone_of_the_server_counts_from_its_next_start_on(bench: Bench) -> None:
    def next_at(recurring: RecurringRunId) -> Instant | None:
        return bench.schedules.get(recurring).next_at

    nine, own = bench.schedule(CronTrigger("0 0 9 * * *")), bench.schedule(CronTrigger("TZ=UTC 0 0 9 * * *"))
    before = next_at(nine)
    assert before == next_at(own)
    assert before is not None
    Firing(bench.store, bench.control, bench.clock, lambda: "x", "Asia/Seoul").realign()
    assert next_at(own) == before
    assert next_at(nine) == before - 9 * 3600 * SECOND


def test_a_time_zone_that_this_machine_lacks_holds_up_nobody_else(bench: Bench) -> None:
    lost = bench.schedule(CronTrigger("0 * * * * *"))
    bench.schedule(IntervalTrigger(60))
    Firing(bench.store, bench.control, bench.clock, lambda: "x", "Gone/Away").realign()
    assert bench.jump(60) == [60]
    found = bench.schedules.get(lost)
    assert (found.enabled, found.next_at) == (True, None)
    assert "Gone/Away" in found.error
    bench.firing.realign()
    assert bench.act() == [40]
    assert bench.schedules.get(lost).error == ""


def test_one_that_fails_in_an_unforeseen_way_holds_up_nobody_else(bench: Bench) -> None:
    bench.schedule(IntervalTrigger(30), display_name="bad")
    good = bench.schedule(IntervalTrigger(60))
    bench.clock.advance(60)

    class Failing(Firing):
        def _fire(self, recurring: RecurringRun, now: Instant) -> None:
            if recurring.display_name == "bad":
                raise ZeroDivisionError("unforeseen")
            super()._fire(recurring, now)

    with pytest.raises(ZeroDivisionError):
        Failing(bench.store, bench.control, bench.clock, lambda: "a-run").fire_due()
    assert [run.recurring_run for run in bench.made()] == [good]


def test_a_server_that_shuts_down_begins_with_no_other_schedule(bench: Bench) -> None:
    for name in "abc":
        bench.schedule(IntervalTrigger(60), display_name=name)
    bench.clock.advance(60)

    class EndsBehindTheFirst(Firing):
        def _fire(self, recurring: RecurringRun, now: Instant) -> None:
            super()._fire(recurring, now)
            self.end()

    numbers = count(1)
    EndsBehindTheFirst(bench.store, bench.control, bench.clock, lambda: f"run-{next(numbers)}").fire_due()
    assert len(bench.made()) == 1
    assert bench.act() == [60, 60]
