"""Runs the engine through the scenario and the misfortune of one seed."""

import dataclasses
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.executor import Clock, World
from tests.simulation.generator import generate
from tests.simulation.judge import judge_group, judge_run, judge_state
from tests.simulation.misfortune import Misfortune, draw_misfortune
from tests.simulation.monitor import Monitor
from tests.simulation.reactions import check_reaction
from tests.simulation.scenario import Scenario
from tests.simulation.watch import Violation, require

from pinnace.domain.history import RecordedEvent
from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.states import NodePhase, RunState
from pinnace.domain.tasks import TaskRecord
from pinnace.domain.values import SECOND, Instant
from pinnace.engine import events as ev
from pinnace.engine import signals as sig
from pinnace.engine.codec import decode, encode
from pinnace.engine.commands import StartDeadline
from pinnace.engine.decide import Decision, advance
from pinnace.engine.nodes import RunSnapshot
from pinnace.engine.outstanding import outstanding
from pinnace.engine.plan import build_plan
from pinnace.engine.state import BrokenHistory, apply, replay
from pinnace.engine.view import task_record

RUN = RunId("run-1")
_MOST_STEPS = 60_000
_EVENTS_EACH = 8


@dataclass(slots=True)
class Report:
    """What a seed showed.

    Attributes:
        features: What the pipeline uses, and what its run turned out to use.
        happened: What went wrong.
        undisturbed: Whether the straight-line meaning alone decided the outcome.
        events: Length of the history.
    """

    seed: int
    features: frozenset[str]
    happened: Counter[str]
    undisturbed: bool
    events: int
    ended: list[RunState] = field(default_factory=list)


class _Crash(Exception):
    """The server dies here."""


