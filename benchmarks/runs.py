"""Whole runs through a real server, beside the SDK's own local runner and beside a cold interpreter a task.

The server is driven by the official client; a run is measured from its submission to its end. All take turns, so that
what else the machine does meets each of them.
"""

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median

from flows import WARM_UP, compiled
from measure import Row, run_python, sync_seconds, timed
from server import MeasuredServer

from pinnace.domain.tasks import TaskRecord

HERE = Path(__file__).parent
MILLISECOND = 1000


@dataclass(frozen=True, slots=True)
class Case:
    """A pipeline that is run by each of the contestants.

    Attributes:
        kind: As ``flows.flow`` knows it.
        rounds: How often each runs it.
        limit: Seconds that a whole run may take, where something is promised.
    """

    kind: str
    size: int
    name: str
    rounds: int
    limit: str = ""


CASES = (
    Case("chain", 20, "chain of 20", 7),
    Case("loop", 200, "ParallelFor over 200", 5),
    Case("loop", 1000, "ParallelFor over 1,000", 3, "12"),
    Case("imports", 10, "chain of 10 that import pandas and scikit-learn", 3),
)


def compared_runs() -> Iterator[Row]:
    """The rows of all cases and contestants, and what this machine gave meanwhile."""
    with tempfile.TemporaryDirectory() as scratch:
        yield Row("disk: write 4 KiB and fsync (for comparison)", [each * 1e3 for each in sync_seconds(scratch)], "ms")
        executor = partial(run_python, "-c", "import kfp.dsl.executor_main", _KFP_RUNTIME="true")
        floor = [timed(executor) * 1e3 for _ in range(10)]
        yield Row("a process that imports the SDK's executor (for comparison)", floor, "ms")
        warm = MeasuredServer(Path(scratch) / "warm")
        cold = MeasuredServer(Path(scratch) / "cold", "--warm", "off")
        with warm, cold:
            for server in (warm, cold):
                server.run(compiled("chain", WARM_UP))
            for case in CASES:
                yield from _compare(case, warm, cold, Path(scratch))


def _compare(case: Case, warm: MeasuredServer, cold: MeasuredServer, scratch: Path) -> Iterator[Row]:
    document = compiled(case.kind, case.size)
    contestants: dict[str, Callable[[], float]] = {
        "pinnace": partial(warm.run, document),
        "pinnace, a cold interpreter a task": partial(cold.run, document),
        "kfp.local": partial(_local, case, scratch),
    }
    seconds: dict[str, list[float]] = {who: [] for who in contestants}
    tasks: list[Sequence[TaskRecord]] = []
    for number in range(case.rounds + 1):
        for who, run in contestants.items():
            taken = run()
            if number:  # the first of each fills the page cache
                seconds[who].append(taken)
        if number:
            tasks.append(warm.tasks())
    for who, taken in seconds.items():
        yield Row(f"{case.name}, {who}", taken, "s", case.limit if who == "pinnace" else "")
        yield Row(f"{case.name}, {who}, a task", [each / case.size * 1e3 for each in taken], "ms")
    if case.kind != "loop":
        steps = [_step(each) for each in tasks]
        yield Row(f"{case.name}, pinnace, one step", steps, "ms", "25" if case.kind == "chain" else "")
    if case.kind == "imports":
        yield Row(f"{case.name}, pinnace, their imports", [_imports(each) for each in tasks], "ms", "100")


def _step(tasks: Sequence[TaskRecord]) -> float:
    """Median of the milliseconds from the start of one step to the start of the next."""
    starts = sorted(task.started_at for task in tasks if task.kind == "CONTAINER" and task.started_at is not None)
    return median(after - before for before, after in pairwise(starts)) / MILLISECOND


def _imports(tasks: Sequence[TaskRecord]) -> float:
    """Median of the milliseconds that the steps themselves measured."""
    found = [task.outputs.parameters["Output"] for task in tasks if task.kind == "CONTAINER"]
    return median(float(value) for value in found if isinstance(value, float | int)) * 1e3


def _local(case: Case, scratch: Path) -> float:
    """Seconds of the SDK's own runner; a process each time, since ``kfp.local`` is set up once a process."""
    with contextlib.ExitStack() as stack:
        root = stack.enter_context(tempfile.TemporaryDirectory(dir=scratch))
        output = run_python(HERE / "local_runner.py", case.kind, str(case.size), root, TMPDIR=root)
    return float(output.splitlines()[-1])
