"""GET /storage and POST /gc of our own API."""

import os
import time
import uuid
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.api.conftest import OURS, World

from pinnace.domain.ids import RunId
from pinnace.domain.states import RunState
from pinnace.domain.values import Instant
from pinnace.environments.manifest import Manifest
from pinnace.environments.shelf import ENVIRONMENTS, LOCK, Shelf
from pinnace.testing.records import a_run

GC = f"{OURS}/gc"


def test_the_storage_is_told_by_kind(world: World, client: TestClient) -> None:
    files = {"runs/x/log": 3, "artifacts/default/p/x/t/1/out": 40, "workspaces/x/f": 500}
    for name, size in files.items():
        path = world.logs.directory / name
        path.parent.mkdir(parents=True)
        path.write_bytes(bytes(size))
    told = client.get(f"{OURS}/storage").json()
    database = told["database_bytes"]
    assert database > 10_000
    assert told == {
        "database_bytes": database,
        "log_bytes": 3,
        "artifact_bytes": 40,
        "workspace_bytes": 500,
        "environment_bytes": 0,
        "total_bytes": database + 543,
        "is_complete": True,
    }


def _leftover(world: World, run: str, days: float) -> Path:
    path = world.logs.directory / "runs" / run
    (path / "t/1").mkdir(parents=True)
    (path / "t/1/log").write_text("x" * 10)
    os.utime(path, (time.time() - days * 86_400,) * 2)
    return path


def test_a_collection_is_told_before_it_is_done(world: World, client: TestClient) -> None:
    world.clock._now = Instant(time.time_ns() // 1000)
    lost, fresh = _leftover(world, str(uuid.uuid4()), 2), _leftover(world, str(uuid.uuid4()), 0.5)
    old = str(uuid.uuid4())
    log = _leftover(world, old, 2)
    with world.store.write() as uow:
        uow.runs.add(a_run(old, state=RunState.SUCCEEDED, finished_at=world.clock.now() - 3 * 86_400_000_000))
        uow.pipelines.add_document(b"nobody needs it")
    request = {"runs_older_than_seconds": 2 * 86_400}
    said = client.post(GC, json={"dry_run": True, **request}).json()
    assert said == {
        "dry_run": True,
        "runs_archived": 0,
        "runs_deleted": 1,
        "log_bytes": 10,
        "artifact_bytes": 0,
        "workspace_bytes": 0,
        "leftover_count": 1,
        "leftover_bytes": 10,
        "leftovers": [{"path": str(lost), "kind": "logs", "bytes": 10}],
        "document_count": 1,
        "document_bytes": 15,
        "environment_count": 0,
        "environment_bytes": 0,
        "total_bytes": 35,
        "more": False,
    }
    assert lost.exists()
    assert client.post(GC, json=request).json() == {**said, "dry_run": False}
    assert (lost.exists(), fresh.exists(), log.exists()) == (False, True, True)
    assert world.control.calls[-2:] == [("forget", old), ("clear", old)]
    with world.store.read() as uow:
        assert uow.storage.existing([RunId(old)]) == set()


@pytest.mark.parametrize(
    "body",
    [
        {"runs_older_than_seconds": 0},
        {"runs_older_than_seconds": -1},
        {"runs_older_than_seconds": 1e300},
        {"max_runs": 0},
        {"max_runs": 10**9},
        {"dry": True},
        [],
    ],
)
def test_wrong_requests_change_nothing(client: TestClient, body: object) -> None:
    answer = client.post(GC, json=body)
    assert answer.status_code == 400
    assert answer.json()["code"] == 3


def test_only_one_collects_at_a_time(world: World, client: TestClient) -> None:
    with world.garbage._collecting:
        answer = client.post(GC, json={})
    assert (answer.status_code, answer.json()["code"]) == (409, 10)


def test_environments_are_listed(world: World, client: TestClient) -> None:
    shelf = Shelf(world.logs.directory / ENVIRONMENTS)
    for key, used in (("a1", 1_700_000_000), ("b2", 1_700_000_500)):
        draft = shelf.new_draft(key)
        draft.mkdir(parents=True)
        shelf.publish(draft, Manifest("isolated", ("six",), (), "/usr/bin/python3", "3.11.2", {}, 70, 1_600_000_000.5))
        os.utime(shelf.directory(key) / LOCK, (used, used))
    first, second = client.get(f"{OURS}/environments").json()["environments"]
    assert (first["id"], second["id"]) == ("b2", "a1")
    assert second == {
        "id": "a1",
        "mode": "isolated",
        "python_version": "3.11.2",
        "requirements": ["six"],
        "bytes": 70,
        "built_at": "2020-09-13T12:26:40.500000Z",
        "last_used_at": "2023-11-14T22:13:20.000000Z",
        "in_use": False,
    }
