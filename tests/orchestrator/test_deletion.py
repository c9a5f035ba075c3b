"""What goes with a deleted run, and what stays: contents that others use, and whatever no task of ours has written."""

import asyncio
import contextlib
import json
import logging
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import pytest

from pinnace.artifacts.store import FsspecArtifactStore
from pinnace.domain.ids import RunId
from pinnace.domain.states import RunState
from pinnace.domain.tasks import TaskSpec
from pinnace.orchestrator import remains
from pinnace.orchestrator.caching import TaskCache
from pinnace.store import open_store
from pinnace.testing.documents import Step, pipeline
from pinnace.testing.manual_executor import Ending

PATIENCE = 60
FILE = "{{$.outputs.artifacts['file'].path}}"
REPORT = "{{$.outputs.output_file}}"
MAKES = pipeline({"make": Step(["write", FILE, "content"], files=["file"], cache=True)})
BOTH = pipeline(
    {
        "make": Step(["write", FILE, "content"], files=["file"], cache=True),
        "more": Step(["write", FILE, "more"], files=["file"], cache=True),
    }
)


def _importer(uri: str) -> bytes:
    kind = {"schemaTitle": "system.Dataset", "schemaVersion": "0.0.1"}
    return json.dumps(
        {
            "pipelineInfo": {"name": "imports"},
            "schemaVersion": "2.1.0",
            "sdkVersion": "kfp-2.17.0",
            "components": {
                "comp-get": {
                    "executorLabel": "exec-get",
                    "outputDefinitions": {"artifacts": {"artifact": {"artifactType": kind}}},
                }
            },
            "deploymentSpec": {
                "executors": {"exec-get": {"importer": {"artifactUri": {"constant": uri}, "typeSchema": kind}}}
            },
            "root": {"dag": {"tasks": {"get": {"taskInfo": {"name": "get"}, "componentRef": {"name": "comp-get"}}}}},
        }
    ).encode()


def _names(uri: str) -> Callable[[TaskSpec], Ending]:
    """A task that says its artifact lies at *uri*, and leaves a file beside its own."""

    def act(spec: TaskSpec) -> Ending:
        report = Path(spec.command[-1])
        report.parent.mkdir(parents=True)
        artifact = {"name": "x", "uri": uri, "metadata": {}}
        report.write_text(json.dumps({"artifacts": {"file": {"artifacts": [artifact]}}}))
        return Ending()

    return act


async def _made(bench: Any, document: bytes = MAKES, **options: Any) -> RunId:
    run = bench.submit(document, **options)
    assert (await bench.ended(run)).state is RunState.SUCCEEDED
    return RunId(run)


async def _gone(*paths: Path) -> None:
    async with asyncio.timeout(PATIENCE):
        while any(path.exists() for path in paths):
            await asyncio.sleep(0.005)


async def _settled(bench: Any) -> None:
    """All is removed that can be removed now."""
    async with asyncio.timeout(PATIENCE):
        await asyncio.sleep(0)
        await bench.supervisor._remains.done()


def _uri(bench: Any, run: RunId, task: str = "make", key: str = "file") -> Path:
    (artifact_id,) = bench.tasks(run)[task].outputs.artifacts[key]
    with bench.store.read() as uow:
        return Path(uow.runs.artifacts([artifact_id])[artifact_id].uri)


def _root(bench: Any, run: str) -> Path:
    return Path(bench.directory / "artifacts/default/test" / run)


def _notes(bench: Any) -> list[str]:
    return sorted(path.stem for path in (bench.directory / "deletions").glob("*.json"))


def test_a_deleted_run_leaves_no_artifact(bench: Any) -> None:
    async def scene() -> None:
        async with bench.server():
            first, second = await _made(bench), await _made(bench, caching=False)
            await bench.delete(first)
            await _settled(bench)
            assert not _root(bench, first).exists()
            assert _notes(bench) == []
            assert _uri(bench, second).read_text() == "content"

    asyncio.run(scene())


