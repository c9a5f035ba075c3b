"""What this machine has for tasks."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

_CGROUP: Final = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Machine:
    """Cores and bytes of memory that tasks can use together."""

    cpus: float
    memory: int

    @classmethod
    def here(cls) -> "Machine":
        """This machine; inside a container with limits, what the container may use."""
        cpus: float = psutil.cpu_count() or 1
        if hasattr(os, "sched_getaffinity"):
            cpus = len(os.sched_getaffinity(0))
        memory: int = psutil.virtual_memory().total
        quota, limit = _cgroup_words("cpu.max"), _cgroup_words("memory.max")
        if len(quota) == 2 and all(word.isdigit() for word in quota):
            cpus = min(cpus, int(quota[0]) / int(quota[1]))
        if limit and limit[0].isdigit():
            memory = min(memory, int(limit[0]))
        return cls(cpus, memory)


def _cgroup_words(name: str) -> list[str]:
    try:
        return (_CGROUP / name).read_text(encoding="ascii").split()
    except OSError:
        return []
