"""Results that are hard to bring about on a healthy machine."""

import errno
from typing import Any

from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import TaskFailure
from pinnace.executors.process.outcomes import judge, storage_failure

KILLED: dict[str, Any] = {
    "outcome": "exited",
    "exit_code": None,
    "signal": 9,
    "out_of_memory": False,
    "disk_free": 1 << 30,
    "failure": None,
}


def test_memory_ran_out() -> None:
    text = (
        "The command was killed by SIGKILL, probably because memory ran out; its largest process held 5.2 GiB. "
        "Make it need less, or set its memory request: then fewer tasks run beside it."
    )
    assert judge(KILLED | {"out_of_memory": True, "max_rss": 5583457485}) == (
        AttemptOutcome.FAILED,
        TaskFailure(text, "OutOfMemory"),
    )


def test_memory_ran_out_inside_a_shell() -> None:
    failure = judge(KILLED | {"signal": None, "exit_code": 137, "out_of_memory": True})[1]
    assert failure is not None
    assert failure.message == (
        "The command ended with exit code 137 (that is, by SIGKILL), probably because memory ran out. "
        "Make it need less, or set its memory request: then fewer tasks run beside it."
    )


def test_the_disk_is_full_at_the_end() -> None:
    failure = judge(KILLED | {"signal": None, "exit_code": 1, "disk_free": 0})[1]
    assert failure is not None
    assert failure.code == "DiskFull"
    assert failure.message == (
        "The command ended with exit code 1, and the disk is full. Free some space and try again."
    )


def test_the_disk_is_full_at_the_beginning() -> None:
    failure = storage_failure(OSError(errno.ENOSPC, "no space"), "/data/attempt")
    assert failure.code == "DiskFull"
    assert failure.message == "Could not write into /data/attempt: the disk is full. Free some space and try again."


def test_an_exit_code_that_is_no_signal() -> None:
    failure = judge(KILLED | {"signal": None, "exit_code": 255})[1]
    assert failure == TaskFailure("The command ended with exit code 255.", "ExitCode", 255)
