"""A server's database after years of use, written straight into the tables: as the store would have written it.

Everything is derived from a number, so that two databases of the same size hold the same.
"""

import random
import sqlite3
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Protocol, Self

import psycopg
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect

from pinnace.domain.artifacts import Artifact, ArtifactType
from pinnace.domain.experiments import Experiment
from pinnace.domain.ids import (
    ROOT,
    ArtifactId,
    ExperimentId,
    NodeId,
    PipelineId,
    PipelineVersionId,
    RecurringRunId,
    RunId,
)
from pinnace.domain.pipelines import PipelineVersion, StoredPipeline
from pinnace.domain.runs import PipelineReference, Run
from pinnace.domain.schedules import IntervalTrigger, RecurringRun
from pinnace.domain.states import AttemptOutcome, NodePhase, RunState, StorageState
from pinnace.domain.tasks import AttemptRecord, NodeBinding, TaskRecord
from pinnace.domain.values import SECOND, Instant
from pinnace.store import tables
from pinnace.store.large_values import LargeValues
from pinnace.store.lineage_rows import link_values
from pinnace.store.rows import (
    artifact_values,
    experiment_values,
    pipeline_values,
    run_values,
    task_values,
    version_values,
)
from pinnace.store.schedule_rows import recurring_values

Values = Mapping[str, Any]

EPOCH: Final = 1_700_000_000 * SECOND
MINUTE: Final = 60 * SECOND
PORTION: Final = 1_000
NAMES: Final = ("nightly training", "Fraud model", "backfill 100%", "weekly_report", "demo ✨", "학습 파이프라인")


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is.

    Attributes:
        tasks: Of all runs together.
        wide: Tasks of the one run that has many.
        experiments: Those that have runs.
        others: Experiments without runs, pipelines, versions of one pipeline, and recurring runs: each so many.
    """

    runs: int = 100_000
    tasks: int = 2_000_000
    wide: int = 1_000
    experiments: int = 50
    others: int = 10_000


class Writer(Protocol):
    """Rows straight into tables."""

    def add(self, table: Table, rows: Sequence[Values]) -> None:
        """Insert rows, which all have the same columns."""
        ...

    def bytes(self) -> int:
        """What the database takes of the disk."""
        ...


class SqliteWriter:
    """Into a file that nobody else uses; until the end it would not survive a crash of the machine."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._connection = sqlite3.connect(path)
        for pragma in ("synchronous = OFF", "cache_size = -1000000"):
            self._connection.execute(f"PRAGMA {pragma}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()

    def add(self, table: Table, rows: Sequence[Values]) -> None:
        """See :class:`Writer`."""
        if rows:
            names, values = _plain(table, rows, sqlite.dialect())
            marks = ", ".join("?" * len(rows[0]))
            with self._connection:
                self._connection.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", values)

    def bytes(self) -> int:
        """See :class:`Writer`."""
        return self._path.stat().st_size


class PostgresWriter:
    """Into a PostgreSQL database, whose statistics are made at the end, as its own daemon does in time."""

    def __init__(self, address: str) -> None:
        self._connection = psycopg.connect(address, autocommit=True)
        self._connection.execute("SET synchronous_commit = off")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.execute("VACUUM ANALYZE")
        self._connection.close()

    def add(self, table: Table, rows: Sequence[Values]) -> None:
        """See :class:`Writer`."""
        if not rows:
            return
        names, values = _plain(table, rows, postgresql.dialect())
        with self._connection.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in values:
                copy.write_row(row)

    def bytes(self) -> int:
        """See :class:`Writer`."""
        found = self._connection.execute("SELECT pg_database_size(current_database())").fetchone()
        return found[0] if found else 0


def _plain(table: Table, rows: Sequence[Values], dialect: Dialect) -> tuple[str, Iterator[list[Any]]]:
    """The names of columns, and the rows as a driver takes them."""
    columns = [table.c[name] for name in rows[0]]
    made = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns]
    values = (
        [row[c.name] if to is None else to(row[c.name]) for c, to in zip(columns, made, strict=True)] for row in rows
    )
    return ", ".join(f'"{column.name}"' for column in columns), values


