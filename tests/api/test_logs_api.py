"""Logs of attempts and of whole runs, and the addresses at which upstream's clients look for them."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient
from tests.api.conftest import KFP, OURS, SPEC, World, served

from pinnace.api.extensions.log_stream import CHUNK, tail_offset
from pinnace.domain.ids import NodeId, RunId, task_uuid
from pinnace.domain.states import AttemptOutcome, RunState
from pinnace.domain.tasks import AttemptRecord, TaskRecord
from pinnace.domain.values import Instant
from pinnace.ports.store import LogAppend, RunProgress
from pinnace.testing.records import a_task, some_events


@dataclass
class Story:
    """A run whose tasks and logs a test writes."""

    world: World
    run: RunId
    sequence: int = 1

    def tell(self, *tasks: TaskRecord, state: RunState | None = None) -> None:
        """Write the tasks as they are now, and the state of the run."""
        progress = RunProgress(state) if state is not None else None
        with self.world.store.write() as uow:
            uow.log.append(
                LogAppend(self.run, self.sequence, some_events(self.sequence + 1, 1), progress, tasks=list(tasks))
            )
        self.sequence += 1

    def task(self, node: str, *begun: int, ended: bool = True) -> TaskRecord:
        """A task with an attempt for each time at which one began; the last one may go on."""
        attempts = [AttemptRecord(n, Instant(at), Instant(at), Instant(at + 1)) for n, at in enumerate(begun, 1)]
        if not ended:
            attempts[-1] = replace(attempts[-1], ended_at=None)
        return replace(a_task(self.run, node), attempts=tuple(attempts))

    def log(self, node: str, attempt: int = 1) -> Path:
        return self.world.logs.attempt_log(self.run, NodeId(node), attempt)


@pytest.fixture
def story(world: World) -> Story:
    body = {"display_name": "one", "pipeline_spec": SPEC, "runtime_config": {"parameters": {"who": "you"}}}
    return Story(world, RunId(world.client().post(f"{KFP}/runs", json=body).json()["run_id"]))


def test_a_tail_begins_at_a_line(tmp_path: Path) -> None:
    path = tmp_path / "log"
    lines = [b"x" * (37 * n % 1000) + b"\n" for n in range(1000)]
    for content in (b"".join(lines), b"".join(lines) + b"no end", b"x" * 3 * CHUNK, b"\n" * CHUNK, b"one", b""):
        path.write_bytes(content)
        for count in (0, 1, 2, 500, 999, 1000, 1001, 5000):
            kept = content.splitlines(keepends=True)
            assert content[tail_offset(path, count) :] == b"".join(
                kept[len(kept) - count :] if count < len(kept) else kept
            )
    assert tail_offset(tmp_path / "none", 3) == 0


def test_the_end_of_a_log_and_the_file(client: TestClient, story: Story) -> None:
    story.tell(story.task("loop[0]/fit", 1, 5))
    story.log("loop[0]/fit").write_text("first\n")
    story.log("loop[0]/fit", 2).write_text("one\ntwo\nthree\n")
    url = f"{OURS}/runs/{story.run}/tasks/loop%5B0%5D/fit/log"
    end = client.get(url, params={"tail": 2})
    assert (end.text, end.headers["x-pinnace-log-offset"], end.headers["x-pinnace-attempt"]) == (
        "two\nthree\n",
        "4",
        "2",
    )
    assert "content-disposition" not in end.headers
    assert client.get(url, params={"tail": 2, "offset": 9}).text == "hree\n"
    assert client.get(url, params={"tail": 0}).text == ""
    assert client.get(url, params={"tail": -1}).status_code == 400
    saved = client.get(url, params={"download": True, "attempt": 1})
    assert saved.text == "first\n"
    assert saved.headers["content-disposition"] == 'attachment; filename="loop[0]_fit-1.log"'


def test_the_log_of_a_run_has_every_attempt_in_the_order_in_which_they_began(client: TestClient, story: Story) -> None:
    story.tell(story.task("b", 3, 9), story.task("a", 4), story.task("c", 1, ended=False), story.task("silent", 2))
    story.log("b", 1).write_bytes(b"tried\n\nfailed")
    story.log("b", 2).write_bytes(b"again\n")
    story.log("a").write_bytes(b"\xff\rhello\n")
    story.log("c").write_bytes(b"going on")
    answer = client.get(f"{OURS}/runs/{story.run}/log")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.content.split(b"\n") == [
        b"c | going on",
        b"b | tried",
        b"b | ",
        b"b | failed",
        b"a | \xff\rhello",
        b"b (attempt 2) | again",
        b"",
    ]
    cut = client.get(f"{OURS}/runs/{story.run}/log", params={"tail": 1, "download": True})
    assert cut.content.split(b"\n")[1:3] == [b"b | failed", b"a | \xff\rhello"]
    assert cut.headers["content-disposition"] == f'attachment; filename="{story.run}.log"'
    assert client.get(f"{OURS}/runs/none/log").status_code == 404


def test_a_line_without_end_is_broken(client: TestClient, story: Story) -> None:
    story.tell(story.task("a", 1))
    story.log("a").write_bytes(b"x" * (CHUNK + 10) + b"\nnext\n")
    lines = client.get(f"{OURS}/runs/{story.run}/log").text.split("\n")
    assert lines == [f"a | {'x' * CHUNK}", f"a | {'x' * 10}", "a | next", ""]


def test_a_run_is_followed_until_it_ends(world: World, story: Story) -> None:
    story.tell(story.task("a", 1, ended=False))
    story.log("a").write_text("one\nhalf")
    with (
        served(world.app()) as address,
        httpx2.Client(base_url=address, timeout=60) as client,
        client.stream("GET", f"{OURS}/runs/{story.run}/log", params={"follow": "true"}) as stream,
    ):
        lines = stream.iter_lines()
        assert next(lines) == "a | one"
        story.log("b").write_text("from b\n")
        story.tell(story.task("b", 2, ended=False))
        assert next(lines) == "b | from b"
        with story.log("a").open("a") as file:
            file.write(" a line\nlast words")
        assert next(lines) == "a | half a line"
        story.tell(story.task("a", 1))
        assert next(lines) == "a | last words"
        with story.log("b").open("a") as file:
            file.write("cut off")
        story.tell(state=RunState.CANCELED)
        assert list(lines) == ["b | cut off"]


def test_following_ends_when_the_run_is_deleted(world: World, story: Story) -> None:
    story.tell(story.task("a", 1, ended=False))
    story.log("a").write_text("one\n")
    with (
        served(world.app()) as address,
        httpx2.Client(base_url=address, timeout=60) as client,
        client.stream("GET", f"{OURS}/runs/{story.run}/log", params={"follow": "true"}) as stream,
    ):
        lines = stream.iter_lines()
        assert next(lines) == "a | one"
        world.runs.delete(story.run)
        assert list(lines) == []


def test_a_pod_is_an_attempt_of_a_task(client: TestClient, story: Story) -> None:
    failed = replace(story.task("loop[0]/fit", 1, 5).attempts[0], outcome=AttemptOutcome.FAILED)
    task = story.task("loop[0]/fit", 1, 5)
    story.tell(replace(task, attempts=(failed, task.attempts[1])))
    for number in (1, 2):
        story.log("loop[0]/fit", number).write_text(f"try {number}\n")

    def get(**params: Any) -> Any:
        return client.get("/k8s/pod/logs", params={"runid": story.run, **params})

    shown = client.get(f"{KFP}/runs/{story.run}").json()["run_details"]["task_details"][0]["executor_detail"]
    assert get(podname=shown["main_job"]).text == "try 2\n"
    assert get(podname=shown["failed_main_jobs"][0], podnamespace="kubeflow", createdat="x").text == "try 1\n"
    for name in ("loop[0]/fit", task_uuid(story.run, NodeId("loop[0]/fit"))):
        assert get(podname=name).text == "try 2\n"
    assert [get(podname=name).status_code for name in ("none", "loop[0]/fit/3", "loop[0]", "1", "/1")] == [404] * 5
    assert client.get("/k8s/pod/logs", params={"podname": "fit"}).status_code == 400


def test_the_addresses_of_upstream_follow(world: World, story: Story) -> None:
    story.tell(story.task("a", 1, ended=False))
    story.log("a").write_text("one\n")
    pod = f"/k8s/pod/logs?podname=a&runid={story.run}&follow=true"
    with (
        served(world.app()) as address,
        httpx2.Client(base_url=address, timeout=60) as client,
        client.stream("GET", f"/apis/v1alpha1/runs/{story.run}/nodes/a/log", params={"follow": "true"}) as kfp,
        client.stream("GET", pod) as ui,
    ):
        followed = [kfp.iter_lines(), ui.iter_lines()]
        assert [next(lines) for lines in followed] == ["one", "one"]
        with story.log("a").open("a") as file:
            file.write("two\n")
        assert [next(lines) for lines in followed] == ["two", "two"]
        story.tell(story.task("a", 1))
        assert [list(lines) for lines in followed] == [[], []]
