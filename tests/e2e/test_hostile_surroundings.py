"""A disk that is full, a directory that cannot be used, and killed servers and runners, seen from outside."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import pytest

from pinnace.cli.client import ServerError
from pinnace.cli.server_api import list_runs, read_log, read_run
from pinnace.cli.server_file import ServerRecord, require_server
from pinnace.cli.task_view import RunView
from pinnace.domain.values import JsonObject
from pinnace.launcher import processes
from pinnace.testing.command import PinnaceCommand, clean_environment
from pinnace.testing.documents import Step, pipeline

WAIT_SECONDS = 90.0
RUNS = "/apis/v2beta1/runs"
VALUE = "{{$.outputs.parameters['value'].output_file}}"
MODEL = "{{$.outputs.artifacts['model'].path}}"


def wait(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def shell(script: str) -> bytes:
    """A pipeline of one task whose script gets the file of its parameter as ``$0`` and its artifact as ``$1``."""
    return pipeline({"task": Step(("sh", "-c", script, VALUE, MODEL), outputs=("value",), files=("model",))})


def submit(server: ServerRecord, document: bytes, **fields: str) -> str:
    body: JsonObject = {"display_name": "hostile", "pipeline_spec": json.loads(document), **fields}
    return str(server.client().post(RUNS, body)["run_id"])


def delete(server: ServerRecord, run: str) -> None:
    address = f"{server.address}{RUNS}/{run}"
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
        urllib.request.Request(address, method="DELETE")
    ) as answer:
        assert answer.status == 200


def finish(server: ServerRecord, run: str) -> RunView:
    wait(lambda: read_run(server.client(), run).has_ended, "the run does not end")
    return read_run(server.client(), run)


def value_of(view: RunView) -> str:
    assert view.state == "SUCCEEDED", view
    return str(next(task for task in view.tasks if task.runs_code).parameters["value"])


def has_ended(server: ServerRecord) -> bool:
    return not server.is_alive()


def processes_in(directory: Path) -> list[psutil.Process]:
    """Processes that work below a directory."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd().startswith(str(directory)):
                found.append(process)
        except psutil.Error:
            continue
    return found


