"""The composition root: the only module that names concrete adapters, and the list of everything that lives."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import uvicorn
from fastapi import FastAPI

from pinnace import __version__
from pinnace.api.about import About
from pinnace.api.app import create_app
from pinnace.api.extensions.sse import EventStreams
from pinnace.api.peers import system_peers
from pinnace.api.prefix import check_base_path
from pinnace.api.security import Policy, check_bind_address
from pinnace.api.use_cases import UseCases
from pinnace.api.web.dashboard import built_dashboard
from pinnace.artifacts.contents import FsspecArtifactContents
from pinnace.artifacts.direct_loopback import keep_loopback_direct
from pinnace.artifacts.downloads import UrlDownloads
from pinnace.artifacts.store import FsspecArtifactStore
from pinnace.domain.states import RunState
from pinnace.domain.values import SECOND, Instant
from pinnace.environments.room import ShelfRoom
from pinnace.environments.shelf import ENVIRONMENTS
from pinnace.environments.store import EnvironmentStore
from pinnace.errors import SetupError
from pinnace.executors.process.executor import ProcessExecutor
from pinnace.executors.process.machine import Machine
from pinnace.orchestrator.caching import TaskCache
from pinnace.orchestrator.control import LoopControl
from pinnace.orchestrator.dispatch import Dispatcher
from pinnace.orchestrator.garbage import collect_rarely
from pinnace.orchestrator.importing import Importing
from pinnace.orchestrator.layout import Layout
from pinnace.orchestrator.results import Results
from pinnace.orchestrator.run_files import DiskRunFiles
from pinnace.orchestrator.supervisor import Supervisor
from pinnace.orchestrator.task_specs import TaskSpecs
from pinnace.orchestrator.threads import Threads
from pinnace.ports.control import RunControl
from pinnace.ports.store import Store
from pinnace.scheduler.loop import Alarm, ticking
from pinnace.scheduler.retention_loop import retaining
from pinnace.services.artifact_files import ArtifactFiles
from pinnace.services.cache_explanations import CacheExplanations
from pinnace.services.changes import ChangeService
from pinnace.services.cron import zone_of
from pinnace.services.experiments import ExperimentService
from pinnace.services.firing import Firing
from pinnace.services.garbage import GarbageService
from pinnace.services.lineage import LineageService
from pinnace.services.logged_attempts import LoggedAttempts
from pinnace.services.names import check_pipeline_root
from pinnace.services.packages import PackageUrls
from pinnace.services.pipelines import PipelineService
from pinnace.services.retention import Periods, RetentionService
from pinnace.services.run_rows import RunRowService
from pinnace.services.runs import RunService
from pinnace.services.schedules import ScheduleService
from pinnace.services.structures import StructureService
from pinnace.services.tasks import TaskService
from pinnace.services.views import ViewService
from pinnace.settings import Settings
from pinnace.store import open_store
from pinnace.store.filesystem import check_data_directory, lock_data_directory
from pinnace.telemetry.logs import LogFormat, logged
from pinnace.telemetry.metrics import Load, Sources
from pinnace.telemetry.observing import ServerTelemetry, observed
from pinnace.telemetry.otlp_settings import secrets_of


class SystemClock:
    """The machine's clock."""

    def now(self) -> Instant:
        """See ``ports.clock``."""
        return Instant(time.time_ns() * SECOND // 1_000_000_000)


def serve(settings: Settings, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; *on_ready* gets the address once requests are answered.

    Raises:
        SetupError: the server cannot start here as it is set up.
    """
    keep_loopback_direct(os.environ)
    with logged(settings.log_format, settings.log_level, _secrets(settings)):
        asyncio.run(_serve(settings, on_ready))


async def _serve(settings: Settings, on_ready: Callable[[str], None]) -> None:
    check_pipeline_root(settings.pipeline_root)
    zone_of(settings.time_zone)
    base_path = check_base_path(settings.base_path)
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(_listener(settings.host, settings.port))
        address = "http://{}:{}".format(*listener.getsockname()[:2]) + base_path
        _prepare(settings.data_directory)
        stack.enter_context(lock_data_directory(settings.data_directory, address))
        database = settings.database_url or settings.data_directory / "pinnace.db"
        store = stack.enter_context(contextlib.closing(open_store(database)))
        layout = Layout(settings.data_directory, settings.pipeline_root)
        telemetry = stack.enter_context(observed(__version__, os.environ, asyncio.get_running_loop()))
        control = await stack.enter_async_context(_running(settings, store, layout, telemetry))
        clock, alarm = SystemClock(), Alarm()
        firing = Firing(store, control, clock, _new_id, settings.time_zone, telemetry)
        await stack.enter_async_context(ticking(firing, clock, alarm))
        retention = _retention(settings, store, control)
        await stack.enter_async_context(retaining(retention, settings.gc_interval))
        garbage = _garbage(settings, store, layout, retention)
        streams = EventStreams(store.listen)
        app = _application(settings, store, layout, control, alarm, address, telemetry, streams, garbage)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            proxy_headers=False,
            timeout_graceful_shutdown=2,
        )
        server = _Server(config, lambda: on_ready(address), streams.close)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, server.handle_exit, number, None)
        collect_rarely()
        await server.serve(sockets=[listener])


@asynccontextmanager
async def _running(
    settings: Settings, store: Store, layout: Layout, telemetry: ServerTelemetry
) -> AsyncIterator[LoopControl]:
    """The run loops and what they work with; on leaving, every attempt is ended as interrupted and written down."""
    clock = SystemClock()
    threads = Threads()
    artifacts = FsspecArtifactStore()
    executor = ProcessExecutor(
        EnvironmentStore(
            str(settings.data_directory / ENVIRONMENTS),
            settings.python,
            budget=settings.environments_size,
            telemetry=telemetry,
        ),
        parallelism=settings.parallelism or None,
        machine=Machine.here(settings.accelerators),
        warm=settings.warm,
        secrets=[secret for secret in (settings.token, settings.database_url) if secret],
    )
    dispatcher = Dispatcher(
        layout,
        executor,
        TaskSpecs(layout, artifacts, settings.environment, telemetry),
        Results(layout, artifacts),
        TaskCache(
            store,
            artifacts,
            clock,
            enabled=settings.cache,
            days=settings.cache_days,
            python=_python_of_tasks(settings.python),
            mode=settings.environment,
        ),
        Importing(layout, artifacts),
        threads,
        clock,
    )
    supervisor = Supervisor(store, layout, artifacts, executor, dispatcher, threads, clock, telemetry)
    telemetry.metrics.watch(Sources(lambda: _runs_by_state(store), lambda: Load(*executor.load())))
    control = LoopControl(supervisor, asyncio.get_running_loop())
    await supervisor.start()
    try:
        yield control
    finally:
        control.close()
        await supervisor.stop()
        threads.close()


def _retention(settings: Settings, store: Store, control: RunControl) -> RetentionService:
    clock = SystemClock()
    runs = RunService(store, control, clock, _new_id, ExperimentService(store, clock, _new_id))
    periods = Periods(settings.runs_retention, settings.archived_runs_retention)
    return RetentionService(store, clock, runs.delete, periods)


def _garbage(settings: Settings, store: Store, layout: Layout, retention: RetentionService) -> GarbageService:
    files = DiskRunFiles(store, layout, FsspecArtifactStore())
    files.claim()
    environments = ShelfRoom(settings.data_directory / ENVIRONMENTS, settings.environments_size)
    return GarbageService(store, SystemClock(), retention, files, environments, time.monotonic)


def _application(
    settings: Settings,
    store: Store,
    layout: Layout,
    control: RunControl,
    alarm: Alarm,
    address: str,
    telemetry: ServerTelemetry,
    streams: EventStreams,
    garbage: GarbageService,
) -> FastAPI:
    clock = SystemClock()
    experiments = ExperimentService(store, clock, _new_id)
    experiments.ensure_default()
    use_cases = UseCases(
        experiments=experiments,
        pipelines=PipelineService(store, clock, _new_id),
        packages=PackageUrls(UrlDownloads(settings.allowed_url_hosts)),
        runs=RunService(store, control, clock, _new_id, experiments),
        schedules=ScheduleService(store, clock, _new_id, experiments, settings.time_zone, alarm.ring),
        rows=RunRowService(store),
        structures=StructureService(store),
        views=ViewService(store),
        changes=ChangeService(store),
        streams=streams,
        tasks=TaskService(store),
        lineage=LineageService(store, clock, _new_id),
        cache=CacheExplanations(store),
        files=ArtifactFiles(store, FsspecArtifactContents()),
        attempts=LoggedAttempts(store),
        garbage=garbage,
        logs=layout,
    )
    return create_app(
        use_cases,
        about=About(__version__, str(settings.data_directory), address, clock.now()),
        policy=Policy(token=settings.token, allowed_hosts=settings.allowed_hosts, peers=system_peers()),
        base_path=check_base_path(settings.base_path),
        dashboard=built_dashboard(),
        telemetry=telemetry,
        metrics=telemetry.metrics,
        access_level=logging.INFO if settings.log_format == LogFormat.JSON else logging.DEBUG,
    )


class _Server(uvicorn.Server):
    """Says when it is ready, and leaves signals to the event loop, so that run loops end behind the last request."""

    def __init__(
        self, config: uvicorn.Config, on_ready: Callable[[], None], before_shutdown: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._before_shutdown = before_shutdown

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer requests."""
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End streams, which else nobody would end, and then what is under way."""
        self._before_shutdown()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def _listener(host: str, port: int) -> socket.socket:
    check_bind_address(host)
    try:
        made = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        # asyncio turns Nagle's algorithm off where a socket names its protocol, as this one does not: an answer's body
        # would wait 40 ms for the client to acknowledge its head.
        return socket.socket(made.family, made.type, socket.IPPROTO_TCP, fileno=made.detach())
    except OSError as error:
        raise SetupError(
            f"The server cannot listen on {host} port {port}: {error.strerror}. Choose another port with --port."
        ) from None


def _prepare(directory: Path) -> None:
    """Make the data directory, private to its user."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.chmod(0o700)
    except OSError as error:
        raise SetupError(
            f"The data directory {directory} cannot be used: {error.strerror}. Choose another one with --data-dir."
        ) from None
    check_data_directory(directory)


def _python_of_tasks(python: str) -> str:
    """The interpreter of tasks in words: its version if it is the server's own, its path if not."""
    return f"python{sys.version_info.major}.{sys.version_info.minor}" if python == sys.executable else python


def _runs_by_state(store: Store) -> Mapping[RunState, int]:
    with store.read() as uow:
        return uow.runs.count_by_state()


def _secrets(settings: Settings) -> list[str]:
    """What neither a log nor a task may show."""
    password = unquote(urlsplit(settings.database_url).password or "")
    return [settings.token, settings.database_url, password, *secrets_of(os.environ)]


def _new_id() -> str:
    return str(uuid.uuid4())