def test_what_another_run_has_from_the_cache_goes_with_that_one_also_by_the_next_server(bench: Any) -> None:
    async def scene() -> None:
        async with bench.server():
            first = await _made(bench, BOTH)
            second, third = await _made(bench), await _made(bench)
            shared, own = _uri(bench, first), _uri(bench, first, "more")
            assert _uri(bench, second) == _uri(bench, third) == shared
            await bench.delete(first)
            await _gone(own, bench.directory / "runs" / first)
            await bench.delete(second)
            await _settled(bench)
            assert shared.read_text() == "content"
            assert not (bench.directory / "runs" / second).exists()
        async with bench.server():
            await _settled(bench)
            assert shared.read_text() == "content"
            assert _notes(bench) == [first]
            await bench.delete(third)
            await _settled(bench)
            assert not _root(bench, first).exists()
            assert _notes(bench) == []

    asyncio.run(scene())


def test_a_server_with_another_database_leaves_alone_what_this_one_needs(bench: Any) -> None:
    mine = bench.store

    async def scene() -> None:
        async with bench.server():
            first, second = await _made(bench), await _made(bench)
            await bench.delete(first)
            await _settled(bench)
            await bench.supervisor.forget(second)  # And is killed before the rows are deleted.
        bench.store = open_store(bench.directory / "other.db")
        with contextlib.closing(bench.store):
            async with bench.server():
                await _settled(bench)
        bench.store = mine
        assert _uri(bench, second).read_text() == "content"
        assert _notes(bench) == sorted([first, second])
        async with bench.server():
            await _settled(bench)
            assert _notes(bench) == [first]
            await bench.delete(second)
            await _settled(bench)
            assert not _root(bench, first).exists()

    asyncio.run(scene())


def test_what_an_importer_took_from_a_run_goes_with_the_last_and_the_users_own_never(bench: Any) -> None:
    mine = bench.directory / "mine"
    mine.write_text("mine")

    async def scene() -> None:
        async with bench.server():
            first = await _made(bench)
            made = _uri(bench, first)
            taken = (f"file://{made}", str(made.parents[3]), str(mine))
            importers = [await _made(bench, _importer(uri)) for uri in taken]
            await bench.delete(first)
            await bench.delete(importers[0])
            await bench.delete(importers[2])
            await _settled(bench)
            assert made.read_text() == "content"
            await bench.delete(importers[1])
            await _settled(bench)
            assert not _root(bench, first).exists()

    asyncio.run(scene())
    assert mine.read_text() == "mine"


@pytest.mark.parametrize(
    "place",
    ["", "..", "../..", "../run-1", "../run-1/make", "../run-20", "../run-2/../run-1/make/1/file", "../../../../mine"],
)
def test_a_run_that_names_what_is_not_its_own_takes_nothing_with_it(bench: Any, place: str) -> None:
    mine = bench.directory / "mine"
    alike = _root(bench, "run-20") / "file"
    mine.write_text("mine")
    alike.parent.mkdir(parents=True)
    alike.write_text("alike")

    async def scene() -> None:
        async with bench.server():
            other = await _made(bench)
            bench.act = _names(f"{_root(bench, 'run-2')}/{place}".rstrip("/"))
            hostile = await _made(bench, pipeline({"make": Step(["x", FILE, REPORT], files=["file"])}))
            assert hostile == "run-2"
            await bench.delete(hostile)
            await _settled(bench)
            assert _uri(bench, other).read_text() == "content"
            assert not _root(bench, hostile).exists()
            assert _notes(bench) == []

    asyncio.run(scene())
    assert (mine.read_text(), alike.read_text()) == ("mine", "alike")


@pytest.mark.parametrize("spelling", ["{}", "{0.parent}/.//{0.name}/./"], ids=["as it is", "dots"])
def test_a_run_that_begins_inside_a_deleted_one_keeps_its_files(bench: Any, spelling: str) -> None:
    async def scene() -> None:
        async with bench.server():
            outer = await _made(bench)
            inner = await _made(bench, caching=False, pipeline_root=spelling.format(_root(bench, outer)))
            assert _uri(bench, inner).is_relative_to(_root(bench, outer))
            unknown = _uri(bench, inner).parent / "not-registered"
            unknown.write_text("x")
            await bench.delete(outer)
            await _settled(bench)
            assert _uri(bench, inner).read_text() == "content"
            assert unknown.exists()
            assert not (_root(bench, outer) / "make").exists()
            await bench.delete(inner)
            await _settled(bench)
            assert not _root(bench, outer).exists()

    asyncio.run(scene())


