"""Why a task was, or was not, served by the cache, as runs on a real store have left it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from pinnace.domain.ids import NodeId, RunId
from pinnace.errors import NotFound
from pinnace.services.cache_explanations import CacheExplanations, CacheStatus, Explanation
from pinnace.testing.documents import Step, pipeline

FILE = "{{$.outputs.artifacts['data'].path}}"


def _document(text: str = "a", *, command: str = "write", cache: bool = True, extra: bool = False) -> bytes:
    step = Step(
        [command, FILE, "x"], inputs={"text": text, **({"more": "m"} if extra else {})}, files=["data"], cache=cache
    )
    return pipeline({"t": step, "after": Step(["nothing"], after=["t"], cache=True)})


def _after(bench: Any, *documents: bytes, caching: bool | None = None) -> list[RunId]:
    """Runs of the documents, one after the other."""

    async def scene() -> list[RunId]:
        runs = []
        async with bench.server():
            for document in documents:
                runs.append(bench.submit(document, caching=caching))
                await bench.ended(runs[-1])
        return runs

    return asyncio.run(scene())


def _explain(bench: Any, run: RunId, key: str = "t") -> Explanation:
    return CacheExplanations(bench.store).explain(run, key)


def test_a_hit_names_the_result_that_was_given(bench: Any) -> None:
    first, second = _after(bench, _document(), _document())
    found = _explain(bench, second)
    assert found.status is CacheStatus.HIT
    assert found.source is not None
    assert (found.source.run, found.source.node, found.kept) == (first, "t", True)
    assert first in found.reason
    with bench.store.write() as uow:
        uow.runs.delete(first)
    gone = _explain(bench, second)
    assert (gone.status, gone.source, gone.kept) == (CacheStatus.HIT, None, False)
    assert "no longer holds" in gone.reason
    assert gone.parts == found.parts  # its own history has them


def test_a_miss_is_compared_with_what_comes_nearest(bench: Any) -> None:
    near, far, run = _after(bench, _document("a"), _document("c", command="nothing", extra=True), _document("b"))
    found = _explain(bench, run)
    assert found.nearest is not None
    assert (found.status, found.nearest.run) == (CacheStatus.MISS, near)
    (different,) = [each for each in found.differences if not each.equal]
    assert different.here is not None
    assert different.there is not None
    assert (different.name, different.here.value, different.there.value) == ("parameter:text", "b", "a")
    assert found.reason.endswith("differs in parameter:text.")
    second = _explain(bench, far)
    assert second.nearest is not None
    extra = next(each for each in second.differences if each.name == "parameter:more")
    assert (extra.there, extra.equal) == (None, False)
    first = _explain(bench, near)
    assert (first.status, first.nearest) == (CacheStatus.MISS, None)
    assert "no earlier result" in first.reason


def test_a_task_that_failed_knows_its_parts_from_the_history(bench: Any) -> None:
    (run,) = _after(bench, _document(command="fail"))
    found = _explain(bench, run)
    assert (found.status, found.kept) == (CacheStatus.MISS, False)
    assert {part.name: part.value for part in found.parts}["parameter:text"] == "a"


def test_a_result_whose_artifact_is_gone_was_not_taken(bench: Any) -> None:
    (first,) = _after(bench, _document())
    with bench.store.read() as uow:
        (artifact,) = uow.runs.task(first, NodeId("t")).outputs.artifacts["data"]
        uri = uow.runs.artifacts([artifact])[artifact].uri
    Path(uri).unlink()
    (second,) = _after(bench, _document())
    found = _explain(bench, second)
    assert found.nearest is not None
    assert (found.status, found.nearest.run) == (CacheStatus.MISS, first)
    assert all(each.equal for each in found.differences)
    assert "was gone or had changed" in found.reason


def test_what_was_never_looked_up_says_why(bench: Any) -> None:
    (off,) = _after(bench, _document(), caching=False)
    assert _explain(bench, off).status is CacheStatus.OFF
    assert "submitted with caching switched off" in _explain(bench, off).reason
    (unwanted,) = _after(bench, _document(cache=False))
    assert "The pipeline switches caching off" in _explain(bench, unwanted).reason
    bench.cache = False
    (without,) = _after(bench, _document())
    assert "cache of this server" in _explain(bench, without).reason
    (failed,) = _after(bench, _document(command="fail"))
    assert _explain(bench, failed, "after").status is CacheStatus.NOT_ASKED
    assert _explain(bench, failed, ".").status is CacheStatus.NOT_ASKED
    with pytest.raises(NotFound):
        _explain(bench, failed, "none")
    assert CacheExplanations(bench.store).expire(failed, "t") == 0


def test_a_result_that_is_forgotten_is_not_given(bench: Any) -> None:
    first, other = _after(bench, _document(), _document("b"))
    assert CacheExplanations(bench.store).expire(first, "t") == 1
    again, same = _after(bench, _document(), _document("b"))
    assert _explain(bench, again).status is CacheStatus.MISS
    assert _explain(bench, same).status is CacheStatus.HIT
    assert _explain(bench, other).kept


def test_passwords_in_urls_are_not_shown(bench: Any) -> None:
    bench.python = "python3 --index-url https://user:secret@host/simple"
    (run,) = _after(bench, _document("https://user:secret@host/data?x=1 and http://plain/x"))
    shown = {part.name: part.value for part in _explain(bench, run).parts}
    assert shown["parameter:text"] == "https://host/data?x=1 and http://plain/x"
    assert shown["environment"] == "python3 --index-url https://host/simple"
    assert "secret" not in repr(_explain(bench, run).parts)
