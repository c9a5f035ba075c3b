"""Who can be killed: servers, what they started, the runners of attempts, and the tasks themselves."""

import contextlib
import hashlib
import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil

from pinnace.launcher import processes, records

KINDS: Final = ("server", "zygote", "runner", "task", "all")
MARK: Final = f"{records.MARK_VARIABLE}=".encode()


@dataclass(frozen=True, slots=True)
class Victim:
    """A process, and the attempt that it belongs to ("" for none)."""

    process: psutil.Process
    attempt: str = ""

    def kill(self) -> bool:
        """kill -9; whether it lived until then. psutil does not mistake a later process with the same pid for it."""
        with contextlib.suppress(psutil.NoSuchProcess):
            if self.process.status() != psutil.STATUS_ZOMBIE:
                self.process.send_signal(signal.SIGKILL)
                return True
        return False


def runners(data: Path) -> list[Victim]:
    """Living runners of attempts that have no result yet."""
    return list(_recorded(data, records.STARTED, _is_runner))


def tasks(data: Path) -> list[Victim]:
    """Living commands of those attempts."""
    return list(_recorded(data, records.RUNNING, _is_task))


def helpers(server: int, data: Path) -> list[Victim]:
    """What a server has started besides runners: its zygotes, and the runners and tasks that wait in these."""
    known = {victim.process.pid for victim in runners(data)}
    found = []
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process(server).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if child.pid not in known and "pinnace" in " ".join(child.cmdline()):
                    found.append(Victim(child))
                    spares = [other for other in child.children() if other.pid not in known]
                    found += [Victim(other) for spare in spares for other in (spare, *spare.children())]
    return found


def leftovers(data: Path) -> list[str]:
    """Processes that belong to attempts below *data*, whoever their parent is: by their directory or their mark."""
    names = (hashlib.sha256(os.fsencode(path.parent)).hexdigest()[:32] for path in _records(data, records.LOG))
    marks = {MARK + name.encode() for name in names}
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            environment = Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0")
            if process.cwd().startswith(str(data / "runs")) or not marks.isdisjoint(environment):
                found.append(f"{process.pid} {' '.join(process.cmdline())} in {process.cwd()}")
    return found


def _recorded(data: Path, name: str, is_its: Callable[[psutil.Process, Path, Any], bool]) -> Iterator[Victim]:
    for path in _records(data, name):
        if (path.parent / records.RESULT).exists():
            continue
        with contextlib.suppress(psutil.NoSuchProcess, OSError, ValueError, KeyError):
            record = json.loads(path.read_text())
            process = psutil.Process(int(record["pid"]))
            if process.pid > 1 and is_its(process, path.parent, record):
                yield Victim(process, str(path.parent))


def _records(data: Path, name: str) -> list[Path]:
    return [Path(folder, name) for folder, _, files in os.walk(data / "runs") if name in files]


def _is_runner(process: psutil.Process, _: Path, record: Any) -> bool:
    return bool(processes.start_time(process.pid) == record["start"])


def _is_task(process: psutil.Process, attempt: Path, _: Any) -> bool:
    return str(process.cwd()).startswith(str(attempt))
