"""What the server writes into an attempt's directory, and reads of it."""

import os
import secrets
import tempfile
from pathlib import Path

from pinnace.domain.tasks import TaskSpec
from pinnace.launcher import processes, records
from pinnace.ports.environments import Environment


def has_begun(directory: str) -> bool:
    """Whether a runner was there, or the attempt was refused."""
    return any(Path(directory, name).exists() for name in (records.STARTED, records.RESULT))


def is_laid_out(directory: str) -> bool:
    """Whether a runner that comes would find something to do."""
    return Path(directory, records.TASK).exists()


def write_task(
    spec: TaskSpec,
    environment: Environment,
    variables: dict[str, str],
    mark: str,
    grace: float,
    log_cap: int,
    devices: tuple[str, ...] = (),
) -> None:
    """Lay the directory out for a runner. Raises OSError."""
    temporary = ""
    if "TMPDIR" not in spec.environment:
        temporary = str(Path(tempfile.gettempdir(), f"pinnace-{secrets.token_hex(6)}"))
        variables = variables | {"TMPDIR": temporary}
    Path(spec.directory).mkdir(mode=0o700, parents=True, exist_ok=True)
    Path(spec.directory, records.LOG).touch(mode=0o600)
    task = {
        "command": list(spec.command),
        "program": spec.program and {"source": spec.program.source, "arguments": list(spec.program.arguments)},
        "python": environment.python,
        "lock": environment.lock,
        "environment": variables,
        "set": dict(spec.environment),
        "path": list(environment.directories),
        "mark": mark,
        "parents": list(spec.parents),
        "temporary": temporary,
        "deadline": spec.deadline_seconds,
        "stop_at": spec.stop_at,
        "grace": grace,
        "log_cap": log_cap,
        "devices": list(devices),
    }
    records.write(spec.directory, records.TASK, task)


def devices(directory: str) -> tuple[str, ...]:
    """The accelerators that an attempt which has begun was given."""
    return tuple((records.read(directory, records.TASK) or {}).get("devices", ()))


def refuse(directory: str) -> bool:
    """See to it that the attempt never begins; False where it has begun already."""
    nobody = processes.Identity(processes.boot_id(), 0, "")._asdict()
    try:
        Path(directory).mkdir(mode=0o700, parents=True, exist_ok=True)
        return records.claim(directory, nobody | {"refused": True})
    except OSError:
        return True  # Where nothing can be written no runner can begin either: it must write its claim first.


def note(directory: str, text: str) -> None:
    """Add lines of our own to the task's log, if that can be written."""
    try:
        Path(directory).mkdir(mode=0o700, parents=True, exist_ok=True)
        with Path(directory, records.LOG).open("a", encoding="utf-8") as log:
            log.write(f"[pinnace] {text}\n")
    except OSError:
        return  # A text that matters is in the failure as well.


def free_bytes(directory: str) -> int:
    """Room on the disk that the directory lies on, or will."""
    place = Path(directory)
    while not place.exists() and place != place.parent:
        place = place.parent
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize


def last_words(directory: str) -> str:
    """Why a runner left no result, as far as it could say."""
    try:
        words = Path(directory, records.RUNNER_LOG).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        words = ""
    reason = "its runner was killed, or could not work"
    return f"{reason}: {words.splitlines()[-1]}" if words else f"{reason}."