def runners_of(data: Path) -> list[int]:
    """Processes that run attempts of a data directory."""
    claims = [json.loads(path.read_text(encoding="utf-8")) for path in data.glob("runs/**/started")]
    claimed = [processes.Identity(claim["boot"], claim["pid"], claim["start"]) for claim in claims]
    return [identity.pid for identity in claimed if processes.is_alive(identity)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[ServerRecord, Path]]:
    """A server whose data directory is a disk of 24 MiB, and that disk."""
    disk = tmp_path / "disk"
    disk.mkdir()
    enter = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
    command = [*enter, "sh", "-c", f'mount -t tmpfs -o size=24m none {disk} && exec "$@"', "sh"]
    try:
        subprocess.run([*command, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip(
            "this system lets no test mount a disk; the tests of store and executor with /dev/full stand for it"
        )
    program = [sys.executable, "-m", "pinnace.cli", "up", "--data-dir", str(disk / "data"), "--port", "0"]
    with subprocess.Popen([*command, *program], env=clean_environment(), stdout=subprocess.DEVNULL) as process:
        inside = Path(f"/proc/{process.pid}/root{disk}")
        try:
            wait(lambda: (inside / "data/server.json").exists(), "the server does not start")
            yield require_server(inside / "data"), inside
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def test_a_full_disk_fails_the_task_that_filled_it_and_nothing_else(small_disk: tuple[ServerRecord, Path]) -> None:
    server, disk = small_disk
    filler = submit(server, shell("head -c 100M /dev/zero > $1"))
    wait(lambda: shutil.disk_usage(disk).free == 0, "the disk does not fill")
    wait(lambda: processes_in(disk / "data") == [], "the task does not end")
    with pytest.raises(ServerError, match="disk that holds the database is full") as refused:
        submit(server, shell("true"))
    assert refused.value.status == 503
    assert [run.id for run in list_runs(server.client(), 5)] == [filler]
    shutil.rmtree(disk / "data/artifacts")
    view = finish(server, filler)
    assert "the disk is full" in view.failed_tasks()[0].error
    assert value_of(finish(server, submit(server, shell("printf free > $0")))) == "free"


def test_a_directory_whose_locks_keep_nobody_out_is_refused(pinnace: PinnaceCommand, tmp_path: Path) -> None:
    """No file system without locks can be mounted everywhere: the server gets one whose locks are always granted."""
    (tmp_path / "sitecustomize.py").write_text("import fcntl\nfcntl.flock = lambda file, operation: None\n")
    without_locks = replace(pinnace, environment={**pinnace.environment, "PYTHONPATH": str(tmp_path)})
    refused = without_locks("up", "--port", "0")
    assert refused.returncode == 1
    assert "Locks do not work" in refused.stderr
    assert "--data-dir" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_second_server_by_another_name_of_the_directory_is_refused(pinnace: PinnaceCommand, tmp_path: Path) -> None:
    pinnace.start()
    record = require_server(pinnace.data)
    (tmp_path / "link").symlink_to(pinnace.data)
    refused = pinnace("up", "--port", "0", "--data-dir", tmp_path / "link")
    assert refused.returncode == 1
    assert record.address in refused.stderr
    assert require_server(pinnace.data) == record
    assert value_of(finish(record, submit(record, shell("printf fine > $0; echo > $1")))) == "fine"


def test_a_directory_of_a_newer_version_is_refused_and_left_alone(pinnace: PinnaceCommand) -> None:
    pinnace.start()
    pinnace.stop()
    database = pinnace.data / "pinnace.db"
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = database.read_bytes()
    refused = pinnace("up", "--port", "0")
    assert refused.returncode == 1
    assert "9999" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert database.read_bytes() == before


def test_a_directory_that_holds_something_else_is_refused(pinnace: PinnaceCommand) -> None:
    pinnace.data.mkdir()
    (pinnace.data / "pinnace.db").write_bytes(b"my thesis, the only copy " * 1000)
    refused = pinnace("up", "--port", "0")
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert (pinnace.data / "pinnace.db").read_bytes().startswith(b"my thesis, the only copy ")


def test_an_id_that_is_used_again_starts_from_nothing(server: ServerRecord) -> None:
    run = str(uuid.uuid4())
    report = '{"parameterValues": {"value": "old"}}'
    submit(server, shell(f"echo first; echo '{report}' > $(dirname $1)/executor_output.json"), run_id=run)
    assert value_of(finish(server, run)) == "old"
    delete(server, run)
    submit(server, shell("echo second; printf new > $0"), run_id=run)
    assert value_of(finish(server, run)) == "new"
    assert b"".join(read_log(server.client(), run, "task")) == b"second\n"


def test_killed_servers_and_runners_lose_no_run(pinnace: PinnaceCommand) -> None:
    document = pipeline(
        {
            "a": Step(("sh", "-c", "sleep 0.1; printf $PINNACE_ATTEMPT > $0", VALUE), outputs=("value",)),
            "b": Step(
                ("sh", "-c", "sleep 0.1; printf $1 > $0", VALUE, "{{$.inputs.parameters['x']}}"),
                inputs={"x": ("a", "value")},
                after=("a",),
                outputs=("value",),
            ),
        }
    )
    runs: list[str] = []
    for _ in range(2):
        pinnace.start()
        server = require_server(pinnace.data)
        with ThreadPoolExecutor(8) as threads:
            runs += threads.map(submit, [server] * 10, [document] * 10)
        wait(lambda: any(runners_of(pinnace.data)), "no task starts")
        for runner in runners_of(pinnace.data)[:1]:
            os.kill(runner, signal.SIGKILL)
        os.kill(server.pid, signal.SIGKILL)
        wait(partial(has_ended, server), "the server lives on")
        (pinnace.data / "server.json").unlink()
    pinnace.start()
    server = require_server(pinnace.data)
    views = [finish(server, run) for run in runs]
    assert {view.state for view in views} == {"SUCCEEDED"}
    for view in views:
        values = [task.parameters["value"] for task in view.tasks if task.runs_code]
        assert len(values) == 2
        assert values[0] == values[1]
        assert {outcome for task in view.tasks for outcome in task.outcomes} <= {"SUCCEEDED", "LOST"}
    wait(lambda: runners_of(pinnace.data) == [], "runners are left")
    assert processes_in(pinnace.data) == []
