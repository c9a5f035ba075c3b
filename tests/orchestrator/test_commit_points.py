"""A server that dies at each of its commits in turn, just before it and just behind it: the next one ends the run."""

import asyncio
import threading
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from pinnace.domain.states import AttemptOutcome, RunState
from pinnace.domain.tasks import AttemptKey, TaskFailure, TaskSpec
from pinnace.ports.store import LogAppend
from pinnace.testing.documents import Step, pipeline
from pinnace.testing.manual_executor import Ending

RETRY: Any = {"retryPolicy": {"maxRetryCount": 1, "backoffDuration": "0s"}}
DOCUMENT = pipeline(
    {
        "first": Step(["write", "{{$.outputs.parameters['out'].output_file}}", "1"], outputs=("out",)),
        "again": Step(["nothing"], inputs={"x": ("first", "out")}, extra=RETRY),
        "beside": Step(["nothing"], cache=True),
        "last": Step(["nothing"], after=["again", "beside"]),
    }
)
COMMITS = 40
"""More than there are: a run that ends before its server dies shows that all were tried."""


class Death:
    """Kills the server at the *number*-th commit: what is behind that moment never comes back to it."""

    def __init__(self, store: Any, number: int, *, committed: bool) -> None:
        self.came = threading.Event()
        self.buried = threading.Event()
        self._real = store.append
        self._left = number
        self._committed = committed

    def append(self, entries: Sequence[LogAppend]) -> Sequence[Exception | None]:
        self._left -= 1
        if self._left:
            results: Sequence[Exception | None] = self._real(entries)
            return results
        if self._committed:
            self._real(entries)
        self.came.set()
        self.buried.wait(60)
        raise RuntimeError("the server is dead")


@pytest.mark.parametrize("committed", [False, True], ids=["before", "behind"])
def test_a_run_ends_as_it_should_wherever_its_server_dies(bench: Any, committed: bool) -> None:
    write = bench.act

    def act(spec: TaskSpec) -> Ending | None:
        if spec.key.node == "again" and spec.key.attempt == 1:
            return Ending(AttemptOutcome.FAILED, TaskFailure("The command ended with exit code 1.", "ExitCode", 1))
        ending: Ending | None = write(spec)
        return ending

    bench.act = act
    bench.cache = False
    real = bench.store.append

    async def scene(number: int) -> bool:
        death = Death(bench.store, number, committed=committed)
        launched: Counter[AttemptKey] = Counter()
        async with bench.doomed_server() as supervisor:
            bench.store.append = death.append
            run = bench.submit(DOCUMENT)
            loop = supervisor.ensure(run)
            while not death.came.is_set() and loop.run_id in supervisor._loops:
                await asyncio.sleep(0.001)
            launched.update(spec.key for spec in bench.executor.launched)
            bench.store.append = real
            death.buried.set()
        async with bench.server():
            found = await bench.until(run, lambda found, _: found.state.is_terminal)
            launched.update(spec.key for spec in bench.executor.launched)
        assert found.state is RunState.SUCCEEDED
        assert {key: count for key, count in launched.items() if count > 1} == {}
        assert sorted((key.node, key.attempt) for key in launched) == [
            ("again", 1),
            ("again", 2),
            ("beside", 1),
            ("first", 1),
            ("last", 1),
        ]
        history = Counter(bench.history(run))
        assert (history["AttemptScheduled"], history["AttemptSucceeded"], history["AttemptFailed"]) == (5, 4, 1)
        return death.came.is_set()

    died = [asyncio.run(scene(number)) for number in range(1, COMMITS)]
    assert died[0]
    assert not died[-1]
