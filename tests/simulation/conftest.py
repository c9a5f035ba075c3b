"""Makes the simulator's modules importable under their full name, as ``tests/simulation/run.py`` does."""

import sys
from pathlib import Path

_ROOT = str(Path(__file__).resolve().parents[2])
if _ROOT not in sys.path:
    sys.path.insert(0, _ROOT)
