"""What goes wrong in a simulated world, chosen by seed."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from tests.simulation.shapes import stable_random

ALL: Final = (
    "none",
    "crash-before-append",
    "crash-after-append",
    "crash-amid-commands",
    "attempt-lost-in-crash",
    "version-conflict",
    "late-start",
    "doubled-signal",
    "reordered-signal",
    "stale-signal",
    "wrong-signal",
    "lost-attempt",
    "third-loss",
    "failing-task",
    "retried-task",
    "retried-group",
    "terminate",
    "terminate-twice",
    "deadline-passed",
    "retry-of-run",
    "shutdown",
    "slow-task",
    "clock-jump",
    "cache-hit",
)
"""Everything that can happen to a run; ``none`` counts the runs to which nothing did."""


@dataclass(slots=True)
class Misfortune:
    """Rates, most of them chances at each occasion, and a count of what really happened.

    Attributes:
        forge: Chance that a signal comes for an attempt, or a node, that does not exist.
        kill: Chance that an attempt that runs is lost at a crash.
        terminations: At which steps of the world somebody stops the run.
        tick: Everything happens at whole multiples of this many seconds; 0 for any time.
        late_start: Seconds that the run waits before anybody takes it up.
        retries: How often somebody retries a run that did not succeed.
    """

    seed: int
    crash: float = 0.0
    kill: float = 0.0
    conflict: float = 0.0
    double: float = 0.0
    reorder: float = 0.0
    stale: float = 0.0
    lose: float = 0.0
    shutdown: float = 0.0
    slow: float = 0.0
    clock: float = 0.0
    hit: float = 0.0
    terminations: tuple[float, ...] = ()
    retries: int = 0
    tick: float = 0.0
    late_start: float = 0.0
    forge: float = 0.0
    early_retry: float = 0.0
    happened: Counter[str] = field(default_factory=Counter)


def draw_misfortune(seed: int) -> Misfortune:
    """What goes wrong for *seed*."""
    source = stable_random("misfortune", seed)
    plan = Misfortune(seed, tick=source.choice((0.0, 0.0, 0.0, 0.5)))
    if source.random() < 0.08:
        return plan
    plan.hit = source.choice((0.0, 0.3, 0.6))
    for name, chance, rates in (
        ("crash", 0.4, (0.03, 0.1, 0.2)),
        ("kill", 0.6, (0.3, 1.0)),
        ("conflict", 0.2, (0.05, 0.2)),
        ("double", 0.3, (0.1, 0.5)),
        ("reorder", 0.3, (0.3,)),
        ("stale", 0.25, (0.1, 0.3)),
        ("forge", 0.25, (0.1, 0.3)),
        ("lose", 0.3, (0.05, 0.4, 0.7)),
        ("shutdown", 0.2, (0.02, 0.05)),
        ("slow", 0.2, (0.2,)),
        ("clock", 0.2, (0.05,)),
    ):
        if source.random() < chance:
            setattr(plan, name, source.choice(rates))
    if source.random() < 0.35:
        first = source.choice((0.0, 1.0, 5.0, 20.0)) * source.random()
        later = source.choice((0.0, 1.0, 10.0))
        again = sorted(first + later * source.random() for _ in range(source.choice((0, 0, 1, 1, 2))))
        plan.terminations = (first, *again)
    if source.random() < 0.25:
        plan.late_start = source.choice((0.5, 5.0))
    if source.random() < 0.5:
        plan.retries = source.choice((1, 1, 2))
    if source.random() < 0.1:
        plan.early_retry = 0.05
    return plan
