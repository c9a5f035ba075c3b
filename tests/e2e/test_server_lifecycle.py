"""Start, stop, second server, taken port, and a stop in the middle of a run."""

import json
import os
import signal
import socket
import stat
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from pinnace.cli.pipeline_file import load_pipeline
from pinnace.cli.server_api import create_run, read_run
from pinnace.cli.server_file import FILE_NAME, find_server, require_server
from pinnace.testing.command import PinnaceCommand

WAIT_SECONDS = 60.0
LOOPBACK = "127.0.0.1"


def wait(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def test_a_server_comes_is_asked_and_goes(pinnace: PinnaceCommand) -> None:
    pinnace.start()
    record = require_server(pinnace.data)
    assert stat.S_IMODE(pinnace.data.stat().st_mode) == 0o700
    assert stat.S_IMODE((pinnace.data / FILE_NAME).stat().st_mode) == 0o600
    told = json.loads(pinnace("status", "--json").stdout)
    assert (told["address"], told["pid"], told["runs_unfinished"]) == (record.address, record.pid, 0)
    assert pinnace("runs").stdout == "No runs yet. Start one with `pinnace run FILE.py`.\n"
    assert pinnace("down").stdout == f"Stopped the server of {pinnace.data}.\n"
    assert not record.is_alive()
    assert not (pinnace.data / FILE_NAME).exists()
    again = pinnace("down")
    assert (again.returncode, again.stdout) == (0, f"No server runs on {pinnace.data}.\n")


@pytest.mark.parametrize("command", [["status"], ["runs"], ["logs", "x"]])
def test_without_a_server_the_exit_code_is_three(pinnace: PinnaceCommand, command: list[str]) -> None:
    done = pinnace(*command)
    assert done.returncode == 3
    assert done.stderr == (
        f"Error: No server runs on the data directory {pinnace.data}. Start one with `pinnace up`, "
        "or name another directory with --data-dir.\n"
    )


def test_a_second_server_on_one_directory_is_refused_with_the_address_of_the_first(pinnace: PinnaceCommand) -> None:
    pinnace.start()
    record = require_server(pinnace.data)
    refused = pinnace("up", "--port", "0")
    assert refused.returncode == 1
    assert record.address in refused.stderr
    assert f"process {record.pid}" in refused.stderr
    # Even where the record is lost, the lock on the directory holds.
    (pinnace.data / FILE_NAME).unlink()
    locked = pinnace("up", "--port", "0")
    assert locked.returncode == 1
    assert record.address in locked.stderr
    os.kill(record.pid, signal.SIGTERM)
    wait(lambda: not record.is_alive(), "the server does not stop")


def test_a_taken_port_is_said_with_who_has_it(pinnace: PinnaceCommand) -> None:
    with socket.create_server((LOOPBACK, 0)) as held:
        port = held.getsockname()[1]
        refused = pinnace("up", "--port", str(port))
    assert refused.returncode == 1
    assert f"Port {port} is taken by {psutil.Process().name()} (process {os.getpid()})" in refused.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--host", "0.0.0.0"], "loopback only"),
        (["--python", "/no/such/python"], "is not a program"),
        (["--database-url", "mysql://localhost/x"], "mysql"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_a_sentence(
    pinnace: PinnaceCommand, options: list[str], message: str
) -> None:
    refused = pinnace("up", "--port", "0", *options)
    assert refused.returncode == 1
    assert message in refused.stderr
    assert "Traceback" not in refused.stderr
    assert find_server(pinnace.data) is None


def test_a_data_directory_that_cannot_be_made_is_named(pinnace: PinnaceCommand, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused = pinnace("up", "--port", "0", "--data-dir", tmp_path / "file" / "data")
    assert refused.returncode == 1
    assert str(tmp_path / "file" / "data") in refused.stderr
    assert "Traceback" not in refused.stderr


def test_with_a_token_only_who_knows_it_is_answered(pinnace: PinnaceCommand) -> None:
    pinnace.start("--token", "open-sesame")
    record = require_server(pinnace.data)
    request = urllib.request.Request(f"{record.address}/apis/v2beta1/runs")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with pytest.raises(urllib.error.HTTPError) as refused:
        opener.open(request)
    assert refused.value.code == 401
    request.add_header("Authorization", "Bearer open-sesame")
    with opener.open(request) as answer:
        assert answer.status == 200
    assert pinnace("runs").returncode == 0
    assert "open-sesame" not in pinnace("status").stdout


def test_a_run_goes_on_after_the_server_was_stopped_and_started(
    pinnace: PinnaceCommand, write_flow: Callable[[str], Path], tmp_path: Path
) -> None:
    started, go = tmp_path / "started", tmp_path / "go"
    flow = write_flow(f"""
        def flow() -> str:
            import os, time
            open({str(started)!r}, "a").write(str(os.getpid()) + " ")
            while not os.path.exists({str(go)!r}):
                time.sleep(0.02)
            return "done"
    """)
    pinnace.start()
    run = create_run(
        require_server(pinnace.data).client(), load_pipeline(flow, "", sys.executable), {}, "interrupted", ""
    )
    wait(started.exists, "the task does not start")
    assert pinnace("down").returncode == 0
    assert not any(psutil.pid_exists(int(pid)) for pid in started.read_text().split())
    go.touch()
    pinnace.start()
    client = require_server(pinnace.data).client()
    wait(lambda: read_run(client, run).has_ended, "the run does not end")
    view = read_run(client, run)
    assert view.state == "SUCCEEDED"
    assert [task.outcomes for task in view.tasks if task.runs_code] == [["INTERRUPTED", "SUCCEEDED"]]
