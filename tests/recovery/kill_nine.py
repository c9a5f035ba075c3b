"""kill -9 of servers, zygotes, runners and tasks: ``python tests/recovery/kill_nine.py --kills N [--seed SEED]``."""

import argparse
import importlib
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_ROOT = str(Path(__file__).resolve().parents[2])
if _ROOT not in sys.path:
    sys.path.insert(0, _ROOT)


def main() -> int:
    """Kill, and answer 1 if something was not as it should be. The directory stays then."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    arguments = parser.parse_args()
    storms: Any = importlib.import_module("tests.recovery.storm")
    place = Path(tempfile.mkdtemp(prefix="pinnace-kill-nine-"))
    sys.stdout.write(f"seed {arguments.seed}, in {place}\n")
    storm = storms.Storm(place, arguments.seed)
    started = time.monotonic()
    try:
        storm.rage(arguments.kills)
        storm.calm()
        faults = storm.faults()
    finally:
        storm.end()
    sys.stdout.write("\n".join([*faults, f"{time.monotonic() - started:.0f} s, {dict(storm.counts)}", ""]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
