"""What a collection frees, said before and done: over real runs, their files, and directories that no run has."""

import asyncio
import contextlib
import os
import time
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import fsspec
import pytest

from pinnace.artifacts.store import FsspecArtifactStore
from pinnace.domain.ids import RunId
from pinnace.domain.states import RunState, StorageState
from pinnace.domain.values import SECOND, Instant
from pinnace.errors import Conflict
from pinnace.orchestrator.control import LoopControl
from pinnace.orchestrator.layout import Layout
from pinnace.orchestrator.notes import Note, Notes
from pinnace.orchestrator.run_files import DiskRunFiles
from pinnace.ports.room import KeptEnvironment, RunRoom
from pinnace.ports.storage import Amount
from pinnace.ports.store import LogAppend
from pinnace.services.experiments import ExperimentService
from pinnace.services.garbage import GarbageService, Report
from pinnace.services.retention import Periods, RetentionService
from pinnace.services.runs import RunService
from pinnace.store import open_store
from pinnace.testing.documents import Step, pipeline
from pinnace.testing.records import a_task, an_artifact, some_events

PATIENCE = 60
DAY = 86_400.0
FILE = "{{$.outputs.artifacts['file'].path}}"


def _makes(*texts: str) -> bytes:
    steps = {f"t{len(text)}": Step(["write", FILE, text], files=["file"], cache=True) for text in texts}
    return pipeline(steps)


class Environments:
    """A budget of environments, of which one is too many until it is removed."""

    def __init__(self) -> None:
        self.there = Amount(1, 1 << 20)

    def kept(self) -> list[KeptEnvironment]:
        return []

    def size(self) -> int:
        return self.there.size

    def surplus(self) -> Amount:
        return self.there

    def shrink(self) -> Amount:
        removed, self.there = self.there, Amount()
        return removed


class Collector:
    """Garbage of a bench, collected beside its event loop."""

    def __init__(self, bench: Any, periods: Periods | None = None) -> None:
        control = LoopControl(bench.supervisor, asyncio.get_running_loop())
        experiments = ExperimentService(bench.store, bench.clock, str)
        runs = RunService(bench.store, control, bench.clock, str, experiments)
        retention = RetentionService(bench.store, bench.clock, runs.delete, periods or Periods())
        files = DiskRunFiles(bench.store, Layout(bench.directory), FsspecArtifactStore())
        files.claim()
        self.service = GarbageService(bench.store, bench.clock, retention, files, Environments(), lambda: self.ticks)
        self.ticks = 0.0
        self._bench = bench

    async def collect(self, *, dry_run: bool, older_than: float | None = None, limit: int = 100) -> Report:
        report = await asyncio.to_thread(self.service.collect, dry_run=dry_run, older_than=older_than, limit=limit)
        async with asyncio.timeout(PATIENCE):
            await asyncio.sleep(0)
            await self._bench.supervisor._remains.done()
        return report


async def _made(bench: Any, document: bytes, **options: Any) -> RunId:
    run = bench.submit(document, **options)
    assert (await bench.ended(run)).state is RunState.SUCCEEDED
    log = bench.directory / "runs" / run / "log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("0123456789")
    return RunId(run)


def _size(directory: Path) -> int:
    return sum(path.lstat().st_size for path in directory.rglob("*") if path.is_file())


def test_a_dry_run_says_what_a_collection_does_and_does_nothing(bench: Any) -> None:
    async def scene() -> None:
        async with bench.server():
            first = await _made(bench, _makes("a" * 1000, "b" * 200))
            second = await _made(bench, _makes("a" * 1000, "c" * 30))
            third = await _made(bench, _makes("a" * 1000))
            going = bench.submit(pipeline({"long": Step(["hold"])}))
            bench.supervisor.ensure(going)
            with bench.store.write() as uow:
                uow.pipelines.add_document(b"x" * 77)
                for run in (first, second):
                    uow.runs.set_storage_state(run, StorageState.ARCHIVED, Instant(1))
            bench.clock.advance(40 * DAY)
            collector = Collector(bench, Periods(30 * DAY, 30 * DAY))
            before = _size(bench.directory / "artifacts")
            said = await collector.collect(dry_run=True)
            assert said == replace(said, archived=1, deleted=2, freed=RunRoom(20, 230), documents=Amount(1, 77))
            assert said.environments == Amount(1, 1 << 20)
            assert _size(bench.directory / "artifacts") == before
            assert await collector.collect(dry_run=True) == said
            assert await collector.collect(dry_run=False) == said
            assert before - _size(bench.directory / "artifacts") == 230
            nothing = Report(0, 0, RunRoom(), [], Amount(), Amount(), more=False)
            assert await collector.collect(dry_run=False) == nothing
            # With the last run goes what it has from the first.
            said = await collector.collect(dry_run=True, older_than=DAY)
            assert said == replace(nothing, deleted=1, freed=RunRoom(10, 1000))
            assert await collector.collect(dry_run=False, older_than=DAY) == said
            assert _size(bench.directory / "artifacts") == 0
            with bench.store.read() as uow:
                assert uow.storage.existing([first, second, third, going]) == {going}

    asyncio.run(scene())


