"""``pinnace run``, ``runs`` and ``logs`` as a user types them."""

import json
import re
import signal
import time
from pathlib import Path

import pytest

from pinnace.cli.server_file import find_server
from pinnace.testing.command import PinnaceCommand

FLOW = """
from kfp import dsl

IMAGE = "python:3.12-slim"


@dsl.component(base_image=IMAGE)
def double(number: int) -> int:
    print(f"doubling {number}")
    return 2 * number


@dsl.component(base_image=IMAGE)
def fail_at(number: int, limit: int):
    print("about to check")
    if number > limit:
        raise ValueError(f"{number} is above {limit}")


@dsl.pipeline(name="checked")
def checked(number: int, limit: int = 10) -> int:
    result = double(number=number)
    fail_at(number=result.output, limit=limit)
    return result.output
"""


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    path = tmp_path / "checked.py"
    path.write_text(FLOW)
    return path


def test_a_run_without_a_server_starts_one_and_ends_it(pinnace: PinnaceCommand, flow: Path) -> None:
    done = pinnace("run", flow, "-p", "number=4")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^\d\d:\d\d:\d\d  double  succeeded  after ", done.stdout, re.MULTILINE)
    assert re.search(r"^checked succeeded in ", done.stdout, re.MULTILINE)
    assert re.search(r"^  double.Output +8$", done.stdout, re.MULTILINE)
    assert find_server(pinnace.data) is None
    pinnace.start()
    listed = json.loads(pinnace("runs", "--json").stdout)
    assert [(run["name"], run["state"]) for run in listed] == [("checked", "SUCCEEDED")]


def test_a_run_that_fails_shows_why(pinnace: PinnaceCommand, flow: Path) -> None:
    pinnace.start()
    done = pinnace("run", flow, "-p", "number=6", "--name", "too much", "--experiment", "limits", "--no-cache")
    assert done.returncode == 1
    assert "too much: failed after" in done.stdout
    assert "fail-at failed: " in done.stdout
    assert "ValueError: 12 is above 10" in done.stdout
    run = done.stdout.splitlines()[0].removeprefix("run ")

    whole = pinnace("logs", "too much").stdout.splitlines()
    assert "double | doubling 6" in whole
    assert "fail-at | about to check" in whole
    assert "about to check" in pinnace("logs", run[:8], "fail-at", "-f").stdout
    missing = pinnace("logs", run, "nothing")
    assert missing.returncode == 1
    assert "The run has no task nothing. Its tasks: " in missing.stderr
    nowhere = pinnace("logs", "no-such-run")
    assert (nowhere.returncode, nowhere.stderr.count("\n")) == (1, 1)
    table = pinnace("runs").stdout
    assert run in table
    assert "too much" in table


def test_the_second_time_the_cache_answers(pinnace: PinnaceCommand, flow: Path) -> None:
    pinnace.start()
    assert pinnace("run", flow, "-p", "number=4").returncode == 0
    again = pinnace("run", flow, "-p", "number=4")
    assert "double  succeeded  (from the cache)" in again.stdout
    fresh = pinnace("run", flow, "-p", "number=4", "--no-cache")
    assert "from the cache" not in fresh.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["missing.py"], 1, "There is no file"),
        (["checked.py"], 1, "number (a whole number) has no value"),
        (["checked.py", "-p", "number=x"], 1, "number is a whole number, and 'x' is not"),
        (["checked.py", "--function", "other"], 1, "has no pipeline or component other. It defines checked."),
        (["checked.py", "-p", "number=1", "--no-watch"], 1, "--no-watch needs a server that stays"),
        (["checked.py", "--colour"], 2, "No such option"),
        ([], 2, "Missing argument"),
        (["broken.yaml"], 1, "is not valid YAML"),
    ],
)
def test_mistakes_are_answered_in_a_sentence_and_start_nothing(
    pinnace: PinnaceCommand, flow: Path, arguments: list[str], code: int, message: str
) -> None:
    (flow.parent / "broken.yaml").write_text("a: ]")
    named = [str(flow.parent / word) if word.endswith((".py", ".yaml")) else word for word in arguments]
    done = pinnace("run", *named)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not pinnace.data.exists()


def test_an_invalid_pipeline_is_refused_with_the_place_of_every_fault(pinnace: PinnaceCommand, tmp_path: Path) -> None:
    path = tmp_path / "faulty.yaml"
    path.write_text(
        "pipelineInfo: {name: faulty}\nschemaVersion: 2.1.0\nsdkVersion: kfp-2.17.0\n"
        "root: {dag: {tasks: {a: {componentRef: {name: comp-none}, taskInfo: {name: a}, dependentTasks: [b]}}}}\n"
    )
    done = pinnace("run", path)
    assert done.returncode == 1
    assert "comp-none" in done.stderr
    assert "root.dag.tasks" in done.stderr


def test_control_c_stops_the_run_of_a_private_server(pinnace: PinnaceCommand, tmp_path: Path) -> None:
    started = tmp_path / "started"
    path = tmp_path / "slow.py"
    path.write_text(
        "from kfp import dsl\n\n\n@dsl.component(base_image='python:3.12-slim')\ndef slow():\n"
        f"    import time\n    open({str(started)!r}, 'w').close()\n    time.sleep(600)\n"
    )
    process = pinnace.popen("run", path)
    deadline = time.monotonic() + 60
    while not started.exists():
        assert time.monotonic() < deadline, "the task does not start"
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Stopping the run." in output
    assert find_server(pinnace.data) is None
