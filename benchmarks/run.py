"""Measure: ``python benchmarks/run.py [NAME …]``. Without names, everything; ``--help`` shows them."""

import argparse
import importlib
from collections.abc import Sequence

from measure import Row, machine

BENCHMARKS = {
    "start": ("startup", "server_start"),
    "cli": ("startup", "command_line"),
    "engine": ("engine", "engine"),
    "commit": ("store", "chain_step"),
    "lists": ("scale", "lists"),
    "server": ("server_cost", "server_cost"),
    "runs": ("runs", "compared_runs"),
    "large": ("large_run", "large_run"),
    "size": ("size", "installed_size"),
}
HEADER = ("what", "median", "range", "ours, at most")


def main() -> None:
    """Run what was asked for, and print one table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    names = parser.parse_args().names or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}; there are {', '.join(BENCHMARKS)}")
    print(machine(), end="\n\n", flush=True)
    _line(HEADER)
    _line(("---", "--:", "--:", "--:"))
    for name in names:
        module, function = BENCHMARKS[name]
        for row in getattr(importlib.import_module(module), function)():
            _show(row)


def _show(row: Row) -> None:
    _line(row.cells())


def _line(cells: Sequence[str]) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
