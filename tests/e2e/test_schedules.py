"""Recurring runs on a real server: killed around firings, down for a while, and seen from the command line."""

import itertools
import json
import os
import random
import signal
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import kfp
import psutil
from kfp import compiler, dsl

from pinnace.cli.server_file import FILE_NAME, find_server, require_server
from pinnace.testing.command import PinnaceCommand

WAIT_SECONDS: Final = 120.0


@dsl.container_component  # type: ignore[untyped-decorator]
def say(when: str, number: str):  # type: ignore[no-untyped-def]  # noqa: ANN201 - the SDK forbids an annotation here
    return dsl.ContainerSpec(image="alpine", command=["echo"], args=[when, number])


@dsl.pipeline(name="tick")  # type: ignore[untyped-decorator]
def tick(number: str = "[[Index]]") -> None:
    say(when=dsl.PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER, number=number)


def wait(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def client_of(pinnace: PinnaceCommand) -> kfp.Client:
    return kfp.Client(host=require_server(pinnace.data).address)


def every_second(client: kfp.Client, folder: Path, **options: Any) -> str:
    package = folder / "tick.yaml"
    compiler.Compiler().compile(tick, str(package))
    experiment = client.create_experiment("ticks").experiment_id
    made = client.create_recurring_run(
        experiment,
        "tick",
        interval_second=1,
        max_concurrency=10,
        pipeline_package_path=str(package),
        params={"number": "[[Index]]"},
        enable_caching=False,
        **options,
    )
    return str(made.recurring_run_id)


def runs_of(client: kfp.Client, recurring: str) -> list[Any]:
    """All runs of a recurring run, by the time of the schedule."""
    predicate = {"operation": "EQUALS", "key": "recurring_run_id", "string_value": recurring}
    found: list[Any] = []
    token = ""
    while True:
        page = client.list_runs(
            page_token=token, page_size=100, sort_by="scheduled_at", filter=json.dumps({"predicates": [predicate]})
        )
        found += page.runs or []
        token = page.next_page_token or ""
        if not token:
            return found


def kill(pinnace: PinnaceCommand) -> None:
    """Kill the server, and it alone, with signal 9."""
    process = psutil.Process(require_server(pinnace.data).pid)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(WAIT_SECONDS)
    (pinnace.data / FILE_NAME).unlink()
    assert find_server(pinnace.data) is None


def check_that_no_tick_is_missing_or_double(runs: list[Any]) -> None:
    times: list[datetime] = [run.scheduled_at for run in runs]
    gaps = {(after - before).total_seconds() for before, after in itertools.pairwise(times)}
    assert gaps == {1.0}, times
    assert [run.display_name for run in runs] == [f"tick-{number}" for number in range(1, len(runs) + 1)]


def test_kills_around_firings_neither_lose_nor_double_a_run(pinnace: PinnaceCommand, tmp_path: Path) -> None:
    chance = random.Random(4)
    pinnace.start()
    recurring = every_second(client_of(pinnace), tmp_path)
    for _ in range(5):
        before = len(runs_of(client_of(pinnace), recurring))
        wait(lambda: len(runs_of(client_of(pinnace), recurring)) > before, "no run is made")  # noqa: B023
        # A tick is due at each whole second: the kill comes shortly before or behind the next one.
        time.sleep((1 - time.time() % 1 + chance.uniform(-0.02, 0.06)) % 1)
        kill(pinnace)
        pinnace.start()
    client = client_of(pinnace)
    started = time.time()
    # What fell into the time without a server is made up for.
    wait(lambda: runs_of(client, recurring)[-1].scheduled_at.timestamp() >= started, "it does not catch up")
    client.disable_recurring_run(recurring)
    runs = runs_of(client, recurring)
    check_that_no_tick_is_missing_or_double(runs)
    wait(lambda: {run.state for run in runs_of(client, recurring)} == {"SUCCEEDED"}, "runs do not succeed")
    last = runs[-1]
    log = pinnace("logs", last.run_id).stdout
    assert f"{last.scheduled_at:%Y-%m-%dT%H:%M:%SZ} {len(runs)}" in log


def test_a_server_that_was_down_makes_up_for_it_once_or_not_at_all(pinnace: PinnaceCommand, tmp_path: Path) -> None:
    pinnace.start()
    client = client_of(pinnace)
    with_catch_up = every_second(client, tmp_path)
    without = every_second(client, tmp_path, no_catchup=True)
    wait(lambda: all(runs_of(client, each) for each in (with_catch_up, without)), "no run is made")
    assert pinnace("down").returncode == 0
    stopped = time.time()
    time.sleep(3)
    begun = time.time()
    pinnace.start()
    client, started = client_of(pinnace), time.time()
    for each in (with_catch_up, without):
        wait(lambda: runs_of(client, each)[-1].scheduled_at.timestamp() >= started, "it does not go on")  # noqa: B023
        client.disable_recurring_run(each)
    check_that_no_tick_is_missing_or_double(runs_of(client, with_catch_up))
    times = [run.scheduled_at.timestamp() for run in runs_of(client, without)]
    assert len(times) == len(set(times))
    assert [at for at in times if stopped < at < begun - 1] == [], "what was missed is made up for"


def test_the_command_line_shows_and_switches_recurring_runs(pinnace: PinnaceCommand, tmp_path: Path) -> None:
    pinnace.start("--time-zone", "Asia/Seoul")
    assert pinnace("schedule", "list").stdout.startswith("No recurring runs.")
    client = client_of(pinnace)
    recurring = every_second(client, tmp_path, enabled=False)
    (listed,) = json.loads(pinnace("schedule", "list", "--json").stdout)
    assert listed == {
        "recurring_run_id": recurring,
        "name": "tick",
        "enabled": False,
        "trigger": "every 1 s",
        "error": None,
    }
    assert pinnace("schedule", "enable", recurring).returncode == 0
    assert client.get_recurring_run(recurring).status == "ENABLED"
    wait(lambda: bool(runs_of(client, recurring)), "no run is made")
    assert pinnace("schedule", "disable", recurring).returncode == 0
    row = pinnace("schedule", "list").stdout.splitlines()[1].split()
    assert row == [recurring, "tick", "disabled", "every", "1", "s"]
    shown = pinnace("schedule", "show", recurring)
    assert "enabled     False" in shown.stdout
    assert "more often than once a minute" in shown.stderr
    unknown = pinnace("schedule", "show", "nothing")
    assert (unknown.returncode, unknown.stderr) == (1, "Error: RecurringRun nothing not found\n")
    daily = client.create_recurring_run(
        client.create_experiment("ticks").experiment_id,
        "daily",
        cron_expression="0 0 9 * * *",
        pipeline_package_path=str(tmp_path / "tick.yaml"),
    )
    lines = pinnace("schedule", "show", daily.recurring_run_id, "-n", "1").stdout.splitlines()
    assert lines[-1].endswith("T09:00:00+09:00")


def test_the_preview_needs_no_server(pinnace: PinnaceCommand) -> None:
    told = json.loads(pinnace("schedule", "preview", "0 0 9 * * *", "--json", "--time-zone", "Asia/Seoul").stdout)
    assert (told["time_zone"], len(told["next_times"])) == ("Asia/Seoul", 5)
    assert all(each.endswith("T00:00:00Z") for each in told["next_times"])
    assert all(each.endswith("T09:00:00+09:00") for each in told["next_local_times"])
    often = pinnace("schedule", "preview", "*/5 * * * *", "-n", "3")
    assert len(often.stdout.splitlines()) == 3
    assert "more often than once a minute: 12 times" in often.stderr
    wrong = pinnace("schedule", "preview", "every now and then")
    assert (wrong.returncode, wrong.stderr.startswith("Error: Schedule cron is not a supported format")) == (1, True)
    assert pinnace("up", "--time-zone", "Mars/Base", "--port", "0").stderr.startswith("Error: There is no time zone")
