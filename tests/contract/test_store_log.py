"""Contract of the run log: order, compare-and-set, change numbers, projections, deletion."""

import pytest

from pinnace.domain.ids import ArtifactId, NodeId, RunId
from pinnace.domain.states import AttemptOutcome, NodePhase, RunState
from pinnace.domain.tasks import AttemptRecord, NodeBinding, TaskFailure, TaskRecord
from pinnace.domain.values import Instant
from pinnace.errors import AlreadyExists, Conflict, InvalidInput, NotFound, VersionConflict
from pinnace.ports.store import CacheEntry, LogAppend, RunProgress, Store
from pinnace.testing.records import a_run, a_task, an_artifact, some_events

ONE = RunId("one")
TWO = RunId("two")
RUNS = 2
"""Change numbers that the runs themselves have taken."""


@pytest.fixture(autouse=True)
def two_runs(store: Store) -> None:
    with store.write() as unit:
        unit.runs.add(a_run(ONE, at=1))
        unit.runs.add(a_run(TWO, at=2))


def test_events_come_back_in_order_and_in_full(store: Store) -> None:
    events = some_events(1, 3, {"text": "á\u0000\ud800", "list": [1, 1.0, None, True, {"$value": "x", "$$value": 2}]})
    assert store.append([LogAppend(ONE, 0, events)]) == [None]
    with store.read() as unit:
        assert unit.log.events(ONE) == events
        assert unit.log.events(ONE, after=2) == events[2:]
        assert repr(unit.log.events(ONE)[0].body["list"]).startswith("[1, 1.0, None")
        assert unit.log.last_sequence(ONE) == 3
        assert unit.log.last_sequence(TWO) == 0
        assert unit.log.last_sequence(RunId("none")) == 0
        assert unit.log.change_number() == RUNS + 3


def test_a_wrong_expected_sequence_is_a_version_conflict_and_stores_nothing(store: Store) -> None:
    store.append([LogAppend(ONE, 0, some_events(1, 2))])
    for expected in (0, 1, 3):
        with pytest.raises(VersionConflict), store.write() as unit:
            unit.log.append(LogAppend(ONE, expected, some_events(expected + 1, 1), tasks=[a_task(ONE, "late")]))
    with store.read() as unit:
        assert unit.log.last_sequence(ONE) == 2
        assert unit.log.change_number() == RUNS + 2
        assert unit.runs.tasks([ONE]) == {ONE: []}


def test_events_must_be_numbered_without_gaps(store: Store) -> None:
    with pytest.raises(ValueError, match="not numbered"), store.write() as unit:
        unit.log.append(LogAppend(ONE, 0, some_events(2, 1)))
    with pytest.raises(ValueError, match="without an event"), store.write() as unit:
        unit.log.append(LogAppend(ONE, 0, [], tasks=[a_task(ONE, "a")]))


def test_a_deleted_run_takes_no_more_events(store: Store) -> None:
    with store.write() as unit:
        unit.runs.delete(ONE)
    with pytest.raises(NotFound), store.write() as unit:
        unit.log.append(LogAppend(ONE, 0, some_events(1, 1)))


def test_each_entry_of_a_group_succeeds_or_fails_by_itself(store: Store) -> None:
    unknown = RunId("unknown")
    errors = store.append(
        [
            LogAppend(ONE, 0, some_events(1, 1)),
            LogAppend(unknown, 0, some_events(1, 1)),
            LogAppend(TWO, 5, some_events(6, 1)),
            LogAppend(TWO, 0, some_events(1, 2), tasks=[a_task(TWO, "a", parameters={"x": object()})]),  # type: ignore[dict-item]
            LogAppend(ONE, 1, some_events(2, 1), RunProgress(RunState.SUCCEEDED)),
            LogAppend(ONE, 1, some_events(2, 1)),
            LogAppend(TWO, 0, some_events(1, 2)),
        ]
    )
    kinds = [None if error is None else type(error) for error in errors]
    assert kinds == [None, NotFound, VersionConflict, TypeError, Conflict, None, None]
    with store.read() as unit:
        assert unit.log.last_sequence(ONE) == unit.log.last_sequence(TWO) == 2
        assert unit.log.change_number() == RUNS + 4


