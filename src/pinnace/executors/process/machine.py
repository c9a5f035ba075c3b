"""What this machine has for tasks."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from pinnace.executors.process import accelerators as devices

_CGROUP: Final = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Machine:
    """Cores, bytes of memory and accelerators that tasks can use together.

    Attributes:
        cpus: Cores.
        memory: Bytes.
        accelerators: Names of devices, as ``accelerators`` has them.
        accelerators_required: Whether a task that asks for accelerators fails where there are none of the kind.
    """

    cpus: float
    memory: int
    accelerators: tuple[str, ...] = ()
    accelerators_required: bool = False

    @classmethod
    def here(cls, accelerators: str = devices.AUTO) -> "Machine":
        """This machine; inside a container with limits, what the container may use.

        Args:
            accelerators: ``auto`` for those that are found; ``require`` for those too, and tasks may not go without;
                ``none`` for none; or how many.

        Raises:
            SetupError: *accelerators* is nothing of that.
        """
        cpus: float = psutil.cpu_count() or 1
        if hasattr(os, "sched_getaffinity"):
            cpus = len(os.sched_getaffinity(0))
        memory: int = psutil.virtual_memory().total
        quota, limit = _cgroup_words("cpu.max"), _cgroup_words("memory.max")
        if len(quota) == 2 and all(word.isdigit() for word in quota):
            cpus = min(cpus, int(quota[0]) / int(quota[1]))
        if limit and limit[0].isdigit():
            memory = min(memory, int(limit[0]))
        return cls(cpus, memory, devices.find(accelerators), accelerators == devices.REQUIRE)


def amount(count: int) -> str:
    """Bytes for messages."""
    return f"{count / (1 << 30):.1f} GiB" if count >= 1 << 29 else f"{count / (1 << 20):.1f} MiB"


def _cgroup_words(name: str) -> list[str]:
    try:
        return (_CGROUP / name).read_text(encoding="ascii").split()
    except OSError:
        return []
