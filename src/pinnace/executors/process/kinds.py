"""Which kind of zygote a task can be forked from, so that it sees what it would see after a cold start."""

import re
import shutil
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeAlias

from pinnace.domain.environments import WarmStart
from pinnace.domain.tasks import TaskSpec
from pinnace.executors.process import preloading
from pinnace.executors.process.child_environment import child_environment
from pinnace.executors.process.zygotes import PLAIN, Kind
from pinnace.launcher import mark
from pinnace.ports.environments import Environment

_READ_AT_START: Final = re.compile(
    r"(?:PYTHON|LC_|LANG|LD_|DYLD_|MALLOC_|GLIBC_TUNABLES|LOCPATH|HOME\Z|KFP_|PROTOCOL_BUFFERS_)[A-Z0-9_]*"
)
"""Variables that Python, the C library or the SDK read when they start: too late to set after a fork."""


_READ_BY_NO_LIBRARY: Final = frozenset({"TRACEPARENT"})
"""Variables that no library reads while it is imported: programs read them when they begin a trace."""

Variables: TypeAlias = tuple[tuple[str, str], ...]


class Kinds:
    """Chooses kinds of zygotes.

    Args:
        inherited: Variables that tasks inherit, as for ``child_environment``.
        secrets: Values that no inherited variable may hold.
        warm: How much may be in memory before a task begins.
    """

    def __init__(self, inherited: Mapping[str, str], secrets: Collection[str], warm: WarmStart) -> None:
        self._inherited = inherited
        self._secrets = secrets
        self._warm = warm
        self._start = lru_cache(maxsize=64)(self._find_start)

    def choose(self, spec: TaskSpec, environment: Environment) -> Kind:
        """The kind for a task; ``PLAIN`` for what has to start cold."""
        if self._warm is WarmStart.OFF or spec.program is None or "PATH" in spec.environment:
            return PLAIN
        at_start = tuple(sorted(item for item in spec.environment.items() if _READ_AT_START.match(item[0])))
        python, variables = self._start(environment, at_start)
        if not Path(python).is_file():
            return PLAIN
        return Kind(python, variables, self._preload(spec), environment.lock, environment.stamp)

    def _find_start(self, environment: Environment, at_start: Variables) -> tuple[str, Variables]:
        """The interpreter that a cold start would find, "" for none, and the variables to start it with."""
        variables = child_environment(self._inherited, environment, dict(at_start), mark.BLANK, self._secrets)
        return shutil.which("python3", path=variables["PATH"]) or "", tuple(sorted(variables.items()))

    def _preload(self, spec: TaskSpec) -> tuple[str, ...]:
        """Nothing where the task has variables or limits of its own, which libraries read when they are imported."""
        own = spec.environment.keys() - _READ_BY_NO_LIBRARY
        if self._warm is not WarmStart.LIBRARIES or own or spec.resources.cpu_limit is not None:
            return ()
        return preloading.modules(spec.program.source) if spec.program else ()
