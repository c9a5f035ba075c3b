"""Kills at random moments, from a seed, while runs go on and the server is started again whenever it is gone."""

import random
import tempfile
import time
import warnings
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import psutil
from kfp import compiler
from tests.recovery import victims
from tests.recovery.judge import Judge, Kills
from tests.recovery.keeper import Keeper, wait
from tests.recovery.victims import Victim

_WEIGHTS: Final = {"server": 30, "zygote": 15, "runner": 20, "task": 20, "all": 15}


def _pause(rng: random.Random) -> float:
    """Often two kills in a row, often time for some tasks to begin and end between two."""
    return rng.uniform(0, 0.2) if rng.random() < 0.4 else rng.uniform(0.3, 2.0)


@cache
def document() -> bytes:
    """The compiled pipeline."""
    from tests.pipelines.recovery import killed

    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        package = Path(folder, "killed.json")
        compiler.Compiler().compile(killed, str(package))
        return package.read_bytes()


@dataclass
class Storm:
    """Runs on one data directory, and their misfortune."""

    place: Path
    seed: int
    options: tuple[str, ...] = ()
    active: int = 2
    keeper: Keeper = field(init=False)
    kills: Kills = field(default_factory=Kills)
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.place.mkdir(parents=True, exist_ok=True)
        self.rng = random.Random(self.seed)
        self.keeper = Keeper(self.place / "data")
        self.keeper.options += self.options

    def rage(self, kills: int) -> None:
        """Kill so often; a moment at which there is nobody of the kind that was drawn is passed over."""
        deadline = time.monotonic() + 60 + 5.0 * kills
        while sum(self.counts.values()) < kills:
            assert time.monotonic() < deadline, f"seed {self.seed}: {self.counts} in time, not {kills} kills"
            self.work(_pause(self.rng))
            kind = self.rng.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
            if self._kill(kind):
                self.counts[kind] += 1

    def calm(self, *, stop: bool = True) -> None:
        """Let every run end, and the server then, if it is to *stop*."""
        everything = [*self.keeper.accepted, *self.keeper.asked]
        for run in everything:
            self.keeper.until(run, lambda view: view.has_ended)
        wait(lambda: not victims.leftovers(self.keeper.data), lambda: victims.leftovers(self.keeper.data), 60)
        if stop:
            self.keeper.stop()

    def faults(self, database: str | None = None, *, disk_was_full: bool = False) -> list[str]:
        """What is wrong, when all is over."""
        judge = Judge(self.keeper.data, self.place / "journal", self.kills, database, disk_was_full=disk_was_full)
        faults = judge.judge(self.keeper.accepted)
        self.counts.update(judge.outcomes)
        return [f"seed {self.seed}: {fault}" for fault in faults]

    def end(self) -> None:
        """Leave nothing behind, however the test has ended."""
        self.keeper.kill()
        for victim in (*victims.runners(self.keeper.data), *victims.tasks(self.keeper.data)):
            victim.kill()
        for line in victims.leftovers(self.keeper.data):
            Victim(psutil.Process(int(line.split()[0]))).kill()

    def work(self, seconds: float) -> None:
        """Keep the server up and busy."""
        end = time.monotonic() + seconds
        while True:
            self.keeper.ensure()
            if self.keeper.client() is not None:
                self._keep_busy()
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, 0.1))

    def _keep_busy(self) -> None:
        if not self.keeper.asked and (self.keeper.unfinished() or 0) < self.active:
            self.keeper.submit(document(), place=str(self.place), seconds=round(self.rng.uniform(0.0, 0.8), 2))
        self.keeper.send()

    def _kill(self, kind: str) -> bool:
        server = self.keeper.ensure()
        if kind == "server":
            self.keeper.kill()
            return True
        if kind == "all":
            self._kill_all(server.pid)
            return True
        living = self._living(kind, server.pid)
        if not living:
            return False
        victim = self.rng.choice(living)
        self._note(kind, victim)
        return victim.kill()

    def _living(self, kind: str, server: int) -> list[Victim]:
        data = self.keeper.data
        match kind:
            case "runner":
                return victims.runners(data)
            case "task":
                return victims.tasks(data)
            case _:
                return victims.helpers(server, data)

    def _note(self, kind: str, victim: Victim) -> None:
        """Before the kill, so that it cannot be seen before it is known."""
        if kind == "runner":
            self.kills.runners.add(victim.attempt)
        elif kind == "task":
            self.kills.tasks.add(victim.attempt)
        else:
            self.kills.wide.append(time.time_ns() // 1000)

    def _kill_all(self, server: int) -> None:
        data = self.keeper.data
        doomed = [*victims.helpers(server, data), *victims.runners(data), *victims.tasks(data)]
        for victim in doomed:
            self.kills.wide.append(time.time_ns() // 1000)
            if victim.attempt:
                self.kills.runners.add(victim.attempt)
        self.keeper.kill()
        for victim in doomed:
            victim.kill()