def test_progress_moves_the_run_on_and_keeps_its_states(store: Store) -> None:
    failure = TaskFailure("It broke.", "ExitCode", 3)
    steps = (
        RunProgress(RunState.RUNNING, entered=((Instant(1), RunState.PENDING), (Instant(2), RunState.RUNNING))),
        RunProgress(RunState.FAILED, Instant(9), failure, ((Instant(9), RunState.FAILED),)),
        RunProgress(RunState.RUNNING, entered=((Instant(12), RunState.RUNNING),)),
    )
    seen = []
    for number, step in enumerate(steps):
        assert store.append([LogAppend(ONE, number, some_events(number + 1, 1), step)]) == [None]
        with store.read() as unit:
            run = unit.runs.get(ONE)
            seen.append((run.state, run.finished_at, run.failure))
    assert seen == [(RunState.RUNNING, None, None), (RunState.FAILED, 9, failure), (RunState.RUNNING, None, None)]
    assert [state.value for _, state in run.state_history] == ["PENDING", "RUNNING", "FAILED", "RUNNING"]
    assert [at for at, _ in run.state_history] == [1, 2, 9, 12]


@pytest.mark.parametrize(
    "progress",
    [
        RunProgress(RunState.SUCCEEDED),
        RunProgress(RunState.SUCCEEDED, entered=((Instant(1), RunState.SUCCEEDED),)),
        RunProgress(RunState.RUNNING, entered=((Instant(1), RunState.CANCELING), (Instant(2), RunState.RUNNING))),
    ],
)
def test_a_state_change_that_the_table_forbids_is_refused(store: Store, progress: RunProgress) -> None:
    with pytest.raises(Conflict), store.write() as unit:
        unit.log.append(LogAppend(ONE, 0, some_events(1, 1), progress))
    with store.read() as unit:
        assert unit.runs.get(ONE).state is RunState.PENDING
        assert unit.log.change_number() == RUNS


def test_nodes_are_replaced_and_keep_the_order_in_which_they_came(store: Store) -> None:
    store.append([LogAppend(ONE, 0, some_events(1, 1), tasks=[a_task(ONE, "z"), a_task(ONE, "m")])])
    whole = TaskRecord(
        run=ONE,
        node=NodeId("a[0]"),
        parent=NodeId("a"),
        name="n",
        display_name="N",
        kind="LOOP",
        phase=NodePhase.FAILED,
        created_at=Instant(4),
        index=0,
        started_at=Instant(5),
        ended_at=Instant(6),
        inputs=NodeBinding({"x": [1, {"y": None}]}, {"data": (ArtifactId("b"), ArtifactId("a"))}),
        outputs=NodeBinding({"o": 1.5}, {"none": ()}),
        failure=TaskFailure("No.", "OutOfMemory"),
        cached=True,
        detail="waits",
        fingerprint="f",
        attempts=(
            AttemptRecord(1, Instant(4), Instant(5), Instant(6), AttemptOutcome.FAILED, TaskFailure("No.")),
            AttemptRecord(2, Instant(7)),
        ),
        history=((Instant(4), NodePhase.WAITING), (Instant(5), NodePhase.RUNNING)),
    )
    store.append([LogAppend(ONE, 1, some_events(2, 1), tasks=[whole, a_task(ONE, "z", phase=NodePhase.RUNNING)])])
    with store.read() as unit:
        tasks = unit.runs.tasks([ONE, TWO])
    assert [task.node for task in tasks[ONE]] == ["z", "m", "a[0]"]
    assert tasks[ONE][0].phase is NodePhase.RUNNING
    assert tasks[ONE][2] == whole
    assert tasks[TWO] == []
    with store.read() as unit:
        assert unit.runs.task(ONE, whole.node) == whole
        with pytest.raises(NotFound, match="Task a of run"):
            unit.runs.task(ONE, NodeId("a"))


