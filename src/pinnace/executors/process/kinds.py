"""Which kind of zygote a task can be forked from, so that it sees what it would see after a cold start."""

import re
import shutil
from collections.abc import Collection, Mapping
from typing import Final

from pinnace.domain.environments import WarmStart
from pinnace.domain.tasks import TaskSpec
from pinnace.executors.process import preloading
from pinnace.executors.process.child_environment import child_environment
from pinnace.executors.process.zygotes import PLAIN, Kind
from pinnace.launcher import mark
from pinnace.ports.environments import Environment

_READ_AT_START: Final = re.compile(
    r"(?:PYTHON|LC_|LANG|LD_|DYLD_|MALLOC_|GLIBC_TUNABLES|HOME\Z|KFP_|PROTOCOL_BUFFERS_)[A-Z0-9_]*"
)
"""Variables that Python, the C library or the SDK read when they start: too late to set after a fork."""


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

    def choose(self, spec: TaskSpec, environment: Environment) -> Kind:
        """The kind for a task; ``PLAIN`` for what has to start cold."""
        if self._warm is WarmStart.OFF or spec.program is None or "PATH" in spec.environment:
            return PLAIN
        at_start = {name: value for name, value in spec.environment.items() if _READ_AT_START.match(name)}
        variables = child_environment(self._inherited, environment, at_start, mark.BLANK, self._secrets)
        python = shutil.which("python3", path=variables["PATH"])
        if python is None:
            return PLAIN
        return Kind(python, tuple(sorted(variables.items())), self._preload(spec), environment.lock)

    def _preload(self, spec: TaskSpec) -> tuple[str, ...]:
        """Nothing where the task has variables or limits of its own, which libraries read when they are imported."""
        if self._warm is not WarmStart.LIBRARIES or spec.environment or spec.resources.cpu_limit is not None:
            return ()
        return preloading.modules(spec.program.source) if spec.program else ()
