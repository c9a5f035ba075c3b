"""The simulated world outside of a run: an executor, an importer, a cache and timers, with delays and mishaps."""

import dataclasses
import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.simulation.misfortune import Misfortune
from tests.simulation.scenario import Outcome, Scenario
from tests.simulation.shadow import Shadow, outcome_of
from tests.simulation.shapes import stable_random
from tests.simulation.watch import require

from pinnace.domain.artifacts import Artifact, ArtifactType
from pinnace.domain.ids import ArtifactId, NodeId
from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import NodeBinding, TaskFailure
from pinnace.domain.values import SECOND, Instant
from pinnace.engine import commands as cmd
from pinnace.engine import signals as sig

START = 1_700_000_000 * SECOND


class Clock:
    """Time that passes as the events of the world do, and a wall clock that may jump."""

    def __init__(self, tick: float) -> None:
        self.time = 0
        self._tick = round(tick * SECOND)
        self.offset = START
        self._queue: list[tuple[int, int, Callable[[], None]]] = []
        self._made = 0

    @property
    def now(self) -> Instant:
        """What the wall clock shows."""
        return Instant(self.time + self.offset)

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something later."""
        self._made += 1
        time = self.time + round(seconds * SECOND)
        if self._tick:
            time = -(-time // self._tick) * self._tick
        heapq.heappush(self._queue, (time, self._made, action))

    def step(self) -> bool:
        """Let the next thing happen; False when nothing is left."""
        if not self._queue:
            return False
        self.time, _, action = heapq.heappop(self._queue)
        action()
        return True


@dataclass(slots=True)
class Attempt:
    """One process. ``answer`` is what the executor says of it once it is over."""

    node: NodeId
    number: int
    began: bool = False
    canceled: bool = False
    answer: sig.AttemptFinished | None = None


@dataclass(slots=True)
class World:
    """Takes commands and answers with signals.

    Attributes:
        send: Takes a signal to the server; one that comes while the server is down is gone.
        attempts: Every attempt that was ever launched.
        ran: How often the code of a node ran to its end.
    """

    scenario: Scenario
    shadow: Shadow
    misfortune: Misfortune
    clock: Clock
    send: Callable[[sig.Signal], None]
    attempts: dict[tuple[NodeId, int], Attempt] = field(default_factory=dict)
    ran: dict[NodeId, int] = field(default_factory=dict)
    sent: list[sig.Signal] = field(default_factory=list)
    source: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.source = stable_random("world", self.misfortune.seed)

    def chance(self, rate: float) -> bool:
        """Whether something of that rate happens now."""
        return rate > 0 and self.draw() < rate

    def draw(self) -> float:
        """A number in [0, 1), the next one of this seed."""
        return self.source.random()

    def carry_out(self, command: cmd.Command) -> None:
        """Do what the run asks for; idempotent, as every command must be."""
        match command:
            case cmd.LookupCache():
                self._lookup(command)
            case cmd.LaunchTask() | cmd.ImportArtifact():
                self._launch(command)
            case cmd.CancelAttempt():
                self._cancel(command)
            case cmd.StartBackoff():
                self._timer(command.at, sig.BackoffElapsed(command.node, command.attempt))
            case cmd.GoOnOpening():
                self._reply(sig.OpenMore(command.node))
            case cmd.StartDeadline():
                self._timer(command.at, sig.DeadlineReached(command.epoch))

    def _timer(self, at: Instant, signal: sig.Signal) -> None:
        self.clock.after(max(0, at - self.clock.now) / SECOND, lambda: self._deliver(signal))

    def _reply(self, signal: sig.Signal) -> None:
        """Bring a signal to the server after a while; it may come twice, and overtake others."""
        delay = self.draw() * 0.02
        if self.chance(self.misfortune.reorder):
            self.misfortune.happened["reordered-signal"] += 1
            delay += self.draw() * 3
        self.clock.after(delay, lambda: self._deliver(signal))
        if self.chance(self.misfortune.double):
            self.misfortune.happened["doubled-signal"] += 1
            self.clock.after(delay + self.draw() * 3, lambda: self._deliver(signal))
        if self.sent and self.chance(self.misfortune.stale):
            self.misfortune.happened["stale-signal"] += 1
            old = self.sent[int(self.draw() * len(self.sent))]
            self.clock.after(self.draw() * 20, lambda: self._deliver(old))

    def _forge(self, signal: sig.Signal) -> None:
        """A signal like *signal* for another attempt, or for a node that is not there."""
        if isinstance(
            signal, sig.CacheAnswered | sig.AttemptWaits | sig.AttemptBegan | sig.AttemptFinished | sig.BackoffElapsed
        ):
            if self.draw() < 0.3:
                forged = dataclasses.replace(signal, node=NodeId("nowhere"))
            else:
                forged = dataclasses.replace(signal, attempt=signal.attempt + (1 if self.draw() < 0.5 else -1))
                if forged.attempt == self.shadow.nodes[signal.node].attempt:
                    return
            self.misfortune.happened["wrong-signal"] += 1
            self.send(forged)

    def _deliver(self, signal: sig.Signal) -> None:
        if self.chance(self.misfortune.forge):
            self._forge(signal)
        self.sent.append(signal)
        self.send(signal)

    def _lookup(self, command: cmd.LookupCache) -> None:
        node = self.shadow.nodes[command.node]
        fingerprint = f"print-{command.node}" if self.draw() < 0.9 else ""
        outputs: NodeBinding | None = None
        artifacts: tuple[Artifact, ...] = ()
        if fingerprint and self.chance(self.misfortune.hit):
            self.misfortune.happened["cache-hit"] += 1
            outputs, artifacts = self._results(command.node, command.inputs)
        require(not node.is_importer, "the cache was asked for an importer:", command.node)
        self._reply(
            sig.CacheAnswered(command.node, command.attempt, fingerprint, outputs, artifacts, {"code": "sha256:0"})
        )

    def _results(self, node: NodeId, inputs: NodeBinding) -> tuple[NodeBinding, tuple[Artifact, ...]]:
        component = self.shadow.nodes[node].component
        given = self.scenario.run_code(component, outcome_of(inputs.parameters, inputs.artifacts), node)
        return _binding(given), tuple(
            Artifact(ArtifactId(name), key, ArtifactType(), f"/data/{name}", {"rows": len(name)})
            for key, names in given.artifacts.items()
            for name in names
        )

    def _launch(self, command: cmd.LaunchTask | cmd.ImportArtifact) -> None:
        key = (command.node, command.attempt)
        node = self.shadow.nodes[command.node]
        known = self.attempts.get(key)
        if known is not None:
            self._report(known)
            return
        require(not self.shadow.state.is_terminal, "an attempt was launched after the run ended:", *key)
        require(node.is_importer == isinstance(command, cmd.ImportArtifact), "the wrong command for", *key)
        others = [a.number for a in self.attempts.values() if a.node == command.node and a.answer is None]
        require(not others, "two attempts of a node at a time:", *key, others)
        attempt = self.attempts[key] = Attempt(*key)
        seconds = 0.05 + self.draw() * 2
        if self.chance(self.misfortune.slow):
            self.misfortune.happened["slow-task"] += 1
            seconds *= 20
        if not node.is_importer:
            if self.draw() < 0.1:
                self._reply(sig.AttemptWaits(*key, "It waits for a core."))
            self.clock.after(self.draw() * 0.05, lambda: self._begin(attempt))
        if self.chance(self.misfortune.lose):
            self.misfortune.happened["lost-attempt"] += 1
            self.clock.after(self.draw() * seconds, lambda: self._over(attempt, AttemptOutcome.LOST))
        self.clock.after(seconds, lambda: self._run_out(attempt, command.inputs))

    def _begin(self, attempt: Attempt) -> None:
        if attempt.answer is None:
            attempt.began = True
            self._report(attempt)

    def _run_out(self, attempt: Attempt, inputs: NodeBinding) -> None:
        """The code of an attempt comes to its end."""
        if attempt.answer is not None:
            return
        before = self.ran.get(attempt.node, 0)
        self.ran[attempt.node] = before + 1
        if self.scenario.behaviour.fails(attempt.node, before, self.shadow.epoch):
            self.misfortune.happened["failing-task"] += 1
            self._over(attempt, AttemptOutcome.FAILED)
            return
        outputs, artifacts = self._results(attempt.node, inputs)
        attempt.answer = sig.AttemptFinished(attempt.node, attempt.number, AttemptOutcome.SUCCEEDED, outputs, artifacts)
        self._report(attempt)

    def _over(self, attempt: Attempt, outcome: AttemptOutcome) -> None:
        if attempt.answer is None:
            failure = TaskFailure(f"It ended {outcome.value}.", "Simulated", 1) if self.draw() < 0.9 else None
            attempt.answer = sig.AttemptFinished(attempt.node, attempt.number, outcome, failure=failure)
            self._report(attempt)

    def _report(self, attempt: Attempt) -> None:
        """Say again all that is known of an attempt."""
        if attempt.began and (attempt.answer is None or self.draw() < 0.3):
            self._reply(sig.AttemptBegan(attempt.node, attempt.number))
        if attempt.answer is not None:
            self._reply(attempt.answer)

    def _cancel(self, command: cmd.CancelAttempt) -> None:
        key = (command.node, command.attempt)
        attempt = self.attempts.get(key)
        if attempt is None:
            # It was scheduled, but the server crashed before the executor heard of it.
            attempt = self.attempts[key] = Attempt(*key)
            self._over(attempt, AttemptOutcome.CANCELED if self.draw() < 0.5 else AttemptOutcome.LOST)
        elif attempt.answer is not None:
            self._report(attempt)
        elif not attempt.canceled:
            attempt.canceled = True
            self.clock.after(self.draw(), lambda: self._over(attempt, AttemptOutcome.CANCELED))

    def running(self) -> list[Attempt]:
        """Attempts that are under way."""
        return [attempt for attempt in self.attempts.values() if attempt.answer is None]

    def kill(self, attempt: Attempt) -> None:
        """The process of an attempt is gone, and nobody saw it go."""
        attempt.answer = sig.AttemptFinished(
            attempt.node, attempt.number, AttemptOutcome.LOST, failure=TaskFailure("It is gone.", "Lost")
        )

    def shut_down(self) -> None:
        """The server is stopped in an orderly way: what runs is interrupted."""
        for attempt in self.running():
            self._over(attempt, AttemptOutcome.INTERRUPTED)


def _binding(given: Outcome) -> NodeBinding:
    artifacts = {key: tuple(ArtifactId(name) for name in names) for key, names in given.artifacts.items()}
    return NodeBinding(dict(given.parameters), artifacts)
