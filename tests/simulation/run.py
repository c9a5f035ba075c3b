"""Plays seeds of the simulation: ``python tests/simulation/run.py --seeds N [--first SEED] [--show]``.

``--show`` prints the history of every seed, and is meant for one.
"""

import argparse
import importlib
import os
import sys
import time
from pathlib import Path
from typing import Any

_ROOT = str(Path(__file__).resolve().parents[2])
if _ROOT not in sys.path:
    # Child processes are started afresh and find the modules by this path too.
    sys.path.insert(0, _ROOT)

_MOST_FAILURES = 20


def main() -> int:
    """Play, print the coverage and the failures, and answer 1 if there were any."""
    arguments = _arguments()
    batch: Any = importlib.import_module("tests.simulation.batch")
    coverage: Any = importlib.import_module("tests.simulation.coverage")
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    if arguments.show:
        return _show(seeds)
    total, failures, started = coverage.Coverage(), {}, time.monotonic()
    for outcomes in batch.play_parallel(seeds, arguments.jobs):
        total.merge(outcomes.coverage)
        failures.update(outcomes.failures)
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{total.seeds + len(failures)} of {len(seeds)}")
        if len(failures) >= _MOST_FAILURES:
            break
    _say(total.table())
    _say(f"{time.monotonic() - started:.1f} s")
    for seed, text in failures.items():
        _say(f"seed {seed} failed: {text}\n  repeat: {batch.how_to_repeat(seed)}")
    return 1 if failures else 0


def _show(seeds: range) -> int:
    simulate: Any = importlib.import_module("tests.simulation.simulate")
    for seed in seeds:
        simulation = simulate.Simulation(seed)
        try:
            report = simulation.play()
            _say(f"seed {seed}: {report.events} events, {dict(report.happened)}")
        finally:
            _say("\n".join(simulation.story))
    return 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Play seeds of the simulation of the engine.")
    parser.add_argument("--seeds", type=int, default=2000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    parser.add_argument("--show", action="store_true", help="print the histories")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
