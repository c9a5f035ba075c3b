"""What the routes call: every use-case of the server."""

from dataclasses import dataclass

from pinnace.api.extensions.sse import EventStreams
from pinnace.ports.logs import AttemptLogs
from pinnace.services.artifact_files import ArtifactFiles
from pinnace.services.cache_explanations import CacheExplanations
from pinnace.services.changes import ChangeService
from pinnace.services.experiments import ExperimentService
from pinnace.services.garbage import GarbageService
from pinnace.services.lineage import LineageService
from pinnace.services.logged_attempts import LoggedAttempts
from pinnace.services.packages import PackageUrls
from pinnace.services.pipelines import PipelineService
from pinnace.services.run_rows import RunRowService
from pinnace.services.runs import RunService
from pinnace.services.schedules import ScheduleService
from pinnace.services.structures import StructureService
from pinnace.services.tasks import TaskService
from pinnace.services.views import ViewService


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
    """One of each; ``bootstrap`` makes them."""

    experiments: ExperimentService
    pipelines: PipelineService
    packages: PackageUrls
    runs: RunService
    schedules: ScheduleService
    rows: RunRowService
    structures: StructureService
    views: ViewService
    changes: ChangeService
    streams: EventStreams
    tasks: TaskService
    lineage: LineageService
    cache: CacheExplanations
    files: ArtifactFiles
    attempts: LoggedAttempts
    garbage: GarbageService
    logs: AttemptLogs
