"""When a result is used again, and when not."""

import asyncio
from typing import Any

import pytest

from pinnace.domain.ids import RunId
from pinnace.domain.values import SECOND
from pinnace.testing.documents import Step, pipeline

OUTPUT = "{{$.outputs.parameters['out'].output_file}}"
DAY = 86_400 * SECOND


def _document(text: str = "a", name: str = "test", key: str = "") -> bytes:
    options: Any = {"cachingOptions": {"enableCache": True, "cacheKey": key}} if key else {}
    step = Step(["write", OUTPUT, text], inputs={"x": text}, outputs=["out"], cache=True, extra=options)
    return pipeline({"t": step}, name)


def _cached(bench: Any, run: RunId) -> bool:
    return bool(bench.tasks(run)["t"].cached)


async def _after_a_first_run(bench: Any, document: bytes, first: bytes | None = None) -> bool:
    """Whether a run of *document* is served by one that ended before."""
    async with bench.server():
        await bench.ended(bench.submit(first or _document()))
    async with bench.server():
        run = bench.submit(document)
        await bench.ended(run)
    return _cached(bench, run)


def test_the_same_again_is_served_also_by_the_next_server(bench: Any) -> None:
    assert asyncio.run(_after_a_first_run(bench, _document()))


@pytest.mark.parametrize(
    "other", [_document("b"), _document(name="other")], ids=["other inputs and command", "other pipeline"]
)
def test_something_else_is_not_served(bench: Any, other: bytes) -> None:
    assert not asyncio.run(_after_a_first_run(bench, other))


def test_under_a_cache_key_inputs_do_not_count(bench: Any) -> None:
    assert asyncio.run(_after_a_first_run(bench, _document("b", key="k"), _document("a", key="k")))


def test_another_key_is_another_result(bench: Any) -> None:
    assert not asyncio.run(_after_a_first_run(bench, _document("a", key="l"), _document("a", key="k")))


@pytest.mark.parametrize(("days", "age", "served"), [(0, 999 * DAY, True), (7, 6 * DAY, True), (7, 8 * DAY, False)])
def test_results_expire(bench: Any, days: int, age: int, served: bool) -> None:
    bench.cache_days = days

    async def scene() -> bool:
        async with bench.server():
            await bench.ended(bench.submit(_document()))
            bench.clock.advance(age / SECOND)
            run = bench.submit(_document())
            await bench.ended(run)
        return _cached(bench, run)

    assert asyncio.run(scene()) is served


def test_a_server_without_cache_neither_finds_nor_keeps(bench: Any) -> None:
    async def scene() -> list[bool]:
        found = []
        for enabled in (False, True, False, True):
            bench.cache = enabled
            async with bench.server():
                run = bench.submit(_document())
                await bench.ended(run)
                found.append(_cached(bench, run))
        return found

    assert asyncio.run(scene()) == [False, False, False, True]


def test_a_result_of_another_python_is_not_used(bench: Any) -> None:
    async def scene() -> list[bool]:
        found = []
        for python in ("python3.11", "python3.12", "python3.11"):
            bench.python = python
            async with bench.server():
                run = bench.submit(_document())
                await bench.ended(run)
                found.append(_cached(bench, run))
        return found

    assert asyncio.run(scene()) == [False, False, True]
