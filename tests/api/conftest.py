"""An API over a real SQLite store, in the process and behind a real server."""

import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from pinnace.api.about import About
from pinnace.api.app import create_app
from pinnace.api.extensions.sse import EventStreams, Pace
from pinnace.api.security import Policy
from pinnace.api.use_cases import UseCases
from pinnace.api.web.dashboard import Dashboard
from pinnace.artifacts.contents import FsspecArtifactContents
from pinnace.artifacts.downloads import UrlDownloads
from pinnace.artifacts.store import FsspecArtifactStore
from pinnace.domain.ids import NodeId, RunId
from pinnace.environments.room import ShelfRoom
from pinnace.environments.shelf import ENVIRONMENTS
from pinnace.orchestrator.layout import Layout
from pinnace.orchestrator.run_files import DiskRunFiles
from pinnace.ports.store import Store
from pinnace.services.artifact_files import ArtifactFiles
from pinnace.services.cache_explanations import CacheExplanations
from pinnace.services.changes import ChangeService
from pinnace.services.experiments import ExperimentService
from pinnace.services.firing import Firing
from pinnace.services.garbage import GarbageService
from pinnace.services.lineage import LineageService
from pinnace.services.logged_attempts import LoggedAttempts
from pinnace.services.packages import PackageUrls
from pinnace.services.pipelines import PipelineService
from pinnace.services.retention import Periods, RetentionService
from pinnace.services.run_rows import RunRowService
from pinnace.services.runs import RunService
from pinnace.services.schedules import ScheduleService
from pinnace.services.structures import StructureService
from pinnace.services.tasks import TaskService
from pinnace.services.views import ViewService
from pinnace.store import open_store
from pinnace.testing.clock import FrozenClock
from pinnace.testing.control import RecordingControl

KFP = "/apis/v2beta1"
OURS = "/apis/pinnace/v1"
ABOUT = About("9.9.9", "/data", "http://localhost:8765")

SPEC: dict[str, Any] = {
    "pipelineInfo": {"name": "greet"},
    "schemaVersion": "2.1.0",
    "sdkVersion": "kfp-2.17.0",
    "root": {
        "inputDefinitions": {
            "parameters": {
                "who": {"parameterType": "STRING"},
                "times": {"parameterType": "NUMBER_INTEGER", "defaultValue": 1, "isOptional": True},
            }
        },
        "dag": {
            "tasks": {
                "hello": {
                    "componentRef": {"name": "comp-hello"},
                    "taskInfo": {"name": "hello"},
                    "inputs": {"parameters": {"who": {"componentInputParameter": "who"}}},
                }
            }
        },
    },
    "components": {
        "comp-hello": {
            "executorLabel": "exec-hello",
            "inputDefinitions": {"parameters": {"who": {"parameterType": "STRING"}}},
        }
    },
    "deploymentSpec": {
        "executors": {
            "exec-hello": {
                "container": {"image": "alpine", "command": ["echo"], "args": ["{{$.inputs.parameters['who']}}"]}
            }
        }
    },
}


@dataclass
class FileLogs:
    """Log files in one directory, named by node and attempt."""

    directory: Path

    def attempt_log(self, run: RunId, node: NodeId, attempt: int) -> Path:
        return self.directory / f"{run}-{node.replace('/', '_')}-{attempt}.log"

    def attempt_directory(self, run: RunId, node: NodeId, attempt: int) -> Path:
        return self.directory / f"{run}-{node.replace('/', '_')}-{attempt}"

    def workspace(self, run: RunId) -> Path:
        return self.directory / f"{run}-workspace"


@dataclass
class World:
    """Everything that an API test touches."""

    store: Store
    logs: FileLogs
    control: RecordingControl = field(default_factory=RecordingControl)
    clock: FrozenClock = field(default_factory=lambda: FrozenClock(step=1.0))
    url_hosts: tuple[str, ...] = ()
    pace: Pace = Pace()

    def __post_init__(self) -> None:
        def new_id() -> str:
            return str(uuid.uuid4())

        self.experiments = ExperimentService(self.store, self.clock, new_id)
        self.pipelines = PipelineService(self.store, self.clock, new_id)
        self.runs = RunService(self.store, self.control, self.clock, new_id, self.experiments)
        self.schedules = ScheduleService(self.store, self.clock, new_id, self.experiments)
        self.firing = Firing(self.store, self.control, self.clock, new_id)
        self.views = ViewService(self.store)
        self.lineage = LineageService(self.store, self.clock, new_id)
        self.streams = EventStreams(self.store.listen, self.pace)
        self.retention = RetentionService(self.store, self.clock, self.runs.delete, Periods())
        files = DiskRunFiles(self.store, Layout(self.logs.directory), FsspecArtifactStore())
        files.claim()
        self.garbage = GarbageService(
            self.store,
            self.clock,
            self.retention,
            files,
            ShelfRoom(self.logs.directory / ENVIRONMENTS, 0),
            time.monotonic,
        )
        self.experiments.ensure_default()

    def app(self, policy: Policy | None = None, base_path: str = "", dashboard: Dashboard | None = None) -> FastAPI:
        use_cases = UseCases(
            experiments=self.experiments,
            pipelines=self.pipelines,
            packages=PackageUrls(UrlDownloads(self.url_hosts, lambda _scheme, _host: "")),
            runs=self.runs,
            schedules=self.schedules,
            rows=RunRowService(self.store),
            structures=StructureService(self.store),
            views=self.views,
            changes=ChangeService(self.store),
            streams=self.streams,
            tasks=TaskService(self.store),
            lineage=self.lineage,
            cache=CacheExplanations(self.store),
            files=ArtifactFiles(self.store, FsspecArtifactContents()),
            garbage=self.garbage,
            attempts=LoggedAttempts(self.store),
            logs=self.logs,
        )
        return create_app(
            use_cases,
            about=ABOUT,
            policy=policy or Policy(),
            base_path=base_path,
            dashboard=dashboard,
        )

    def client(self, policy: Policy | None = None) -> TestClient:
        return TestClient(self.app(policy), base_url="http://localhost:8765", raise_server_exceptions=False)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = open_store(tmp_path / "pinnace.db")
    try:
        yield World(store, FileLogs(tmp_path))
    finally:
        store.close()


@pytest.fixture
def client(world: World) -> TestClient:
    return world.client()


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address of *app* on a free loopback port, served the way ``bootstrap`` does it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        config = uvicorn.Config(app, proxy_headers=False, log_level="critical", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                if not thread.is_alive():
                    raise RuntimeError("the server did not start")
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)
