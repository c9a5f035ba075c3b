"""A pipeline that is killed at random moments: each step appends to a journal and holds a lock for as long as it lives.

The lock is one a task, not one an attempt, and the children that a step leaves behind hold it too. A step that finds
it taken says so in the journal: another attempt of its task still lived.
"""

import sys

from kfp import dsl
from kfp.dsl import ContainerSpec

IMAGE = f"python:{sys.version_info.major}.{sys.version_info.minor}-slim"
TASKS = 5 + 2 * 3
"""Tasks that run code in a run that succeeds."""

_SCRIPT = """
attempt=$(dirname "$PWD")
exec 9>>"$0/$(dirname "$attempt" | tr / +).lock"
flock -n 9 || echo "overlap $attempt $$" >> "$0/journal"
echo "begin $attempt $$" >> "$0/journal"
env -i sleep 600 &
sleep "$1"
echo "end $attempt $$" >> "$0/journal"
printf done > "$2"
"""


def _begin(place: str):
    """Take the lock of the task and note down the begin; the attempt, the journal, and what notes down more."""
    import fcntl
    import os

    attempt = os.path.dirname(os.getcwd())
    lock = os.open(f"{place}/{os.path.dirname(attempt).replace('/', '+')}.lock", os.O_CREAT | os.O_RDWR)
    journal = os.open(f"{place}/journal", os.O_CREAT | os.O_RDWR | os.O_APPEND)

    def note(word):
        os.write(journal, f"{word} {attempt} {os.getpid()}\n".encode())

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        note("overlap")
    note("begin")
    return attempt, journal, note


@dsl.component(base_image=IMAGE, additional_funcs=[_begin])
def step(place: str, seconds: float) -> str:
    import os
    import time

    _, _, note = _begin(place)
    if os.fork() == 0:
        os.setsid()
        time.sleep(600)
        os._exit(0)
    time.sleep(seconds)
    note("end")
    return "done"


@dsl.component(base_image=IMAGE, additional_funcs=[_begin])
def flop(place: str, seconds: float) -> str:
    """Fails once in each run."""
    import os
    import time

    attempt, journal, note = _begin(place)
    time.sleep(seconds)
    if f"flop {os.path.dirname(attempt)}/" not in os.pread(journal, 1 << 28, 0).decode():
        note("flop")
        raise RuntimeError("fails once")
    note("end")
    return "done"


@dsl.container_component
def shell(place: str, seconds: float, out: dsl.OutputPath(str)):
    return ContainerSpec(image="alpine", command=["sh", "-ec", _SCRIPT], args=[place, seconds, out])


@dsl.pipeline(name="killed")
def killed(place: str, seconds: float):
    last = step(place=place, seconds=seconds)
    with dsl.ExitHandler(last):
        first = step(place=place, seconds=seconds)
        second = shell(place=place, seconds=seconds).set_retry(2).after(first)
        step(place=place, seconds=seconds).set_retry(2).after(second)
        flop(place=place, seconds=seconds).set_retry(3)
        with dsl.ParallelFor([0, 1, 2]) as _item:
            inner = shell(place=place, seconds=seconds)
            step(place=place, seconds=seconds).set_retry(1).after(inner)