def test_one_collection_takes_so_many_runs_and_says_that_there_are_more(bench: Any) -> None:
    async def scene() -> None:
        async with bench.server():
            for _ in range(3):
                await _made(bench, _makes("a"), caching=False)
            bench.clock.advance(2 * DAY)
            collector = Collector(bench)
            reports = [await collector.collect(dry_run=False, older_than=DAY, limit=2) for _ in range(2)]
            assert [(report.deleted, report.more) for report in reports] == [(2, True), (1, False)]

    asyncio.run(scene())


def test_a_bucket_is_counted_by_what_was_recorded(bench: Any) -> None:
    bucket = f"memory://{uuid.uuid4().hex}"

    async def scene() -> None:
        async with bench.server():
            await _made(bench, _makes("a" * 321), pipeline_root=bucket)
            bench.clock.advance(2 * DAY)
            collector = Collector(bench)
            assert (await collector.collect(dry_run=True, older_than=DAY)).freed.artifacts == 321
            assert (await collector.collect(dry_run=False, older_than=DAY)).freed.artifacts == 321
            system, place = fsspec.core.url_to_fs(bucket)
            assert not system.find(place)

    asyncio.run(scene())


def test_only_old_directories_of_runs_that_do_not_exist_are_leftovers(bench: Any) -> None:
    half_a_day_later = time.time() + DAY / 2
    bench.clock._now = Instant(round(half_a_day_later * SECOND))
    lost, used, young, noted = (str(uuid.uuid4()) for _ in range(4))
    data = bench.directory
    places = {
        "logs": data / "runs" / lost,
        "workspace": data / "workspaces" / lost,
        "artifacts": data / "artifacts/default/p" / f"{lost}~2",
        "used": data / "artifacts/default/p" / used,
        "young": data / "runs" / young,
        "noted": data / "runs" / noted,
        "other": data / "runs" / "backup",
        "deep": data / "artifacts/default/p/q" / lost,
    }
    for place in places.values():
        (place / "t/1").mkdir(parents=True)
        (place / "t/1/file").write_text("x" * 100)
        if place != places["young"]:
            os.utime(place, (time.time() - 2 * DAY,) * 2)
    (data / "runs" / str(uuid.uuid4())).symlink_to(data / "mine")
    (data / "mine").mkdir()

    async def scene() -> None:
        async with bench.server():
            Notes(data / "deletions").write(Note(RunId(noted)))
            user = bench.submit(pipeline({"long": Step(["hold"])}))
            uri = str(places["used"] / "t/1/file")
            task = a_task(user, "t", outputs={"out": (uri,)})
            named = LogAppend(user, 1, some_events(2, 1), tasks=[task], artifacts=[an_artifact(uri, uri=uri)])
            assert bench.store.append([named]) == [None]
            collector = Collector(bench)
            said = await collector.collect(dry_run=True)
            assert {(each.kind, each.path, each.size) for each in said.leftovers} == {
                (kind, str(places[kind]), 100) for kind in ("logs", "workspace", "artifacts")
            }
            assert await collector.collect(dry_run=False) == said

    asyncio.run(scene())
    assert [name for name, place in places.items() if not place.exists()] == ["logs", "workspace", "artifacts"]


def test_files_of_another_database_are_no_leftovers(bench: Any, caplog: Any) -> None:
    bench.clock._now = Instant(round(time.time() * SECOND))
    directory = bench.directory / "runs" / str(uuid.uuid4())
    directory.mkdir(parents=True)
    (directory / "log").write_text("x")
    os.utime(directory, (time.time() - 2 * DAY,) * 2)

    async def scene() -> None:
        async with bench.server():
            assert len((await Collector(bench).collect(dry_run=True)).leftovers) == 1
        bench.store = open_store(bench.directory / "other.db")
        with contextlib.closing(bench.store):
            async with bench.server():
                assert (await Collector(bench).collect(dry_run=False)).leftovers == []
                assert "another database" in caplog.text
                assert (directory / "log").exists()
                (bench.directory / "database").unlink()
                assert len((await Collector(bench).collect(dry_run=False)).leftovers) == 1
        assert not directory.exists()

    asyncio.run(scene())


def test_two_do_not_collect_at_once_and_the_usage_holds_for_a_minute(bench: Any, monkeypatch: Any) -> None:
    async def scene() -> None:
        async with bench.server():
            await _made(bench, _makes("a" * 50))
            collector = Collector(bench)
            usage = collector.service.usage()
            assert usage.files == RunRoom(10, 50)
            assert usage.database > 10_000
            (bench.directory / "runs/more").write_text("x" * 5)
            collector.ticks = 59.0
            assert collector.service.usage() == usage
            collector.ticks = 60.0
            assert collector.service.usage().files == RunRoom(15, 50)
            with collector.service._collecting, pytest.raises(Conflict, match="already"):
                await collector.collect(dry_run=True)
            monkeypatch.setattr("pinnace.orchestrator.run_files._MOST_ENTRIES", 2)
            collector.ticks = 120.0
            assert not collector.service.usage().files.complete

    asyncio.run(scene())
