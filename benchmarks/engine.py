"""The engine alone: a loop of N tasks, every command answered at once and in memory.

Run as a program it plays one loop and prints the figures, so that each size is measured in a process of its own.
"""

import gc
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from measure import Row, megabytes, run_python

from pinnace.domain.values import JsonObject
from pinnace.engine.codec import decode, encode
from pinnace.engine.signals import StartRun
from pinnace.engine.state import replay
from pinnace.testing.engine_driver import RUN, create

SIZES = (1_000, 10_000)
REPETITIONS = 3


def engine() -> Iterator[Row]:
    """Cost of a task in runs of different sizes; the quotient says whether it is flat."""
    cost = {}
    for size in SIZES:
        played = [json.loads(run_python(Path(__file__), str(size))) for _ in range(REPETITIONS)]
        cost[size] = [each["seconds"] / size * 1e6 for each in played]
        yield Row(f"engine: loop of {size:,} tasks, a task", cost[size], "µs")
        yield Row("engine: replay of that history, a task", [each["replay"] / size * 1e6 for each in played], "µs")
        memory = [each["megabytes"] for each in played]
        yield Row("engine: memory of that run with its history", memory, "MB", "500" if size == max(SIZES) else "")
    small, large = (min(cost[size]) for size in SIZES)
    yield Row("engine: a task of the large loop, by one of the small", [large / small], "times")


def loop(size: int) -> bytes:
    """A ParallelFor over *size* constants around one container task that takes the item."""
    task: JsonObject = {
        "taskInfo": {"name": "work"},
        "componentRef": {"name": "comp-work"},
        "inputs": {"parameters": {"item": {"componentInputParameter": "item"}}},
    }
    around: JsonObject = {
        "taskInfo": {"name": "for-loop-1"},
        "componentRef": {"name": "comp-for-loop-1"},
        "parameterIterator": {"itemInput": "item", "items": {"raw": json.dumps(list(range(size)))}},
    }
    item: JsonObject = {"parameters": {"item": {"parameterType": "NUMBER_INTEGER"}}}
    result: JsonObject = {"parameters": {"result": {"parameterType": "NUMBER_INTEGER"}}}
    spec: JsonObject = {
        "pipelineInfo": {"name": "loop"},
        "schemaVersion": "2.1.0",
        "sdkVersion": "kfp-2.17.0",
        "components": {
            "comp-for-loop-1": {"inputDefinitions": item, "dag": {"tasks": {"work": task}}},
            "comp-work": {"inputDefinitions": item, "outputDefinitions": result, "executorLabel": "exec-work"},
        },
        "deploymentSpec": {"executors": {"exec-work": {"container": {"image": "python:3.11", "command": ["true"]}}}},
        "root": {"dag": {"tasks": {"for-loop-1": around}}},
    }
    return json.dumps(spec).encode()


def _play(size: int) -> dict[str, float]:
    document = loop(size)
    create(loop(1)).play(StartRun())
    gc.collect()
    process = psutil.Process()
    before = process.memory_info().rss
    begin = time.perf_counter()
    played = create(document).play(StartRun())
    seconds = time.perf_counter() - begin
    memory = process.memory_info().rss - before
    if len(played.launched) != size or not played.state.state.is_terminal:
        raise RuntimeError(f"{len(played.launched)} of {size} tasks ran; the run is {played.state.state}")
    recorded = [encode(event, number) for number, event in enumerate(played.history, start=1)]
    begin = time.perf_counter()
    again = replay(played.plan, RUN, [decode(each) for each in recorded])
    replayed = time.perf_counter() - begin
    if again.state is not played.state.state:
        raise RuntimeError("the replayed run has another state")
    return {"seconds": seconds, "replay": replayed, "megabytes": megabytes(memory)}


if __name__ == "__main__":
    print(json.dumps(_play(int(sys.argv[1]))))