def test_artifacts_of_a_run_are_there_and_a_second_sighting_changes_nothing(store: Store) -> None:
    first = an_artifact("data")
    store.append([LogAppend(ONE, 0, some_events(1, 1), artifacts=[first])])
    store.append(
        [LogAppend(TWO, 0, some_events(1, 1), artifacts=[an_artifact("data", uri="/else"), an_artifact("more")])]
    )
    with store.read() as unit:
        found = unit.runs.artifacts([ArtifactId("data"), ArtifactId("more"), ArtifactId("none")])
    assert found == {"data": first, "more": an_artifact("more")}


def _cached(
    run: str, at: int, *, fingerprint: str = "f", pipeline: str = "p", namespace: str = "default"
) -> CacheEntry:
    outputs = NodeBinding({"x": "y" * 40_000}, {"data": (ArtifactId("a"),)})
    parts = {"image": "python"}
    return CacheEntry(fingerprint, pipeline, namespace, RunId(run), NodeId("n"), Instant(at), outputs, parts)


def test_the_cache_gives_the_newest_fitting_entry(store: Store) -> None:
    store.append(
        [
            LogAppend(ONE, 0, some_events(1, 1), cached=[_cached(ONE, 10), _cached(ONE, 10, fingerprint="g")]),
            LogAppend(TWO, 0, some_events(1, 1), cached=[_cached(TWO, 20)]),
        ]
    )
    with store.read() as unit:
        assert unit.cache.find("default", "p", "f", Instant(0)) == _cached(TWO, 20)
        assert unit.cache.find("default", "p", "g", Instant(10)) == _cached(ONE, 10, fingerprint="g")
        assert unit.cache.find("default", "p", "f", Instant(21)) is None
        assert unit.cache.find("other", "p", "f", Instant(0)) is None
        assert unit.cache.find("default", "q", "f", Instant(0)) is None
    with store.write() as unit:
        unit.runs.delete(TWO)
    with store.read() as unit:
        assert unit.cache.find("default", "p", "f", Instant(0)) == _cached(ONE, 10)
    with store.write() as unit:
        assert unit.cache.expire("other", "p", "f") == 0
        assert unit.cache.expire("default", "q", "f") == 0
        assert unit.cache.expire("default", "p", "f") == 1
    with store.read() as unit:
        assert unit.cache.find("default", "p", "f", Instant(0)) is None
        assert unit.cache.find("default", "p", "g", Instant(0)) is not None


def test_unfinished_runs_are_listed_oldest_first(store: Store) -> None:
    with store.write() as unit:
        unit.runs.add(a_run("zero", at=0, state=RunState.CANCELING))
        unit.runs.add(a_run("done", at=0, state=RunState.SUCCEEDED))
    with store.read() as unit:
        assert unit.runs.unfinished() == ["zero", ONE, TWO]


def test_a_run_id_is_taken_once(store: Store) -> None:
    with pytest.raises(AlreadyExists), store.write() as unit:
        unit.runs.add(a_run(ONE))


def test_text_that_a_database_cannot_hold_is_refused_everywhere(store: Store) -> None:
    for name in ("nul\x00", "surrogate\ud800"):
        (error,) = store.append([LogAppend(ONE, 0, some_events(1, 1), artifacts=[an_artifact(name)])])
        assert isinstance(error, InvalidInput)
        with pytest.raises(InvalidInput), store.write() as unit:
            unit.runs.add(a_run(name))
        with pytest.raises(InvalidInput), store.read() as unit:
            unit.runs.get(RunId(name))
    assert store.append([LogAppend(ONE, 0, some_events(1, 1))]) == [None]
