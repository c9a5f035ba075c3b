"""What must hold of every run, whoever was killed: read from the database, the journal and the process table."""

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.pipelines.recovery import TASKS

from pinnace.domain.ids import RunId
from pinnace.domain.states import AttemptOutcome, NodePhase, RunState
from pinnace.domain.tasks import AttemptRecord
from pinnace.engine import events as ev
from pinnace.engine.attempts import MAX_LOSSES
from pinnace.engine.codec import decode
from pinnace.engine.nodes import Node
from pinnace.engine.plan import NodeKind
from pinnace.engine.view import task_record
from pinnace.orchestrator.layout import Layout
from pinnace.orchestrator.loading import LoadedRun, load_run
from pinnace.ports.store import Store
from pinnace.store import open_store

_ENDS: Final = ev.AttemptSucceeded | ev.AttemptFailed | ev.AttemptLost | ev.AttemptCanceled | ev.AttemptInterrupted


@dataclass
class Kills:
    """Who was killed: directories of attempts by what of them was killed, and when it hit no certain attempt."""

    runners: set[str] = field(default_factory=set)
    tasks: set[str] = field(default_factory=set)
    wide: list[int] = field(default_factory=list)

    def hit(self, attempt: AttemptRecord) -> bool:
        """Whether a kill that hit more than one certain process fell into the attempt's time."""
        end = attempt.ended_at
        return any(attempt.scheduled_at <= at and (end is None or at <= end) for at in self.wide)


class Judge:
    """Collects what is wrong with the runs of a data directory, whose server has ended.

    Args:
        data: The directory.
        journal: What the tasks wrote.
        kills: Who was killed.
        database: Its address, if it is not in the directory.
        disk_was_full: Whether tasks may have failed because they could not write.
    """

    def __init__(
        self, data: Path, journal: Path, kills: Kills, database: str | None = None, *, disk_was_full: bool = False
    ) -> None:
        self._data = data
        self._kills = kills
        self._disk_was_full = disk_was_full
        self._database = database or data / "pinnace.db"
        self._layout = Layout(data)
        lines = [line.split(" ") for line in journal.read_text().splitlines()] if journal.exists() else []
        self._lines = Counter((word, attempt) for word, attempt, _ in lines)
        self.faults: list[str] = []
        self.outcomes: Counter[str] = Counter()

    def judge(self, runs: Sequence[str]) -> list[str]:
        """All faults."""
        self.faults += [f"two attempts at once: {attempt}" for word, attempt in self._lines if word == "overlap"]
        self.faults += [f"begun {n} times: {key[1]}" for key, n in self._lines.items() if key[0] == "begin" and n > 1]
        with contextlib.closing(open_store(self._database)) as store:
            with store.read() as unit:
                events = sum(unit.log.last_sequence(RunId(run)) for run in runs)
                told = unit.changes.page(0, 100_000, None, ())
                if told is None or events + len(told.changes) != unit.log.change_number():
                    self.faults.append(f"{events} events, and {unit.log.change_number()} change numbers")
            for run in runs:
                self.faults += [f"run {run}: {fault}" for fault in self._run(store, RunId(run))]
        return self.faults

    def _run(self, store: Store, run: RunId) -> Iterator[str]:
        loaded = load_run(store, self._layout, run)
        with store.read() as unit:
            row = unit.runs.get(run)
            stored = {task.node: task for task in unit.runs.tasks([run])[run]}
            history = [decode(event) for event in unit.log.events(run)]
        state = loaded.state
        self.outcomes[f"run {row.state}"] += 1
        if row.state is not state.state:
            yield f"its row says {row.state}, its history {state.state}"
        if {node: task_record(state, found) for node, found in state.nodes.items()} != stored:
            yield "its tasks are not what its history says"
        tasks = [node for node in state.nodes.values() if node.kind is NodeKind.CONTAINER]
        failed = [node.id for node in tasks if node.phase is NodePhase.FAILED]
        if row.state is not (RunState.FAILED if failed else RunState.SUCCEEDED):
            yield f"it is {row.state}, and these failed: {failed}"
        if row.state is RunState.SUCCEEDED and len(tasks) != TASKS:
            yield f"it has {len(tasks)} tasks"
        if not state.nodes["step"].phase.is_terminal or not state.nodes["step"].attempts:  # type: ignore[index]
            yield "its exit task did not run"
        yield from _pairs(history)
        for node in tasks:
            yield from (f"{node.id}: {fault}" for fault in self._node(loaded, node))

    def _node(self, loaded: LoadedRun, node: Node) -> Iterator[str]:
        policy = node.place.task.retry
        retries, losses = policy.max_retries if policy else 0, 0
        expected: NodePhase | None = None
        for attempt in node.attempts:
            self.outcomes[f"attempt {attempt.outcome}"] += 1
            if expected is not None:
                yield f"attempt {attempt.number} after its end"
            yield from (f"attempt {attempt.number} {fault}" for fault in self._attempt(loaded, node, attempt))
            if attempt.outcome is AttemptOutcome.SUCCEEDED:
                expected = NodePhase.SUCCEEDED
            elif attempt.outcome is AttemptOutcome.LOST:
                losses += 1
                expected = NodePhase.FAILED if losses == MAX_LOSSES else None
            elif attempt.outcome is AttemptOutcome.FAILED:
                losses, retries = 0, retries - 1
                expected = NodePhase.FAILED if retries < 0 else None
        if node.attempts and node.phase is not expected:
            yield f"it is {node.phase} and should be {expected}"

    def _attempt(self, loaded: LoadedRun, node: Node, attempt: AttemptRecord) -> Iterator[str]:
        directory = str(self._layout.attempt_directory(loaded.run.id, node.id, attempt.number))
        words = {word: self._lines[word, directory] for word in ("begin", "end", "flop")}
        message = attempt.failure.message if attempt.failure else ""
        wide = self._kills.hit(attempt)
        match attempt.outcome:
            case AttemptOutcome.SUCCEEDED:
                if words != {"begin": 1, "end": 1, "flop": 0}:
                    yield f"succeeded with {words}"
            case AttemptOutcome.LOST:
                full = self._disk_was_full and ("disk is full" in message or "No space left" in message)
                if directory not in self._kills.runners and not wide and not full:
                    yield f"was lost, and nobody killed its runner: {message}"
            case AttemptOutcome.FAILED if words["flop"] or (self._disk_was_full and "the disk is full" in message):
                pass
            case AttemptOutcome.FAILED:
                if "SIGKILL" not in message or (directory not in self._kills.tasks and not wide):
                    yield f"failed, and nobody killed it: {message}"
            case _:
                yield f"ended as {attempt.outcome}"


def _pairs(history: Sequence[ev.Event]) -> Iterator[str]:
    """Each attempt is scheduled once and ends once; a node succeeds once."""
    scheduled = Counter((e.node, e.attempt) for e in history if isinstance(e, ev.AttemptScheduled))
    ended = Counter((e.node, e.attempt) for e in history if isinstance(e, _ENDS))
    succeeded = Counter(e.node for e in history if isinstance(e, ev.AttemptSucceeded))
    if scheduled != ended or any(count > 1 for count in scheduled.values()):
        yield f"attempts scheduled and ended: {scheduled - ended} {ended - scheduled}"
    yield from (f"{node} succeeded {count} times" for node, count in succeeded.items() if count > 1)
