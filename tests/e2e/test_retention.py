"""Deleting, retention and `pinnace gc` on a real server, killed in between."""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import kfp
import psutil
from kfp import compiler, dsl

from pinnace.cli.server_file import FILE_NAME, require_server
from pinnace.testing.command import PinnaceCommand

WAIT_SECONDS: Final = 120.0
MANY: Final = 5000


@dsl.container_component  # type: ignore[untyped-decorator]
def make(out: dsl.Output[dsl.Dataset]):  # type: ignore[no-untyped-def]  # noqa: ANN201 - the SDK forbids one here
    return dsl.ContainerSpec(image="alpine", command=["sh", "-c", 'printf content > "$0"'], args=[out.path])


@dsl.pipeline(name="makes")  # type: ignore[untyped-decorator]
def makes() -> None:
    make()


@dsl.pipeline(name="takes")  # type: ignore[untyped-decorator]
def takes(uri: str) -> None:
    dsl.importer(artifact_uri=uri, artifact_class=dsl.Dataset, reimport=False)


def wait(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def client_of(pinnace: PinnaceCommand) -> kfp.Client:
    return kfp.Client(host=require_server(pinnace.data).address)


def made(client: kfp.Client, folder: Path, pipeline: Any = makes, **arguments: Any) -> str:
    package = folder / "flow.yaml"
    compiler.Compiler().compile(pipeline, str(package))
    run = client.create_run_from_pipeline_package(str(package), arguments=arguments).run_id
    assert client.wait_for_run_completion(run, WAIT_SECONDS, 1).state == "SUCCEEDED"
    return str(run)


def content_of(pinnace: PinnaceCommand, run: str) -> list[Path]:
    return sorted(pinnace.data.glob(f"artifacts/*/*/{run}/make/*/out"))


def kill(pinnace: PinnaceCommand) -> None:
    pid = require_server(pinnace.data).pid
    os.kill(pid, signal.SIGKILL)
    wait(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE, "it lives")
    (pinnace.data / FILE_NAME).unlink()


def test_what_runs_share_goes_with_the_last_also_where_the_server_is_killed(
    pinnace: PinnaceCommand, tmp_path: Path
) -> None:
    pinnace.start()
    client = client_of(pinnace)
    mine = tmp_path / "mine"
    mine.write_text("mine")
    first, second = made(client, tmp_path), made(client, tmp_path)
    (shared,) = content_of(pinnace, first)
    assert content_of(pinnace, second) == []
    third, fourth = made(client, tmp_path, takes, uri=str(shared)), made(client, tmp_path, takes, uri=str(mine))
    many = pinnace.data / "runs" / first / "many"
    many.mkdir()
    for number in range(MANY):
        (many / str(number)).touch()
    for run in (first, second, fourth):
        client.delete_run(run)
    kill(pinnace)
    pinnace.start()
    wait(lambda: not many.exists(), "the killed deletion is not finished")
    wait(lambda: not (pinnace.data / "runs" / second).exists(), "the second run's files stay")
    assert shared.read_text() == "content"
    client_of(pinnace).delete_run(third)
    wait(lambda: not shared.exists(), "the shared artifact stays")
    wait(lambda: list((pinnace.data / "deletions").iterdir()) == [], "a note stays")
    assert mine.read_text() == "mine"
    assert [path for path in pinnace.data.glob("artifacts/*/*/*") if path.name in {first, second}] == []


def test_runs_go_by_retention_and_by_hand(pinnace: PinnaceCommand, tmp_path: Path) -> None:
    pinnace.start()
    client = client_of(pinnace)
    by_hand = made(client, tmp_path)
    (content,) = content_of(pinnace, by_hand)
    dry = ("gc", "--dry-run", "--runs-older-than", "1s", "--output", "json")
    wait(lambda: json.loads(pinnace(*dry).stdout)["runs_deleted"] == 1, "the run does not get old")
    report = json.loads(pinnace(*dry).stdout)
    assert (report["dry_run"], report["artifact_bytes"]) == (True, len("content"))
    assert report["log_bytes"] > 0
    assert content.exists()
    done = pinnace("gc", "--runs-older-than", "1s")
    assert "runs deleted                1" in done.stdout
    assert done.stdout.endswith("freed.\n")
    wait(lambda: not content.exists(), "the artifact stays")
    assert json.loads(pinnace("gc", "--output", "json").stdout)["total_bytes"] == 0
    kept = made(client, tmp_path)
    pinnace.stop()
    assert pinnace("gc").returncode == 3
    pinnace.start("--runs-retention", "1s", "--archived-runs-retention", "2s", "--gc-interval", "1s")
    wait(lambda: not client_of(pinnace).list_runs().runs, "the run is not deleted")
    wait(lambda: not (pinnace.data / "runs" / kept).exists(), "its files stay")
    assert "Retention: 1 archived, 0 deleted." in pinnace.data.with_name("data.log").read_text()
