"""The repositories on one connection: one transaction."""

from sqlalchemy import Connection

from pinnace.ports.changes import Changes
from pinnace.ports.lineage import Lineage
from pinnace.ports.overview import Overview
from pinnace.ports.schedules import Schedules
from pinnace.ports.storage import Storage
from pinnace.ports.store import Cache, Experiments, Pipelines, PipelineVersions, RunLog, Runs
from pinnace.store.changes import ChangeRecorder
from pinnace.store.dialects import Database
from pinnace.store.queries.cache import SqlCache
from pinnace.store.queries.changes import SqlChanges
from pinnace.store.queries.experiments import SqlExperiments
from pinnace.store.queries.lineage import SqlLineage
from pinnace.store.queries.overview import SqlOverview
from pinnace.store.queries.pipelines import SqlPipelines
from pinnace.store.queries.runs import SqlRuns
from pinnace.store.queries.schedules import SqlSchedules
from pinnace.store.queries.storage import SqlStorage
from pinnace.store.queries.versions import SqlPipelineVersions
from pinnace.store.run_log import SqlRunLog


class SqlUnitOfWork:
    """``ports.store.UnitOfWork``. Who opened the transaction ends it."""

    def __init__(self, connection: Connection, database: Database, recorder: ChangeRecorder) -> None:
        self.log: RunLog = SqlRunLog(connection, database, recorder)
        self.runs: Runs = SqlRuns(connection, database, recorder)
        self.experiments: Experiments = SqlExperiments(connection, recorder)
        self.pipelines: Pipelines = SqlPipelines(connection, recorder)
        self.versions: PipelineVersions = SqlPipelineVersions(connection, recorder)
        self.cache: Cache = SqlCache(connection)
        self.storage: Storage = SqlStorage(connection)
        self.schedules: Schedules = SqlSchedules(connection, recorder)
        self.changes: Changes = SqlChanges(connection)
        self.lineage: Lineage = SqlLineage(connection, recorder)
        self.overview: Overview = SqlOverview(connection)
