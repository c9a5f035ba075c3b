"""The repositories on one connection: one transaction."""

from sqlalchemy import Connection

from pinnace.ports.schedules import Schedules
from pinnace.ports.store import Cache, Experiments, Pipelines, PipelineVersions, RunLog, Runs
from pinnace.store.dialects import Database
from pinnace.store.queries.cache import SqlCache
from pinnace.store.queries.experiments import SqlExperiments
from pinnace.store.queries.pipelines import SqlPipelines
from pinnace.store.queries.runs import SqlRuns
from pinnace.store.queries.schedules import SqlSchedules
from pinnace.store.queries.versions import SqlPipelineVersions
from pinnace.store.run_log import SqlRunLog


class SqlUnitOfWork:
    """``ports.store.UnitOfWork``. Who opened the transaction ends it."""

    def __init__(self, connection: Connection, database: Database) -> None:
        self.log: RunLog = SqlRunLog(connection, database)
        self.runs: Runs = SqlRuns(connection, database)
        self.experiments: Experiments = SqlExperiments(connection)
        self.pipelines: Pipelines = SqlPipelines(connection)
        self.versions: PipelineVersions = SqlPipelineVersions(connection)
        self.cache: Cache = SqlCache(connection)
        self.schedules: Schedules = SqlSchedules(connection)
