"""What a task can leave in the place of its outputs, and what it can do to its surroundings, on a real server.

All runs are submitted at once when the module begins; each test waits for its own.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psutil
import pytest

from pinnace.cli.server_api import read_log, read_run
from pinnace.cli.server_file import ServerRecord
from pinnace.cli.task_view import RunView
from pinnace.testing.documents import Step, pipeline

WAIT_SECONDS = 120.0
MEBIBYTE = 1 << 20
VALUE = "{{$.outputs.parameters['value'].output_file}}"
MODEL = "{{$.outputs.artifacts['model'].path}}"
REPORT = "$(dirname $1)/executor_output.json"


@dataclass(frozen=True, slots=True)
class Misdeed:
    """A shell script (``$0`` is the file of its parameter, ``$1`` the path of its artifact) and what is said of it."""

    script: str
    said: str
    kind: str = "STRING"
    attempts: int = 1


FAILING: Mapping[str, Misdeed] = {
    "pipe as parameter": Misdeed("mkfifo $0", "something else than a file"),
    "device as parameter": Misdeed("ln -s /dev/zero $0", "something else than a file"),
    "directory as parameter": Misdeed("mkdir $0", "Is a directory"),
    "no parameter": Misdeed("true", 'without writing its output parameter "value"'),
    "directory replaced by a link": Misdeed("d=$(dirname $0); rm -r $d; ln -s /etc $d", 'its output parameter "value"'),
    "binary": Misdeed(r"printf '\377\376\000' > $0", "no UTF-8 text"),
    "a gibibyte as parameter": Misdeed("truncate -s 1G $0", "more than 16 MiB"),
    "a million empty lists": Misdeed("(printf '['; yes '[],' | head -n 1000000; printf '1]') > $0", "values", "LIST"),
    "text for a number": Misdeed("echo four > $0", "not a value of type NUMBER_INTEGER", "NUMBER_INTEGER"),
    "not a number": Misdeed("echo NaN > $0", "not a value of type NUMBER_DOUBLE", "NUMBER_DOUBLE"),
    "not a number in a list": Misdeed("echo '[NaN]' > $0", "not a value of type LIST", "LIST"),
    "endless digits": Misdeed("yes 9 | head -n 9999 | tr -d '\\n' > $0", "NUMBER_INTEGER", "NUMBER_INTEGER"),
    "deep nesting": Misdeed("for i in $(seq 200); do printf '{\"a\":'; done > $0", "STRUCT", "STRUCT"),
    "deeper than allowed": Misdeed(
        "(for i in $(seq 200); do printf '['; done; for i in $(seq 200); do printf ']'; done) > $0",
        "more than 100 levels",
        "LIST",
    ),
    "half a character": Misdeed(r"""echo '["\ud800"]' > $0""", "surrogate", "LIST"),
    "pipe as artifact": Misdeed("echo x > $0; mkfifo $1", "neither a file nor a directory"),
    "device as artifact": Misdeed("echo x > $0; ln -s /dev/zero $1", "neither a file nor a directory"),
    "link to itself as artifact": Misdeed("echo x > $0; ln -s $1 $1", "Too many levels of symbolic links"),
    "report that is no JSON": Misdeed(
        f"echo hello > {REPORT}", "executor output file that the task wrote is not valid"
    ),
    "report that is a pipe": Misdeed(f"mkfifo {REPORT}", "something else than a file"),
    "report that is a list": Misdeed(f"echo [] > {REPORT}", "is not valid"),
    "report without end": Misdeed(f"yes '[' | head -n 100000 > {REPORT}", "nested too deeply"),
    "report with NaN": Misdeed(f"""echo '{{"parameterValues": {{"value": NaN}}}}' > {REPORT}""", "NaN"),
    "report with half a character": Misdeed(
        rf"""echo '{{"artifacts": {{"model": {{"artifacts": [{{"name": "\ud800"}}]}}}}}}' > {REPORT}""", "surrogate"
    ),
    "kills itself": Misdeed("kill -9 $$", "killed by SIGKILL"),
    "kills its parent": Misdeed("kill -9 $PPID; sleep 600", "The task was lost", attempts=3),
    "removes its own directory": Misdeed("rm -rf ../../$(basename $(dirname $PWD))", "The task was lost", attempts=3),
    "closes everything and fails": Misdeed("exec 0<&- 1>&- 2>&-; exit 7", "exit code 7"),
}

WORKING: Mapping[str, Misdeed] = {
    "zero bytes in text": Misdeed(r"printf 'a\000b' > $0", "a\0b"),
    "unusual characters": Misdeed(r"printf '\342\200\256\360\235\225\217' > $0", "\u202e𝕏"),
    "terminal sequences": Misdeed(r"printf '\033[2J' > $0", "\x1b[2J"),
    "leaves children": Misdeed("sleep 600 & setsid sleep 600 & echo left > $0", "left\n"),
    "infinite text": Misdeed("echo Infinity > $0", "Infinity\n"),
}


def document(deed: Misdeed) -> Any:
    """The pipeline with that one task."""
    step = Step(("sh", "-c", deed.script, VALUE, MODEL), outputs=("value",), files=("model",))
    spec = json.loads(pipeline({"deed": step}, name="hostile"))
    spec["components"]["comp-deed"]["outputDefinitions"]["parameters"]["value"]["parameterType"] = deed.kind
    return spec


@pytest.fixture(scope="module")
def runs(server: ServerRecord) -> Mapping[str, str]:
    """The runs of all misdeeds, by name."""
    client = server.client()
    submitted = {}
    for name, deed in {**FAILING, **WORKING}.items():
        answer = client.post("/apis/v2beta1/runs", {"display_name": name, "pipeline_spec": document(deed)})
        submitted[name] = str(answer["run_id"])
    return submitted


def end_of(server: ServerRecord, run: str) -> RunView:
    deadline = time.monotonic() + WAIT_SECONDS
    while not (view := read_run(server.client(), run)).has_ended:
        assert time.monotonic() < deadline, view
        time.sleep(0.05)
    return view


@pytest.mark.parametrize("name", FAILING)
def test_the_task_fails_with_a_sentence(server: ServerRecord, runs: Mapping[str, str], name: str) -> None:
    view = end_of(server, runs[name])
    assert view.state == "FAILED", view
    task = next(task for task in view.tasks if task.runs_code)
    assert FAILING[name].said in task.error
    assert "inside the server" not in task.error
    assert "Traceback" not in task.error
    assert len(task.error) < 1000
    assert task.attempts == FAILING[name].attempts


@pytest.mark.parametrize("name", WORKING)
def test_the_task_succeeds_all_the_same(server: ServerRecord, runs: Mapping[str, str], name: str) -> None:
    view = end_of(server, runs[name])
    assert view.state == "SUCCEEDED", view
    task = next(task for task in view.tasks if task.runs_code)
    assert task.parameters == {"value": WORKING[name].said}


def test_a_component_without_a_command_is_told_what_is_missing(server: ServerRecord) -> None:
    """Upstream would run the entry point of the image; the first argument is not a program."""
    spec = json.loads(pipeline({"deed": Step(())}))
    spec["deploymentSpec"]["executors"]["exec-deed"]["container"]["args"] = ["true"]
    run = server.client().post("/apis/v2beta1/runs", {"display_name": "no command", "pipeline_spec": spec})
    view = end_of(server, str(run["run_id"]))
    assert view.state == "FAILED"
    assert "gives no command" in view.failed_tasks()[0].error


def test_the_server_is_as_it_was(server: ServerRecord, runs: Mapping[str, str]) -> None:
    for run in runs.values():
        end_of(server, run)
    process = psutil.Process(server.pid)
    assert process.memory_info().rss < 400 * MEBIBYTE
    assert [len(child.children()) <= 1 for child in process.children()] == [True]  # the zygote and its spare runner
    client = server.client()
    data = str(client.get("/apis/pinnace/v1/status")["data_directory"])
    assert [found for found in psutil.process_iter() if directory_of(found).startswith(data)] == []
    assert all(read_run(client, run).has_ended for run in runs.values())
    assert b"".join(read_log(client, runs["kills itself"], "deed")) == b""


def directory_of(process: psutil.Process) -> str:
    """Where a process works, "" where that cannot be known."""
    try:
        return process.cwd()
    except psutil.Error:
        return ""
