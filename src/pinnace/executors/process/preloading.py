"""Which modules a component imports that a worker can have in memory before the task begins."""

import ast
from functools import lru_cache
from typing import Final

ALLOWED: Final = frozenset({"numpy", "pandas", "scipy", "sklearn"})
"""Libraries that take long to import and bear a fork after it. Each has a test of that in ``tests/warm``."""

_READS_ENVIRONMENT: Final = ("environ", "putenv")


@lru_cache(maxsize=512)
def modules(source: str) -> tuple[str, ...]:
    """Modules of :data:`ALLOWED` that *source* names in imports, or none where it may have to set variables first.

    A ``from package import name`` gives both the package and ``package.name``, which need not be a module.
    """
    if any(word in source for word in _READS_ENVIRONMENT):
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
