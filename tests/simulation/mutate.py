"""Breaks the engine on purpose, one guard at a time, and counts how many of the broken engines the seeds catch.

``python tests/simulation/mutate.py [--seeds N] [--module NAME …] [--jobs N]``. Each broken engine lives in a process
of its own and no file changes: an import hook hands out the broken module. Seeds that fail on the engine as it is
(its bugs) are left out. Answers 1 if fewer than 95 % of the guards' mutants are caught.
"""

import argparse
import ast
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import multiprocessing
import os
import queue
import resource
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any, Final

_ROOT: Final = Path(__file__).resolve().parents[2]
if str(_ROOT) not in sys.path:
    sys.path.insert(0, str(_ROOT))

_MODULES: Final = (
    "decide",
    "begin",
    "attempts",
    "groups",
    "inputs",
    "outputs",
    "outstanding",
    "retry",
    "state",
    "nodes",
    "plan",
)
_SECONDS_A_SEED: Final = 10
_BYTES: Final = 3 << 30
_TARGET: Final = 0.95
_PRELOADED: Final = (
    "celpy",
    "pinnace.ir.expressions",
    "pinnace.ir.model",
    "pinnace.ir.parameters",
    "pinnace.ir.placeholders",
    "pinnace.domain.tasks",
    "pinnace.domain.history",
)
"""What every process needs and no mutant touches: loaded once, before the processes split."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant: the seed that caught it and how, or None."""

    number: int
    seed: int | None
    how: str


class _BrokenLoader(importlib.abc.InspectLoader):
    """Loads one module from a tree instead of its file."""

    def __init__(self, origin: str, tree: ast.Module) -> None:
        self._origin = origin
        self._tree = tree

    def get_source(self, fullname: str) -> str:
        return ast.unparse(self._tree)

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._tree, self._origin, "exec")


class _BrokenFinder(importlib.abc.MetaPathFinder):
    """Finds the broken module before the real one is."""

    def __init__(self, module: str, origin: str, tree: ast.Module) -> None:
        self._module = module
        self._loader = _BrokenLoader(origin, tree)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        return importlib.util.spec_from_loader(fullname, self._loader) if fullname == self._module else None


def main() -> int:
    """Run every mutant, print what was caught and what survived, and the rates."""
    arguments = _arguments()
    mutants: Any = importlib.import_module("tests.simulation.mutants")
    for name in _PRELOADED:
        importlib.import_module(name)
    found = []
    for name in arguments.module or _MODULES:
        path = _ROOT / "src" / "pinnace" / "engine" / f"{name}.py"
        found += [(mutant, str(path)) for mutant in mutants.mutants(f"pinnace.engine.{name}", path.read_text())]
    context = multiprocessing.get_context("fork")
    failing = _failing(context, arguments.seeds, arguments.jobs)
    seeds = [seed for seed in range(arguments.seeds) if seed not in failing]
    started = time.monotonic()
    verdicts = _run(context, found, seeds, arguments.jobs, verbose=arguments.verbose)
    _say(f"{len(found)} mutants, {len(seeds)} seeds, {time.monotonic() - started:.0f} s")
    rates = {}
    for title, kinds in (("guards", mutants.GUARDS), ("other statements", {"arithmetic", "number", "statement"})):
        of_kind = [verdicts[n].seed is not None for n, (mutant, _) in enumerate(found) if mutant.kind in kinds]
        rates[title] = sum(of_kind) / max(len(of_kind), 1)
        _say(f"{title}: {sum(of_kind)} of {len(of_kind)} caught, {rates[title]:.1%}")
    return 0 if rates["guards"] >= _TARGET else 1


def _failing(context: Any, count: int, jobs: int) -> set[int]:
    """Seeds that fail on the engine as it is. Looked for in other processes, so that the engine is not loaded here."""
    with context.Pool(jobs) as pool:
        step = max(1, count // (jobs * 4))
        chunks = [range(start, min(start + step, count)) for start in range(0, count, step)]
        failing = {seed for part in pool.map(_play_sound, chunks) for seed in part}
    if failing:
        _say(f"left out, since they fail on the engine as it is: {sorted(failing)}")
    return failing


def _play_sound(seeds: range) -> list[int]:
    batch: Any = importlib.import_module("tests.simulation.batch")
    return list(batch.play(seeds).failures)


def _run(context: Any, found: Sequence[Any], seeds: Sequence[int], jobs: int, *, verbose: bool) -> dict[int, Verdict]:
    answers: Any = context.Queue()
    waiting = list(range(len(found)))[::-1]
    running: dict[int, Any] = {}
    verdicts: dict[int, Verdict] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            number = waiting.pop()
            mutant, origin = found[number]
            running[number] = context.Process(target=_try, args=(number, mutant, origin, seeds, answers), daemon=True)
            running[number].start()
        try:
            verdict = answers.get(timeout=0.5)
            verdicts[verdict.number] = verdict
        except queue.Empty:
            pass
        for number, process in list(running.items()):
            if number in verdicts:
                process.join()
                del running[number]
                _tell(found[number][0], verdicts[number], verbose=verbose)
            elif not process.is_alive() and answers.empty():
                verdicts[number] = Verdict(number, -1, f"the process died: {process.exitcode}")
                del running[number]
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{len(verdicts)} of {len(found)}")
    return verdicts


def _tell(mutant: Any, verdict: Verdict, *, verbose: bool) -> None:
    if verdict.seed is None:
        _say(f"SURVIVED {mutant.name}")
    elif verbose:
        _say(f"caught   {mutant.name}  by seed {verdict.seed}: {verdict.how[:120]}")


def _try(number: int, mutant: Any, origin: str, seeds: Sequence[int], answers: Any) -> None:
    """Play seeds on a broken engine until one fails. A seed that hangs, or eats the memory, has failed."""
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    sys.meta_path.insert(0, _BrokenFinder(mutant.module, origin, mutant.tree))
    signal.signal(signal.SIGALRM, _too_long)
    seed = -1
    try:
        simulate: Any = importlib.import_module("tests.simulation.simulate")
        for seed in seeds:
            signal.alarm(_SECONDS_A_SEED)
            simulate.simulate(seed)
        verdict = Verdict(number, None, "")
    except (Exception, TimeoutError, MemoryError) as error:
        verdict = Verdict(number, seed, f"{type(error).__name__}: {error}")
    signal.alarm(0)
    answers.put(verdict)


def _too_long(_: int, __: FrameType | None) -> None:
    raise TimeoutError("it hangs")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Break the engine on purpose and count what the simulation catches.")
    parser.add_argument("--seeds", type=int, default=2000, help="how many seeds a mutant must survive")
    parser.add_argument("--module", action="append", choices=_MODULES, help="only this module of the engine")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    parser.add_argument("--verbose", action="store_true", help="print what was caught too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
