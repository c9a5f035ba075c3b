"""The application: every route, and the rings around them, on one screen."""

import logging

from fastapi import FastAPI

from pinnace.api.about import About
from pinnace.api.docs_page import docs_routes
from pinnace.api.errors import add_error_handlers
from pinnace.api.extensions.routes_artifact_files import ArtifactFileRoutes
from pinnace.api.extensions.routes_lineage import LineageRoutes
from pinnace.api.extensions.routes_logs import LogRoutes
from pinnace.api.extensions.routes_overviews import OverviewRoutes
from pinnace.api.extensions.routes_run_rows import RunRowRoutes
from pinnace.api.extensions.routes_samples import SampleRoutes
from pinnace.api.extensions.routes_schedules import ScheduleRoutes
from pinnace.api.extensions.routes_status import status_routes
from pinnace.api.extensions.routes_storage import StorageRoutes
from pinnace.api.extensions.routes_streams import StreamRoutes
from pinnace.api.extensions.routes_structures import StructureRoutes
from pinnace.api.extensions.routes_tasks import TaskRoutes
from pinnace.api.home import home_routes
from pinnace.api.kfp.documents import SpecReader
from pinnace.api.kfp.routes_artifact_read import ArtifactReadRoutes
from pinnace.api.kfp.routes_artifacts import ArtifactRoutes
from pinnace.api.kfp.routes_experiments import ExperimentRoutes
from pinnace.api.kfp.routes_healthz import healthz_routes
from pinnace.api.kfp.routes_pipelines import PipelineRoutes
from pinnace.api.kfp.routes_recurring_runs import RecurringRunRoutes
from pinnace.api.kfp.routes_runs import RunRoutes
from pinnace.api.kfp.routes_tasks import TaskMessageRoutes
from pinnace.api.kfp.routes_ui_artifacts import UiArtifactRoutes
from pinnace.api.kfp.routes_uploads import UploadRoutes
from pinnace.api.kfp.routes_versions import VersionRoutes
from pinnace.api.metrics import metrics_routes
from pinnace.api.observed import Observed, RouteNote
from pinnace.api.openapi import OpenApi
from pinnace.api.prefix import Prefix
from pinnace.api.public_pages import public_pages
from pinnace.api.security import Guard, Policy
from pinnace.api.use_cases import UseCases
from pinnace.api.web.dashboard import Dashboard
from pinnace.ports.telemetry import NO_TELEMETRY, MetricsPage, Telemetry
from pinnace.services.samples import SampleService

KFP = "/apis/v2beta1"
KFP_LOGS = "/apis/v1alpha1"
OURS = "/apis/pinnace/v1"


def create_app(
    use: UseCases,
    *,
    about: About,
    policy: Policy,
    dashboard: Dashboard | None = None,
    base_path: str = "",
    telemetry: Telemetry = NO_TELEMETRY,
    metrics: MetricsPage | None = None,
    access_level: int = logging.DEBUG,
) -> FastAPI:
    """The whole HTTP face. Each request leaves a line of *access_level* in the log.

    Serve it with one worker and without ``proxy_headers``: the caller's real address decides who may come in.
    """
    public = None if dashboard is None else public_pages(dashboard, base_path)
    app = _without_routes(about.version, base_path, policy, public)
    app.add_middleware(Observed, telemetry=telemetry, access_level=access_level)
    specs = SpecReader(use.runs.documents)
    log_routes = LogRoutes(use.views, use.attempts, use.logs)
    app.include_router(healthz_routes(about), prefix=KFP)
    app.include_router(ExperimentRoutes(use.experiments).router(), prefix=KFP)
    app.include_router(UploadRoutes(use.pipelines, specs).router(), prefix=KFP)
    app.include_router(PipelineRoutes(use.pipelines, use.packages).router(), prefix=KFP)
    app.include_router(VersionRoutes(use.pipelines, use.packages, specs).router(), prefix=KFP)
    app.include_router(RunRoutes(use.runs, use.views, specs).router(), prefix=KFP)
    app.include_router(RecurringRunRoutes(use.schedules, specs).router(), prefix=KFP)
    app.include_router(ArtifactReadRoutes(use.views, use.files, use.logs).router(), prefix=KFP)
    app.include_router(ArtifactRoutes(use.lineage).router(), prefix=KFP)
    app.include_router(TaskMessageRoutes(use.tasks).router(), prefix=KFP)
    app.include_router(log_routes.kfp_router(), prefix=KFP_LOGS)
    app.include_router(log_routes.ui_router())
    app.include_router(UiArtifactRoutes(use.files).router())
    app.include_router(TaskRoutes(use.views, use.changes, use.logs).router(), prefix=OURS)
    app.include_router(StreamRoutes(use.changes, use.streams, use.logs).router(), prefix=OURS)
    app.include_router(log_routes.router(), prefix=OURS)
    app.include_router(ArtifactFileRoutes(use.files).router(), prefix=OURS)
    app.include_router(LineageRoutes(use.lineage, use.cache).router(), prefix=OURS)
    app.include_router(OverviewRoutes(use.lineage, use.tasks).router(), prefix=OURS)
    app.include_router(RunRowRoutes(use.rows).router(), prefix=OURS)
    app.include_router(StructureRoutes(use.structures).router(), prefix=OURS)
    app.include_router(ScheduleRoutes(use.schedules).router(), prefix=OURS)
    app.include_router(SampleRoutes(SampleService(use.pipelines, use.runs)).router(), prefix=OURS)
    app.include_router(StorageRoutes(use.garbage).router(), prefix=OURS)
    app.include_router(status_routes(about, use.views), prefix=OURS)
    _add_pages(app, metrics)
    app.include_router(home_routes(about) if dashboard is None else dashboard.router())
    return app


def _without_routes(version: str, base_path: str, policy: Policy, public: FastAPI | None) -> FastAPI:
    """The rings: a request meets the guard first, then the prefix."""
    app = FastAPI(
        title="Pinnace",
        version=version,
        openapi_url=None,
        separate_input_output_schemas=False,
        redirect_slashes=False,
    )
    add_error_handlers(app)
    app.add_middleware(RouteNote, prefixes=(KFP, KFP_LOGS, OURS))
    app.add_middleware(Prefix, base_path=base_path)
    app.add_middleware(Guard, policy=policy, public=public)
    return app


def _add_pages(app: FastAPI, metrics: MetricsPage | None) -> None:
    """What tells of the API itself."""
    if metrics is not None:
        app.include_router(metrics_routes(metrics))
    openapi = OpenApi(app)
    app.include_router(openapi.router())
    app.include_router(docs_routes(openapi))