def test_a_server_killed_behind_the_rows_leaves_the_artifacts_to_the_next(bench: Any) -> None:
    async def scene() -> None:
        async with bench.doomed_server() as supervisor:
            run = await _made(bench)
            await supervisor.forget(run)
            with bench.store.write() as uow:
                uow.runs.delete(run)
        assert _root(bench, run).exists()
        async with bench.server():
            await _gone(_root(bench, run), bench.directory / "deletions" / f"{run}.json")

    asyncio.run(scene())


def test_a_result_that_is_deleted_while_it_is_being_taken_is_made_anew(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = TaskCache.look_up

    async def scene() -> None:
        async with bench.server():
            first = await _made(bench)
            loop = asyncio.get_running_loop()

            async def delete() -> None:
                await bench.delete(first)
                await _gone(_root(bench, first))

            def look_up(cache: TaskCache, *arguments: Any) -> Any:
                answer = real(cache, *arguments)
                assert answer.outputs is not None
                asyncio.run_coroutine_threadsafe(delete(), loop).result(PATIENCE)
                return answer

            monkeypatch.setattr(TaskCache, "look_up", look_up)
            second = await _made(bench)
            assert not bench.tasks(second)["make"].cached
            assert _uri(bench, second).is_relative_to(_root(bench, second))
            assert _uri(bench, second).read_text() == "content"

    asyncio.run(scene())


def test_a_new_run_of_the_same_id_leaves_alone_what_others_have_of_the_old_one(bench: Any) -> None:
    async def scene() -> None:
        async with bench.server():
            first, second = await _made(bench), await _made(bench)
            shared = _uri(bench, first)
            await bench.delete(first)
            await _settled(bench)
            bench.disk.endings.clear()
            bench.runs, bench.act = 0, lambda spec: _write(spec, "other")
            again = await _made(bench, caching=False)
            assert again == first
            assert _uri(bench, again) != shared
            assert (_uri(bench, again).read_text(), shared.read_text()) == ("other", "content")
            await bench.delete(again)
            await _settled(bench)
            assert shared.read_text() == "content"
            await bench.delete(second)
            await _settled(bench)
            assert list(_root(bench, first).parent.iterdir()) == []

    asyncio.run(scene())


def _write(spec: TaskSpec, text: str) -> Ending:
    path = Path(spec.command[1])
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return Ending()


def test_a_bucket_that_cannot_be_reached_is_tried_again_and_kept_in_mind(
    bench: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bucket = f"memory://{uuid.uuid4().hex}"
    system, place = fsspec.core.url_to_fs(bucket)
    real = FsspecArtifactStore.delete
    down = True

    def delete(store: FsspecArtifactStore, uri: str, keep: Any = ()) -> None:
        if down and uri.startswith(bucket):
            raise ConnectionError("no route to the bucket")
        real(store, uri, keep)

    monkeypatch.setattr(FsspecArtifactStore, "delete", delete)
    monkeypatch.setattr(remains, "_FIRST_PAUSE", 0.01)

    async def scene() -> None:
        nonlocal down
        async with bench.server():
            run = await _made(bench, pipeline_root=bucket)
            assert system.find(place)
            await bench.delete(run)
            await _settled(bench)
            assert not (bench.directory / "runs" / run).exists()
        assert _notes(bench) == [run]
        async with bench.server():
            await _settled(bench)
            assert system.find(place)
            down = False
            async with asyncio.timeout(PATIENCE):
                while _notes(bench):
                    await asyncio.sleep(0.005)
            assert not system.find(place)

    with caplog.at_level(logging.WARNING):
        asyncio.run(scene())
    assert "cannot be removed (ConnectionError: no route to the bucket). It is tried again in" in caplog.text