class Simulation:
    """A server that runs one run, in a world where things go wrong."""

    def __init__(self, seed: int, scenario: Scenario | None = None, misfortune: Misfortune | None = None) -> None:
        self.scenario = scenario or generate(seed)
        self.misfortune = misfortune or draw_misfortune(seed)
        self.plan = build_plan(self.scenario.pipeline)
        self.monitor = Monitor(self.scenario)
        self.shadow = self.monitor.shadow
        self.clock = Clock(self.misfortune.tick)
        self.world = World(self.scenario, self.shadow, self.misfortune, self.clock, self.receive)
        self.log: list[str] = []
        self.story: list[str] = []
        self.shown: dict[NodeId, TaskRecord] = {}
        self.state = RunSnapshot(RUN)
        self.up = True
        self.woken = False
        self.retries_left = self.misfortune.retries
        self.shutdowns_left = 12
        self.undisturbed = False
        self.filling: set[NodeId] = set()
        self.ended: list[RunState] = []

    def play(self) -> Report:
        """From the submission to the end, when nothing is left to happen."""
        created = ev.RunCreated(self.clock.now, dict(self.scenario.parameters), self.scenario.caching)
        self._append([created])
        if self.misfortune.late_start:
            self.misfortune.happened["late-start"] += 1
        self.state = replay(self.plan, RUN, self._history())
        self._project()
        self.clock.after(self.misfortune.late_start, self._wake)
        for moment in self.misfortune.terminations:
            self.clock.after(moment, self._terminate)
        if self.misfortune.shutdown:
            self.clock.after(self.world.draw() * 5, self._maybe_shut_down)
        steps = 0
        while self.clock.step():
            steps += 1
            require(steps < _MOST_STEPS, "the run does not come to an end")
            self._jump()
        self._check_end()
        return Report(
            seed=self.scenario.seed,
            features=self.scenario.features,
            happened=self._happened(),
            undisturbed=self.undisturbed,
            events=self.shadow.count,
            ended=self.ended,
        )

    # The server

    def receive(self, signal: sig.Signal) -> None:
        """A signal reaches the server, if it is up."""
        if not self.up:
            return
        try:
            self._take_in(signal)
        except _Crash:
            self._go_down()

    def _take_in(self, signal: sig.Signal) -> None:
        before = set(map(repr, outstanding(self.state)))
        decision = advance(self.plan, self.state, signal, self.clock.now)
        if decision.events and self.world.chance(self.misfortune.conflict):
            self.misfortune.happened["version-conflict"] += 1
            self.state = self._replayed()
            decision = advance(self.plan, self.state, signal, self.clock.now)
        check_reaction(self.shadow, signal, decision.events)
        if not decision.events:
            require(not decision.commands, "commands without events:", decision.commands)
            return
        self._may_crash("crash-before-append")
        self._append(decision.events)
        self._project()
        self._check_decision(decision, before)
        self._may_crash("crash-after-append")
        for command in decision.commands:
            self.world.carry_out(command)
            self._may_crash("crash-amid-commands")
        if self.shadow.state.is_terminal:
            self._on_ended()

    def _may_crash(self, kind: str) -> None:
        if self.world.chance(self.misfortune.crash / 3):
            self.misfortune.happened[kind] += 1
            raise _Crash

    def _append(self, events: Sequence[ev.Event]) -> None:
        """Write to the history, as JSON text, and look at what was written."""
        self.story.append(f"after {self.clock.time / SECOND:.6f} s")
        self.story += [f"    {event}" for event in events]
        for event in events:
            self.log.append(json.dumps(dataclasses.asdict(encode(event, len(self.log) + 1))))
        was_over = self.shadow.state.is_terminal
        if was_over:
            require(isinstance(events[0], ev.RunRetried), "something happened after the run ended:", events[0])
        groups = [event.node for event in events if isinstance(event, ev.BackoffStarted)]
        filling = {node.id for node in self.state.nodes.values() if node.filling}
        self.monitor.observe(events, self.filling | filling)
        self.filling = filling
        for node in groups:
            if self.shadow.nodes[node].is_group:
                self.misfortune.happened["retried-group"] += 1
                judge_group(self.scenario, self.shadow, self.shadow.nodes[node])
            else:
                self.misfortune.happened["retried-task"] += 1

    def _project(self) -> None:
        """Write the rows of the nodes that changed, in the same transaction as the history."""
        self.shown.update((node, task_record(self.state, self.state.nodes[node])) for node in self.state.changed)
        self.state.changed.clear()

    def _check_projection(self) -> None:
        """What readers see is what the state says."""
        for node_id, node in self.state.nodes.items():
            record = task_record(self.state, node)
            shown = self.shown.get(node_id)
            require(shown == record, f"readers see {node_id} as {shown} and not {record}")

    def _history(self) -> list[ev.Event]:
        return [decode(RecordedEvent(**json.loads(line))) for line in self.log]

    def _replayed(self) -> RunSnapshot:
        state = replay(self.plan, RUN, self._history())
        state.changed.clear()
        return state

    def _check_decision(self, decision: Decision, before: set[str]) -> None:
        """What is asked for is exactly what is new among all that the run waits for."""
        waited_for = list(outstanding(self.state))
        for command in decision.commands:
            require(command in waited_for, "a command that the run does not wait for:", command)
        shadow = self.shadow
        if shadow.deadline is not None and shadow.stop_batch is None and not shadow.state.is_terminal:
            timer = StartDeadline(shadow.epoch, Instant(shadow.deadline))
            require(timer in waited_for, "the run does not wait for its deadline")
        for command in waited_for:
            known = repr(command) in before or command in decision.commands
            require(known, "the run waits for what it never asked for:", command)
            stopping = self.shadow.stop_batch is not None and isinstance(command, StartDeadline)
            require(not stopping, "a run that is being stopped waits for its deadline")
        if self.shadow.state.is_terminal:
            require(not waited_for, "a run that ended waits for", waited_for)

    def _go_down(self) -> None:
        """The process dies; what it knew is gone, what it started may live on."""
        self.up = False
        for attempt in self.world.running():
            if self.world.chance(self.misfortune.kill):
                self.misfortune.happened["attempt-lost-in-crash"] += 1
                self.world.kill(attempt)
        self.clock.after(self.world.draw() * 4, self._recover)

    def _wake(self) -> None:
        """The server takes the run up; from now on it does so at every start."""
        self.woken = True
        self.receive(sig.StartRun())

    def _recover(self) -> None:
        """Start: replay, begin what was never begun, ask again for what has no answer."""
        self.up = True
        self.state = self._replayed()
        judge_state(self.shadow, self.state)
        try:
            if self.woken:
                self._take_in(sig.StartRun())
            for command in outstanding(self.state):
                self.world.carry_out(command)
        except _Crash:
            self._go_down()
        if self.shadow.state.is_terminal:
            self._on_ended()

    # What people and the system do

    def _terminate(self) -> None:
        if not self.up:
            self.clock.after(1, self._terminate)
            return
        before = self.shadow.stop_batch is not None
        if not self.shadow.state.is_terminal:
            self.misfortune.happened["terminate-twice" if before else "terminate"] += 1
        self.receive(sig.Terminate("a tester"))

    def _maybe_shut_down(self) -> None:
        if self.up and not self.shadow.state.is_terminal and self.world.running():
            self.misfortune.happened["shutdown"] += 1
            if self.world.draw() < 0.5:
                self.up = False
                self.clock.after(1 + self.world.draw(), self._recover)
            self.world.shut_down()
        if not self.shadow.state.is_terminal and self.shutdowns_left:
            self.shutdowns_left -= 1
            self.clock.after(self.world.draw() * 10, self._maybe_shut_down)

    def _jump(self) -> None:
        if not self.shadow.state.is_terminal and self.world.chance(self.misfortune.clock):
            self.misfortune.happened["clock-jump"] += 1
            self.clock.offset += round((self.world.draw() * 40 - 8) * SECOND)
        if self.up and self.world.chance(self.misfortune.early_retry) and not self.shadow.state.is_terminal:
            self.receive(sig.RetryRun("an impatient tester"))

    def _on_ended(self) -> None:
        """The run ended: look at it, and perhaps have it retried."""
        if len(self.ended) > self.shadow.epoch:
            return
        self.ended.append(self.shadow.state)
        if self.shadow.stop_by_deadline:
            self.misfortune.happened["deadline-passed"] += 1
        self.undisturbed = judge_run(self.scenario, self.shadow)
        judge_state(self.shadow, self.state)
        self._check_projection()
        require(_plain(self._replayed()) == _plain(self.state), "the history gives another state than the live one")
        if self.retries_left:
            self.retries_left -= 1
            self.clock.after(self.world.draw() * 5, self._retry)

    def _retry(self) -> None:
        if not self.up:
            self.clock.after(1, self._retry)
            return
        if self.shadow.state in {RunState.FAILED, RunState.CANCELED}:
            self.misfortune.happened["retry-of-run"] += 1
        self.receive(sig.RetryRun("a tester"))
        if self.world.draw() < 0.35:
            self.clock.after(self.world.draw() * 2, self._terminate)

    # The end

    def _check_end(self) -> None:
        state = self.shadow.state
        if not state.is_terminal:
            stuck = {node.id: node.phase.value for node in self.shadow.nodes.values() if not node.phase.is_terminal}
            raise Violation(f"nothing is left to happen, and the run is {state.value}; nodes that wait: {stuck}")
        require(not self.world.running(), "attempts run on after the end:", self.world.running())
        require(_plain(self._replayed()) == _plain(self.state), "the history gives another state than the live one")
        self._check_refusal()
        most = _EVENTS_EACH * (self.monitor.attempts + len(self.shadow.nodes) * (1 + self.monitor.resets)) + 20
        require(self.shadow.count <= most, "more events than tasks account for:", self.shadow.count, most)

    def _check_refusal(self) -> None:
        """A history that breaks the rules is refused: an ended run does not end again, nor an ended node begin."""
        ended = self._history()[-1]
        require(isinstance(ended, ev.RunFinished), "the history goes on after the end:", ended)
        for node in self.shadow.nodes.values():
            if node.phase is NodePhase.SUCCEEDED and not node.is_group:
                self._refuses(ev.AttemptStarted(self.clock.now, node.id, node.attempt))
                break
        self._refuses(ended)

    def _refuses(self, event: ev.Event) -> None:
        try:
            apply(self.plan, self._replayed(), event)
        except BrokenHistory:
            return
        raise Violation(f"a history that cannot be was taken in: {event}")

    def _happened(self) -> Counter[str]:
        happened = Counter(self.misfortune.happened)
        if any(node.lost >= 3 for node in self.shadow.nodes.values()):
            happened["third-loss"] += 1
        if not happened:
            happened["none"] = 1
        return happened


def simulate(seed: int) -> Report:
    """Play one seed. Raises Violation, or what the engine raises, when something is wrong."""
    return Simulation(seed).play()


def _plain(value: Any) -> Any:
    """A value that compares by content, the types of its parts included. Parts of the plan are left out."""
    if isinstance(value, RunSnapshot):
        nodes = {key: _fields(node) for key, node in value.nodes.items()}
        return {**_fields(value), "nodes": nodes}
    return value


def _fields(value: Any) -> dict[str, Any]:
    return {f.name: repr(getattr(value, f.name)) for f in dataclasses.fields(value) if f.name not in {"place", "nodes"}}