def fill(writer: Writer, size: Size, document: bytes) -> None:
    """Write everything."""
    documents = [document + f"\n# {number}\n".encode() for number in range(size.experiments)]
    digests = [sha256(content).hexdigest() for content in documents]
    writer.add(
        tables.documents,
        [{"digest": digest, "content": content} for digest, content in zip(digests, documents, strict=True)],
    )
    _library(writer, size, digests)
    per_run = max(0, size.tasks - size.wide) // max(1, size.runs - 1)
    for numbers in _portions(size.runs):
        runs = [_run(number, size, digests) for number in numbers]
        writer.add(tables.runs, [{**run_values(run, LargeValues()), "last_sequence": 4 * per_run} for run in runs])
        records = [
            _Tasks(run, size.wide if number == 0 else per_run) for number, run in zip(numbers, runs, strict=True)
        ]
        for table in (tables.tasks, tables.artifacts, tables.task_artifacts):
            writer.add(table, [row for tasks in records for row in tasks.rows(table)])


def experiment_id(number: int) -> ExperimentId:
    """The id of an experiment."""
    return ExperimentId(_id("experiment", number))


def run_id(number: int) -> RunId:
    """The id of a run; number 0 has many tasks."""
    return RunId(_id("run", number))


def pipeline_id(number: int) -> PipelineId:
    """The id of a pipeline; number 0 has many versions."""
    return PipelineId(_id("pipeline", number))


def recurring_run_id(number: int) -> RecurringRunId:
    """The id of a recurring run."""
    return RecurringRunId(_id("recurring", number))


def _id(kind: str, number: int) -> str:
    return str(uuid.UUID(bytes=sha256(f"{kind} {number}".encode()).digest()[:16], version=4))


def _portions(count: int) -> Iterator[Sequence[int]]:
    return (range(first, min(first + PORTION, count)) for first in range(0, count, PORTION))


def _library(writer: Writer, size: Size, digests: Sequence[str]) -> None:
    for numbers in _portions(size.experiments + size.others):
        writer.add(tables.experiments, [experiment_values(_experiment(number, size)) for number in numbers])
    for numbers in _portions(size.others):
        writer.add(tables.pipelines, [pipeline_values(_pipeline(number)) for number in numbers])
        versions = [_version(number, digests, pipeline) for number in numbers for pipeline in {0, number}]
        writer.add(tables.pipeline_versions, [{**version_values(each), "namespace": "default"} for each in versions])
        recurring = [_recurring(number, size, digests) for number in numbers]
        writer.add(tables.recurring_runs, [recurring_values(each) for each in recurring])


def _experiment(number: int, size: Size) -> Experiment:
    at = Instant(EPOCH + number * MINUTE)
    used = Instant(EPOCH + number * MINUTE * 2) if number < size.experiments else None
    state = StorageState.ARCHIVED if number % 7 == 6 else StorageState.AVAILABLE
    name = f"{NAMES[number % len(NAMES)]} {number}"
    return Experiment(experiment_id(number), name, at, storage_state=state, last_run_created_at=used)


def _pipeline(number: int) -> StoredPipeline:
    name = f"pipeline-{number}"
    return StoredPipeline(pipeline_id(number), name, f"{NAMES[number % 6]} {number}", Instant(EPOCH + number * MINUTE))


def _version(number: int, digests: Sequence[str], pipeline: int) -> PipelineVersion:
    return PipelineVersion(
        id=PipelineVersionId(_id(f"version {pipeline}", number)),
        pipeline=pipeline_id(pipeline),
        name=f"version {number}",
        display_name=f"{NAMES[number % 6]} {number}",
        document=digests[number % len(digests)],
        created_at=Instant(EPOCH + number * MINUTE),
    )


def _recurring(number: int, size: Size, digests: Sequence[str]) -> RecurringRun:
    at = Instant(EPOCH + number * MINUTE)
    return RecurringRun(
        id=recurring_run_id(number),
        display_name=f"every night {number}",
        experiment=experiment_id(number % size.experiments),
        created_at=at,
        updated_at=at,
        trigger=IntervalTrigger(86_400),
        document=digests[number % len(digests)],
    )


