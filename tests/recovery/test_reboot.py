"""The machine was restarted while runs went on. What ran is lost and runs again; nothing else is.

A restart is played on a stopped data directory: every process is killed, and the records of attempts get another boot
id. What the processes of another boot are called is given to processes that live now, as a restart may do.
"""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from tests.recovery import victims
from tests.recovery.keeper import Keeper

from pinnace.cli.task_view import RunView
from pinnace.launcher import processes
from pinnace.testing.documents import Step, pipeline

ANOTHER_BOOT = "00000000-0000-4000-8000-000000000000"
HOLD = 'echo x >> "$0-held"; while [ ! -e "$0-go" ]; do sleep 0.05; done'
DOCUMENT = pipeline(
    {
        "done": Step(["sh", "-c", 'echo x >> "$0-done"', "PLACE"]),
        "held": Step(["sh", "-c", HOLD, "PLACE"], ["done"]),
        "beside": Step(["sh", "-c", 'echo x >> "$0-beside"', "PLACE"], ["done"]),
        "later": Step(["sh", "-c", 'echo x >> "$0-later"', "PLACE"], ["held", "beside"]),
    }
)


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    made = Keeper(tmp_path / "data")
    yield made
    made.kill()
    for line in victims.leftovers(made.data):
        psutil.Process(int(line.split()[0])).kill()


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with the run, and leads a session."""
    process = subprocess.Popen(["sleep", "600"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def outcomes(view: RunView) -> dict[str, list[str]]:
    return {task.node: list(task.outcomes) for task in view.tasks if task.runs_code}


def rewrite(path: Path, **fields: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def held_run(keeper: Keeper, place: Path) -> tuple[str, Path]:
    """A run whose task ``held`` goes on, and the directory of that attempt, when everything has been killed."""
    run = keeper.submit(DOCUMENT.replace(b"PLACE", str(place).encode()))
    keeper.until(run, lambda view: outcomes(view).get("beside") == ["SUCCEEDED"] and outcomes(view)["held"] == [""])
    while not (place.parent / f"{place.name}-held").exists():
        time.sleep(0.02)
    keeper.kill()
    for victim in (*victims.runners(keeper.data), *victims.tasks(keeper.data)):
        victim.kill()
    [attempt] = (keeper.data / "runs" / run / "held").iterdir()
    return run, attempt


def count(place: Path, node: str) -> int:
    return len((place.parent / f"{place.name}-{node}").read_text().split())


def test_what_ran_is_lost_and_runs_again_and_nothing_else(keeper: Keeper, tmp_path: Path) -> None:
    place = tmp_path / "mark"
    run, _ = held_run(keeper, place)
    for path in keeper.data.glob("runs/**/1/*"):
        if path.name in {"started", "result.json"}:
            rewrite(path, boot=ANOTHER_BOOT)
    (tmp_path / "mark-go").touch()
    view = keeper.until(run, lambda view: view.has_ended)
    assert view.state == "SUCCEEDED"
    assert outcomes(view) == {
        "done": ["SUCCEEDED"],
        "held": ["LOST", "SUCCEEDED"],
        "beside": ["SUCCEEDED"],
        "later": ["SUCCEEDED"],
    }
    assert [count(place, node) for node in ("done", "held", "beside", "later")] == [1, 2, 1, 1]
    keeper.stop()


def test_a_result_of_another_boot_is_not_trusted(keeper: Keeper, tmp_path: Path) -> None:
    """It may be there while what the task wrote is not."""
    place = tmp_path / "mark"
    run, attempt = held_run(keeper, place)
    [done] = (keeper.data / "runs" / run / "done").iterdir()
    (attempt / "result.json").write_text((done / "result.json").read_text())
    for name in ("started", "result.json"):
        rewrite(attempt / name, boot=ANOTHER_BOOT)
    (tmp_path / "mark-go").touch()
    view = keeper.until(run, lambda view: view.has_ended)
    assert outcomes(view)["held"] == ["LOST", "SUCCEEDED"]
    assert count(place, "held") == 2
    keeper.stop()


@pytest.mark.parametrize("name", ["started", "started, cut off by the fall"])
@pytest.mark.parametrize("same_boot", [True, False], ids=["same-boot", "another-boot"])
def test_a_stranger_with_the_number_of_a_runner_or_task_is_left_alone(
    keeper: Keeper, tmp_path: Path, stranger: subprocess.Popen[bytes], same_boot: bool, name: str
) -> None:
    """A pid is given again: after a restart at once, without one when the numbers are used up."""
    place = tmp_path / "mark"
    run, attempt = held_run(keeper, place)
    if not same_boot:
        rewrite(attempt / "started", boot=ANOTHER_BOOT)
    rewrite(attempt / "started", pid=stranger.pid)
    rewrite(attempt / "running", pid=stranger.pid)
    if name != "started":
        (attempt / "started").write_text("")
    assert os.getsid(stranger.pid) == stranger.pid
    (tmp_path / "mark-go").touch()
    view = keeper.until(run, lambda view: view.has_ended)
    assert outcomes(view)["held"] == ["LOST", "SUCCEEDED"]
    assert stranger.poll() is None
    assert processes.start_time(stranger.pid) is not None
    keeper.stop()
