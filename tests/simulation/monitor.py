"""Watches the history of a run as it grows, and objects to every event that the rules do not allow at that place."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

from tests.simulation.scenario import Scenario
from tests.simulation.shadow import ShadowAttempt, ShadowNode, outcome_of
from tests.simulation.watch import Watch, require

from pinnace.domain.ids import ROOT, NodeId
from pinnace.domain.states import RUN_TRANSITIONS, AttemptOutcome, NodePhase, RunState
from pinnace.domain.tasks import TaskFailure
from pinnace.domain.values import SECOND
from pinnace.engine import events as ev

_RUNNING: Final = frozenset({NodePhase.LAUNCHED, NodePhase.RUNNING})
_LOSSES: Final = 3


class Monitor(Watch):
    """Folds events into a Shadow and checks each against it."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario)
        self.attempts = 0
        self.resets = 0
        self.filling: Collection[NodeId] = ()

    def observe(self, events: Sequence[ev.Event], filling: Collection[NodeId] = ()) -> None:
        """One append to the history, and the loops that were or are opening in slices: they may lag behind."""
        self.shadow.batch += 1
        self.filling = filling
        for event in events:
            self.shadow.count += 1
            _WATCH[type(event)](self, event)
        self._check_loops_full()
        require(
            not self.waiting,
            "the history stops half-way: something must follow the end of an attempt of",
            self.waiting,
        )

    def _check_loops_full(self) -> None:
        """A loop that goes on has as many iterations under way as it may."""
        nodes = self.shadow.nodes
        for loop in nodes.values():
            if not loop.is_loop or loop.phase is not NodePhase.OPEN or loop.first_failure is not None:
                continue
            if self.shadow.must_stop(loop) or self._complete(loop) or loop.id in self.filling:
                continue
            assert loop.task is not None
            assert loop.task.iterator is not None
            limit = loop.task.iterator.parallelism
            under_way = sum(not nodes[loop.iteration(index)].phase.is_terminal for index in loop.opened)
            require(limit > 0 and under_way == limit, "a loop could go on and does not:", loop.id)

    # The run

    def created(self, event: ev.RunCreated) -> None:
        require(not self.shadow.nodes, "a run was created twice")
        self.shadow.add_root(event.caching)
        self.shadow.created_at = event.at

    def started(self, event: ev.RunStarted) -> None:
        self._enter_run(RunState.RUNNING)
        self.shadow.started = True
        self._check_deadline(event)

    def _check_deadline(self, event: ev.RunStarted | ev.RunRetried) -> None:
        seconds = self.shadow.pipeline.config.active_deadline_seconds
        wanted = event.at + seconds * SECOND if seconds else None
        require(event.deadline == wanted, "the deadline of the run is", event.deadline, "and not", wanted)
        self.shadow.deadline = wanted

    def stop_requested(self, event: ev.StopRequested) -> None:
        shadow = self.shadow
        if shadow.stop_batch is None:
            self._enter_run(RunState.CANCELING)
            shadow.stop_batch = shadow.batch
            shadow.stop_by_deadline = event.deadline
            require(not event.forced, "the first stop spares exit tasks")
        else:
            require(event.forced and not event.deadline, "a second stop that is not forced")
        shadow.stop_forced = event.forced
        shadow.ever_stopped = True

    def finished(self, event: ev.RunFinished) -> None:
        shadow, root = self.shadow, self.shadow.nodes[ROOT]
        require(root.phase.is_terminal or not shadow.started, "the run ended before its root did")
        if shadow.stop_batch is not None:
            wanted = RunState.FAILED if shadow.stop_by_deadline else RunState.CANCELED
        else:
            wanted = RunState.SUCCEEDED if root.phase is NodePhase.SUCCEEDED else RunState.FAILED
        require(event.state is wanted, "the run ended", event.state, "and not", wanted)
        require((event.failure is None) == (wanted is RunState.SUCCEEDED), "a run that failed has a failure, no other")
        self._enter_run(event.state)
        shadow.finished_at, shadow.failure = event.at, event.failure
        left = [node.id for node in shadow.tree(root) if not node.phase.is_terminal]
        require(not left or not shadow.started, "the run ended before its nodes:", left)

    def retried(self, event: ev.RunRetried) -> None:
        self._enter_run(RunState.RUNNING)
        shadow = self.shadow
        shadow.started = True
        shadow.stop_batch, shadow.stop_forced, shadow.stop_by_deadline = None, False, False
        shadow.epoch += 1
        shadow.finished_at = shadow.failure = None
        self.resets += 1
        shadow.reset(shadow.nodes[ROOT], event.at)
        self._check_deadline(event)

    def _enter_run(self, state: RunState) -> None:
        require(state in RUN_TRANSITIONS[self.shadow.state], "the run went from", self.shadow.state, "to", state)
        self.shadow.state = state

    # Groups

    def dag_opened(self, event: ev.DagOpened) -> None:
        node = self.node(event)
        require(node.is_group and not node.is_loop, "only a DAG opens:", node.id)
        self._begin(node, NodePhase.OPEN, event.inputs, event.at)
        self.shadow.add_children(node)

    def loop_opened(self, event: ev.LoopOpened) -> None:
        node = self.node(event)
        require(node.is_loop, "only a loop opens as one:", node.id)
        self._begin(node, NodePhase.OPEN, event.inputs, event.at)
        require(not node.items_kept or node.items == event.items, "a loop goes over other items than before:", node.id)
        node.items = event.items

    def iteration_opened(self, event: ev.IterationOpened) -> None:
        loop = self.shadow.nodes[event.loop]
        where = (loop.id, event.index)
        require(loop.phase is NodePhase.OPEN, "an iteration of a loop that is not open:", *where)
        require(event.index not in loop.opened, "an iteration opened twice:", *where)
        require(loop.items is not None and event.index < len(loop.items), "an iteration too many:", *where)
        require(
            loop.first_failure in {None, self.shadow.batch} or loop.id in self.filling,
            "an iteration opened after another one failed:",
            *where,
        )
        require(not self.shadow.must_stop(loop), "an iteration opened while the run is being stopped:", *where)
        iteration = self.shadow.add_iteration(loop, event.index)
        require(iteration.phase is NodePhase.WAITING, "an iteration opened that had ended:", *where)
        loop.opened.add(event.index)
        assert loop.task is not None
        assert loop.task.iterator is not None
        limit = loop.task.iterator.parallelism
        open_now = [n for n in loop.opened if not self.shadow.nodes[loop.iteration(n)].phase.is_terminal]
        require(not limit or len(open_now) <= limit, "more iterations at a time than allowed:", *where)

    def dag_retried(self, event: ev.DagRetried) -> None:
        node = self.node(event)
        require(
            node.is_group and node.phase is NodePhase.BACKING_OFF, "a group tried again at the wrong time:", node.id
        )
        require(not self.shadow.must_stop(node), "a group tried again while the run is being stopped:", node.id)
        used, start = node.retries, node.first_start
        self.shadow.reset(node, event.at)
        node.retries, node.first_start = used, start
        node.tries_again = True
        self.resets += 1

    def lookup(self, event: ev.CacheLookupStarted) -> None:
        node = self.node(event)
        require(self._uses_cache(node), "the cache was asked although it is switched off:", node.id)
        self._begin(node, NodePhase.CACHE_LOOKUP, event.inputs, event.at)
        self._new_attempt(node, event.attempt)
        node.first_start = None

    def missed(self, event: ev.CacheMissed) -> None:
        node = self.node(event)
        require(
            node.phase is NodePhase.CACHE_LOOKUP and event.attempt == node.attempt, "an answer nobody asked for", event
        )
        node.missed = True
        node.fingerprint, node.parts = event.fingerprint, event.parts
        self.waiting.add(node.id)

    def hit(self, event: ev.CacheHit) -> None:
        node = self.node(event)
        require(
            node.phase is NodePhase.CACHE_LOOKUP and event.attempt == node.attempt, "an answer nobody asked for", event
        )
        node.cached = True
        node.fingerprint, node.parts = event.fingerprint, event.parts
        self._succeed(node, event.outputs, event.at)

    # Attempts

    def scheduled(self, event: ev.AttemptScheduled) -> None:
        node = self.node(event)
        require(not node.is_group, "a group was launched:", node.id)
        require(not self.shadow.must_stop(node), "launched while the run is being stopped:", node.id)
        self.attempts += 1
        node.until = None
        node.attempts.append(ShadowAttempt(event.attempt, event.at))
        if node.phase is NodePhase.WAITING:
            require(not self._uses_cache(node), "launched without asking the cache:", node.id)
            self._new_attempt(node, event.attempt)
            self._begin(node, NodePhase.LAUNCHED, event.inputs, event.at)
            return
        require(node.inputs == outcome_of(event.inputs.parameters, event.inputs.artifacts), "inputs changed:", node.id)
        if node.phase is NodePhase.CACHE_LOOKUP:
            require(node.missed and event.attempt == node.attempt, "launched before the cache answered:", node.id)
        else:
            require(node.phase is NodePhase.BACKING_OFF or node.ahead == "again", "an attempt too many:", node.id)
            self._new_attempt(node, event.attempt)
        self._settle(node)
        self._enter(node, NodePhase.LAUNCHED, event.at)
        if node.first_start is None:
            node.first_start = event.at

    def held(self, event: ev.AttemptHeld) -> None:
        node = self.node(event)
        waits = node.phase is NodePhase.LAUNCHED and event.attempt == node.attempt
        require(waits and bool(event.reason), "an attempt is held that does not wait:", event)
        node.reason = event.reason

    def began(self, event: ev.AttemptStarted) -> None:
        node = self.node(event)
        require(event.attempt == node.attempt, "an older attempt began:", node.id)
        node.attempts[-1].started = event.at
        node.reason = ""
        self._enter(node, NodePhase.RUNNING, event.at)

    def succeeded(self, event: ev.AttemptSucceeded) -> None:
        node = self._of_attempt(event, AttemptOutcome.SUCCEEDED)
        self._succeed(node, event.outputs, event.at)

    def failed(self, event: ev.AttemptFailed) -> None:
        node = self._of_attempt(event, AttemptOutcome.FAILED)
        require(node.phase is not NodePhase.CANCELING, "an attempt that was being canceled failed:", node.id)
        node.lost = 0
        self._ahead(node, "again later" if self._retry_at(node, event.at) is not None else "fail")

    def lost(self, event: ev.AttemptLost) -> None:
        node = self._of_attempt(event, AttemptOutcome.LOST)
        require(node.phase is not NodePhase.CANCELING, "an attempt that was being canceled was lost:", node.id)
        node.lost += 1
        self._ahead(node, "again" if node.lost < _LOSSES else "fail")

    def interrupted(self, event: ev.AttemptInterrupted) -> None:
        node = self._of_attempt(event, AttemptOutcome.INTERRUPTED)
        require(node.phase is not NodePhase.CANCELING, "an attempt that was being canceled was interrupted:", node.id)
        self._ahead(node, "again")

    def canceled(self, event: ev.AttemptCanceled) -> None:
        self._ahead(self._of_attempt(event, AttemptOutcome.CANCELED), "cancel")

    def backing_off(self, event: ev.BackoffStarted) -> None:
        node = self.node(event)
        if node.is_group:
            self._check_children_ended(node)
            require(NodePhase.FAILED in self._children_phases(node), "a group that did not fail waits:", node.id)
        else:
            require(node.ahead == "again later", "a task waits that may not be tried again:", node.id, node.ahead)
        wanted = self._retry_at(node, event.at)
        require(event.until == wanted, "the next try of", node.id, "is at", event.until, "and not at", wanted)
        self._settle(node)
        self._enter(node, NodePhase.BACKING_OFF, event.at)
        node.retries += 1
        node.until = event.until

    def cancel_requested(self, event: ev.CancelRequested) -> None:
        node = self.node(event)
        require(self.shadow.must_stop(node), "a task was canceled although nobody stops it:", node.id)
        require(event.attempt == node.attempt, "an older attempt is to be canceled:", node.id)
        self._enter(node, NodePhase.CANCELING, event.at)

    # Ends

    def group_succeeded(self, event: ev.NodeSucceeded) -> None:
        node = self.node(event)
        require(node.is_group, "a task succeeded without an attempt:", node.id)
        self._check_children_ended(node)
        phases = self._children_phases(node)
        require(not phases & {NodePhase.FAILED, NodePhase.CANCELED}, "a group succeeded with", phases, node.id)
        require(self._complete(node), "a loop succeeded before all its iterations:", node.id)
        self._succeed(node, event.outputs, event.at)

    def node_failed(self, event: ev.NodeFailed) -> None:
        node = self.node(event)
        if node.phase is NodePhase.WAITING:
            require(not self.shadow.must_stop(node), "failed to begin while the run is being stopped:", node.id)
            self._check_held_back(node)
        elif node.is_group:
            self._check_children_ended(node)
            require(NodePhase.FAILED in self._children_phases(node), "a group failed without a failed child:", node.id)
            require(self._retry_at(node, event.at) is None, "a group failed that has retries left:", node.id)
        else:
            require(node.ahead == "fail", "a task failed that is not at its end:", node.id, node.ahead)
        self._settle(node)
        self._end(node, NodePhase.FAILED, event.at)
        self.shadow.ever_failed = True
        node.failure = event.failure
        require(bool(event.failure.message), "failed without a word:", node.id)
        self._check_cause(node)
        last = node.attempts[-1].failure if node.attempts and node.began is not None else None
        require(node.is_group or last in {None, event.failure}, "it failed for another reason than its attempt:", event)

    def _is_left_over(self, node: ShadowNode) -> bool:
        """Whether a node is there only since its group opened in an earlier life; in this one the group never did."""
        phase = self._group_phase(node)
        return phase is not None and phase.is_terminal

    def _group_phase(self, node: ShadowNode) -> NodePhase | None:
        return None if node.parent is None else self.shadow.nodes[node.parent].phase

    def _check_cause(self, group: ShadowNode) -> None:
        """The failure of a group names the task that failed first, by its path, and says what it said."""
        if group.first_failed is None:
            return
        cause = self.shadow.nodes[group.first_failed]
        while cause.first_failed is not None:
            cause = self.shadow.nodes[cause.first_failed]
        assert cause.failure is not None
        text = f'Task "{cause.id}" failed: {cause.failure.message}'
        wanted = TaskFailure(text, cause.failure.code, cause.failure.exit_code)
        require(group.failure == wanted, "a group that failed says", group.failure, "and not", wanted)

    def skipped(self, event: ev.NodeSkipped) -> None:
        node = self.node(event)
        require(node.phase is NodePhase.WAITING, "skipped after it began:", node.id)
        require(bool(event.reason), "skipped without a reason:", node.id)
        node.reason = event.reason
        if event.reason.startswith("The condition") and node.task is not None:
            tests = self.shadow.scenario.conditions[node.task.condition]
            named = all(f"{test.name.removeprefix('pipelinechannel--')} = " in event.reason for test in tests)
            require(named, "skipped without the values:", event)
        self._end(node, NodePhase.SKIPPED, event.at)

    def node_canceled(self, event: ev.NodeCanceled) -> None:
        node = self.node(event)
        if node.ahead == "cancel":
            self._settle(node)
        elif node.phase is NodePhase.OPEN:
            self._check_children_ended(node)
            phases = self._children_phases(node)
            require(NodePhase.FAILED not in phases, "a group was canceled that failed:", node.id)
            cut = not self._complete(node)
            require(NodePhase.CANCELED in phases or cut, "a group was canceled without reason:", node.id)
        else:
            if self._is_left_over(node):
                require(self._group_phase(node) is NodePhase.CANCELED, "canceled in a group that is not:", node.id)
            stopped = self.shadow.must_stop(node) or self._is_left_over(node)
            require(stopped, "a node was canceled although nobody stops it:", node.id)
            require(node.phase not in _RUNNING | {NodePhase.CANCELING}, "canceled with an attempt under way:", node.id)
            node.canceled_in_backoff = node.phase is NodePhase.BACKING_OFF
        self._end(node, NodePhase.CANCELED, event.at)