def _run(number: int, size: Size, digests: Sequence[str]) -> Run:
    """One in ten failed, one in four is archived; half of them bring their pipeline along. All have ended."""
    chance = random.Random(number)
    at = Instant(EPOCH + number * MINUTE)
    started = Instant(at + chance.randrange(SECOND))
    ended = Instant(started + chance.randrange(SECOND, 3600 * SECOND))
    state = chance.choices((RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELED), (88, 10, 2))[0]
    reference = PipelineReference(pipeline_id(number % size.others), PipelineVersionId(_id("version 0", number)))
    return Run(
        id=run_id(number),
        display_name=f"{chance.choice(NAMES)} {number} of {chance.randrange(10**6):06}",
        experiment=experiment_id(number % size.experiments),
        document=digests[number % len(digests)],
        pipeline_name="chain",
        created_at=at,
        scheduled_at=Instant(at - at % (60 * MINUTE)),
        state=state,
        namespace="default" if number % 5 else "other",
        description=f"run {number}, started by hand because {chance.choice(NAMES)} needed it again",
        reference=reference if number % 2 else None,
        parameters={"learning_rate": chance.random(), "epochs": chance.randrange(100), "table": f"sales_{number}"},
        recurring_run=recurring_run_id(number % size.others) if number % 3 == 0 else None,
        storage_state=StorageState.ARCHIVED if chance.random() < 0.25 else StorageState.AVAILABLE,
        finished_at=ended,
        state_history=((at, RunState.PENDING), (started, RunState.RUNNING), (ended, state)),
    )


class _Tasks:
    """The tasks of a run, a chain; every fourth hands an artifact to the next."""

    def __init__(self, run: Run, count: int) -> None:
        self._run = run
        self._tasks = [_task(run, number) for number in range(count)]

    def rows(self, table: Table) -> Iterator[Values]:
        """The rows of a table."""
        own = {"run_id": self._run.id, "namespace": self._run.namespace}
        for place, task in enumerate(self._tasks):
            if table is tables.tasks:
                yield {**task_values(task, LargeValues()), **own, "first_sequence": place, "first_index": 0}
            elif table is tables.task_artifacts:
                yield from link_values(task)
            else:
                for ids in task.outputs.artifacts.values():
                    for each in ids:
                        origin = {"creator": self._run.creator, "created_at": task.created_at}
                        yield {**artifact_values(_artifact(each)), **own, **origin}


def _task(run: Run, number: int) -> TaskRecord:
    created = Instant(run.created_at + number * SECOND)
    started, ended = Instant(created + SECOND // 10), Instant(created + SECOND)
    phases = (NodePhase.WAITING, NodePhase.RUNNING, NodePhase.SUCCEEDED)
    made = {"model": (_artifact_id(run, number),)} if number % 4 == 0 else {}
    taken = {"model": (_artifact_id(run, number - 1),)} if number % 4 == 1 else {}
    return TaskRecord(
        run=run.id,
        node=NodeId(f"noop-{number}"),
        parent=ROOT,
        name=f"noop-{number}",
        display_name=f"noop-{number}",
        kind="CONTAINER",
        phase=NodePhase.SUCCEEDED,
        created_at=created,
        started_at=started,
        ended_at=ended,
        inputs=NodeBinding({"item": number, "table": "sales", "options": {"depth": 3, "columns": ["a", "b"]}}, taken),
        outputs=NodeBinding({"Output": "done"}, made),
        attempts=(AttemptRecord(1, created, started, ended, AttemptOutcome.SUCCEEDED),),
        history=tuple(zip((created, started, ended), phases, strict=True)),
    )


def _artifact_id(run: Run, number: int) -> ArtifactId:
    return ArtifactId(f"{run.id[:-6]}{number:06x}")


def _artifact(artifact: ArtifactId) -> Artifact:
    uri = f"/data/artifacts/default/chain/{artifact}/model"
    return Artifact(artifact, "model", ArtifactType("system.Model"), uri, {"framework": "sklearn", "auc": 0.93})
