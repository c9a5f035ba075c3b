"""What a runner's result means, in words."""

import errno
import os
import signal
from typing import Any, Final

from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import TaskFailure
from pinnace.executors.process.machine import amount
from pinnace.launcher import runner

_DISK_IS_FULL: Final = 64 * 1024
_CANNOT_SIGNAL: Final = 128

Record = dict[str, Any]


def judge(result: Record) -> tuple[AttemptOutcome, TaskFailure | None]:
    """The outcome and failure that a result stands for."""
    outcome = result["outcome"]
    if outcome == runner.CANCEL:
        return AttemptOutcome.CANCELED, canceled()
    if outcome == runner.INTERRUPT:
        return AttemptOutcome.INTERRUPTED, interrupted()
    if outcome == runner.DEADLINE:
        text = f"The task did not end within its deadline of {result['deadline']:g} s and was stopped."
        return AttemptOutcome.FAILED, TaskFailure(text, "DeadlineExceeded", result["exit_code"])
    if outcome == runner.SETUP:
        failure = _not_begun(result["failure"])
        # A full disk is no fault of a task that has not begun: it is launched again, when there is room.
        return AttemptOutcome.LOST if failure.code == "DiskFull" else AttemptOutcome.FAILED, failure
    if result["exit_code"] == 0:
        return AttemptOutcome.SUCCEEDED, None
    return AttemptOutcome.FAILED, _ended_badly(result)


def canceled() -> TaskFailure:
    """The words for an attempt that the run did not want any more."""
    return TaskFailure("The task was canceled because its run is being stopped.", "Canceled")


def interrupted() -> TaskFailure:
    """The words for an attempt that the server ended at its own end."""
    return TaskFailure("The task was ended because the server was shutting down. It runs again.", "Interrupted")


def lost(reason: str) -> TaskFailure:
    """The words for an attempt of which nothing is left to tell how it ended."""
    return TaskFailure(f"The task was lost: {reason}", "Lost")


def storage_failure(error: OSError, path: str) -> TaskFailure:
    """The words for a directory or file that cannot be written."""
    return _storage_failure("write into", path, error.errno or 0)


def _ended_badly(result: Record) -> TaskFailure:
    number, exit_code = result["signal"], result["exit_code"]
    if number is not None:
        text = f"The command was killed by {_signal_name(number)}"
    else:
        text = f"The command ended with exit code {exit_code}"
        if exit_code > _CANNOT_SIGNAL and _is_signal(exit_code - _CANNOT_SIGNAL):
            text += f" (that is, by {_signal_name(exit_code - _CANNOT_SIGNAL)})"
    if result["out_of_memory"]:
        return TaskFailure(f"{text}, {_memory_ran_out(result.get('max_rss', 0))}", "OutOfMemory", exit_code)
    if 0 <= result["disk_free"] < _DISK_IS_FULL:
        return TaskFailure(f"{text}, and the disk is full. Free some space and try again.", "DiskFull", exit_code)
    return TaskFailure(f"{text}.", "ExitCode" if number is None else "Signal", exit_code)


def _memory_ran_out(peak: int) -> str:
    """Why the system killed it, and what to do. *peak* is what the largest process held, 0 where that is not known."""
    held = f"; its largest process held {amount(peak)}" if peak else ""
    return (
        f"probably because memory ran out{held}. Make it need less, or set its memory request: "
        "then fewer tasks run beside it."
    )


def _not_begun(failure: Record) -> TaskFailure:
    step, path, number = failure["step"], failure["path"], failure["errno"]
    if step != "run":
        return _storage_failure(step, path, number)
    if number in {errno.ENOENT, errno.ENOTDIR}:
        text = f"The command {path!r} was not found. It must be on the PATH of this machine, not of the image."
        return TaskFailure(text, "CommandNotFound", 127)
    if number == errno.E2BIG:
        longest = failure["longest"]
        text = (
            f"The command line is too long for this system: its longest argument has {longest} bytes. "
            "Pass large values as artifacts instead of parameters."
        )
        return TaskFailure(text, "ArgumentListTooLong")
    if number == errno.EACCES:
        return TaskFailure(f"The command {path!r} may not be executed: permission denied.", "CommandNotExecutable", 126)
    return TaskFailure(
        f"The command {path!r} could not be started: {os.strerror(number)}.", "CommandNotExecutable", 126
    )


def _storage_failure(step: str, path: str, number: int) -> TaskFailure:
    if number in {errno.ENOSPC, errno.EDQUOT}:
        return TaskFailure(f"Could not {step} {path}: the disk is full. Free some space and try again.", "DiskFull")
    return TaskFailure(f"Could not {step} {path}: {os.strerror(number)}.", "DirectoryNotWritable")


def _is_signal(number: int) -> bool:
    return number in set(signal.Signals)


def _signal_name(number: int) -> str:
    return signal.Signals(number).name if _is_signal(number) else f"signal {number}"
