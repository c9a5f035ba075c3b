"""The fake of ``ports.environments``."""

import sys
from collections.abc import Callable
from pathlib import Path

from pinnace.domain.environments import EnvironmentSpec
from pinnace.ports.environments import Environment, EnvironmentFailed


class FixedEnvironments:
    """Gives the interpreter that runs the tests, whatever is asked for; packages in *missing* cannot be installed."""

    def __init__(self, missing: tuple[str, ...] = ()) -> None:
        self._missing = missing

    async def prepare(self, spec: EnvironmentSpec, announce: Callable[[str], None]) -> Environment:
        """See the port."""
        for requirement in spec.requirements:
            if requirement in self._missing:
                announce(f"Installing {requirement}.")
                raise EnvironmentFailed(f"There is no package {requirement} in {len(spec.index_urls)} indexes.")
        return Environment(sys.executable, (str(Path(sys.executable).parent),))
