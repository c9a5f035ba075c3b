"""Which modules a component imports that a worker can have in memory before the task begins."""

import ast
import re
from functools import lru_cache
from typing import Final

ALLOWED: Final = frozenset({"numpy", "pandas", "scipy", "sklearn"})
"""Libraries that take long to import and bear a fork after it. Each has a test of that in ``tests/warm``."""

_ACTS_BEFORE_IMPORTS: Final = re.compile(
    r"environ|putenv|dotenv|setaffinity|setrlimit|addsitedir|invalidate_caches"
    r"|\bsys\.(?:path|modules|meta_path|path_hooks)\b|\bfrom\s+sys\s+import\b"
    r"|\b(?:pip3?|ensurepip|uv|conda|mamba|poetry)\b"
)
"""Words of sources that set what a library reads when it is imported, or that change which one is found."""


@lru_cache(maxsize=512)
def modules(source: str) -> tuple[str, ...]:
    """Modules of :data:`ALLOWED` that *source* names in imports, or none where it may have to do something first.

    A ``from package import name`` gives both the package and ``package.name``, which need not be a module.
    """
    if _ACTS_BEFORE_IMPORTS.search(source):
        return ()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names if alias.name != "*")
    return tuple(sorted(name for name in found if name.partition(".")[0] in ALLOWED))
