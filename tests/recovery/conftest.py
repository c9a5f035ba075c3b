"""Makes the modules of this directory importable under their full name, as ``kill_nine.py`` does."""

import sys
from pathlib import Path

_ROOT = str(Path(__file__).resolve().parents[2])
if _ROOT not in sys.path:
    sys.path.insert(0, _ROOT)