_WATCH: Final[dict[type, Callable[[Monitor, Any], None]]] = {
    ev.RunCreated: Monitor.created,
    ev.RunStarted: Monitor.started,
    ev.StopRequested: Monitor.stop_requested,
    ev.RunFinished: Monitor.finished,
    ev.RunRetried: Monitor.retried,
    ev.DagOpened: Monitor.dag_opened,
    ev.LoopOpened: Monitor.loop_opened,
    ev.IterationOpened: Monitor.iteration_opened,
    ev.DagRetried: Monitor.dag_retried,
    ev.CacheLookupStarted: Monitor.lookup,
    ev.CacheMissed: Monitor.missed,
    ev.CacheHit: Monitor.hit,
    ev.AttemptScheduled: Monitor.scheduled,
    ev.AttemptHeld: Monitor.held,
    ev.AttemptStarted: Monitor.began,
    ev.AttemptSucceeded: Monitor.succeeded,
    ev.AttemptFailed: Monitor.failed,
    ev.AttemptLost: Monitor.lost,
    ev.AttemptInterrupted: Monitor.interrupted,
    ev.AttemptCanceled: Monitor.canceled,
    ev.BackoffStarted: Monitor.backing_off,
    ev.CancelRequested: Monitor.cancel_requested,
    ev.NodeSucceeded: Monitor.group_succeeded,
    ev.NodeFailed: Monitor.node_failed,
    ev.NodeSkipped: Monitor.skipped,
    ev.NodeCanceled: Monitor.node_canceled,
}
