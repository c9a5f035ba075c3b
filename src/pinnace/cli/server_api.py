"""What the command line asks the server: KFP's API for runs, our extensions for tasks and logs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from pinnace.cli.client import Client, segment
from pinnace.cli.exits import CommandError
from pinnace.cli.pipeline_file import PipelineFile
from pinnace.cli.task_view import ArtifactView, RunView, TaskView
from pinnace.domain.values import JsonObject, JsonValue

_KFP: Final = "/apis/v2beta1"
_OWN: Final = "/apis/pinnace/v1"
_EPOCH: Final = 0.0


def ensure_experiment(client: Client, name: str) -> str:
    """The id of the experiment of that name, which is created if need be; "" (the default one) for no name."""
    if not name:
        return ""
    predicate: JsonValue = {"operation": "EQUALS", "key": "display_name", "string_value": name}
    found = _objects(client.get(f"{_KFP}/experiments", filter=json.dumps({"predicates": [predicate]})), "experiments")
    experiment = found[0] if found else client.post(f"{_KFP}/experiments", {"display_name": name})
    return _text(experiment, "experiment_id")


def create_run(
    client: Client, pipeline: PipelineFile, parameters: JsonObject, name: str, experiment: str, environment: str = ""
) -> str:
    """Submit a run; returns its id."""
    body: JsonObject = {"display_name": name, "pipeline_spec": pipeline.body()}
    if parameters:
        body["runtime_config"] = {"parameters": parameters}
    if experiment:
        body["experiment_id"] = experiment
    headers = {"Pinnace-Environment": environment} if environment else {}
    return _text(client.post(f"{_KFP}/runs", body, headers), "run_id")


def terminate_run(client: Client, run: str) -> None:
    """Ask for a run to be stopped."""
    client.post(f"{_KFP}/runs/{segment(run)}:terminate")


def list_runs(client: Client, limit: int) -> list[RunView]:
    """The newest runs, without their tasks."""
    answer = client.get(f"{_KFP}/runs", page_size=limit, sort_by="created_at desc")
    return [_run(entry, ()) for entry in _objects(answer, "runs")]


def unfinished_runs(client: Client) -> int:
    """How many runs have not ended."""
    count = status(client).get("runs_unfinished", 0)
    return count if isinstance(count, int) else 0


def status(client: Client) -> JsonObject:
    """What the server says of itself."""
    return client.get(f"{_OWN}/status")


def find_run(client: Client, text: str) -> str:
    """The id of the run that *text* means: its id, the beginning of it, or the name of the newest run that has it.

    Raises:
        CommandError: no run fits, or the beginning fits several.
    """
    runs = list_runs(client, 200)
    fitting = [run.id for run in runs if run.id.startswith(text)] or [run.id for run in runs if run.name == text][:1]
    if len(fitting) > 1:
        raise CommandError(f"{len(fitting)} runs begin with {text}. Give more of the id; `pinnace runs` lists them.")
    # An old run is not among the newest ones; the server knows its whole id.
    return fitting[0] if fitting else text


def read_run(client: Client, run: str) -> RunView:
    """A run with all its tasks."""
    # The run first: if it has ended by then, the tasks that are read after it are final.
    row = client.get(f"{_KFP}/runs/{segment(run)}")
    tasks = [_task(entry) for entry in _objects(client.get(f"{_OWN}/runs/{segment(run)}/tasks"), "tasks")]
    return _run(row, tasks)


def stream_of_run(run: str) -> str:
    """The path of the stream that tells what happens in a run."""
    return f"{_OWN}/runs/{segment(run)}/events"


def followed_run(update: JsonObject, tasks: Sequence[TaskView]) -> RunView:
    """The run that a message of its stream tells of, with all its tasks."""
    header = update["run"]
    return _run({**header, "error": header.get("failure")} if isinstance(header, dict) else {}, tasks)


def followed_tasks(update: JsonObject) -> list[TaskView]:
    """The tasks that a message of a run's stream tells of."""
    return [_task(entry) for entry in _objects(update, "tasks")]


def find_task(view: RunView, text: str) -> TaskView:
    """The task that *text* means: its path, or the name or last part of the path where only one task has it.

    Raises:
        CommandError: no task fits, or several do.
    """
    coded = [task for task in view.tasks if task.runs_code]
    for fits in (
        [task for task in coded if task.node == text],
        [task for task in coded if text in (task.name, task.node.rpartition("/")[2])],
    ):
        if len(fits) == 1:
            return fits[0]
        if fits:
            listed = ", ".join(task.node for task in fits[:10])
            raise CommandError(f"Several tasks are called {text}: {listed}. Give the whole path.")
    listed = ", ".join(task.node for task in coded[:20]) or "none yet"
    raise CommandError(f"The run has no task {text}. Its tasks: {listed}.")


def workspace_of(client: Client, run: str) -> str:
    """The directory that the tasks of a run share, if its pipeline asks for one."""
    return _text(client.get(f"{_OWN}/runs/{segment(run)}"), "workspace")


def read_log(client: Client, run: str, node: str, *, follow: bool = False, tail: int | None = None) -> Iterator[bytes]:
    """The log of a task's last attempt, or its last *tail* lines."""
    return client.stream(f"{_OWN}/runs/{segment(run)}/tasks/{segment(node)}/log", **_log_query(follow, tail))


def read_run_log(client: Client, run: str, *, follow: bool = False, tail: int | None = None) -> Iterator[bytes]:
    """The logs of all tasks of a run, or the last *tail* lines of each, with the task in front of each line."""
    return client.stream(f"{_OWN}/runs/{segment(run)}/log", **_log_query(follow, tail))


def _log_query(follow: bool, tail: int | None) -> dict[str, str | int]:
    return {"follow": "true" if follow else "false"} | ({} if tail is None else {"tail": tail})


def _run(entry: JsonObject, tasks: Sequence[TaskView]) -> RunView:
    return RunView(
        id=_text(entry, "run_id"),
        name=_text(entry, "display_name"),
        state=_text(entry, "state"),
        error=_message(entry.get("error")),
        created_at=_time(entry.get("created_at")) or _EPOCH,
        finished_at=_time(entry.get("finished_at")),
        tasks=tasks,
    )


def _task(entry: JsonObject) -> TaskView:
    outputs = entry.get("outputs")
    outputs = outputs if isinstance(outputs, dict) else {}
    parameters = outputs.get("parameters")
    artifacts = outputs.get("artifacts")
    index = entry.get("index")
    parent = entry.get("parent")
    return TaskView(
        node=_text(entry, "node"),
        parent=parent if isinstance(parent, str) and parent else None,
        name=_text(entry, "display_name") or _text(entry, "name"),
        kind=_text(entry, "kind"),
        phase=_text(entry, "phase"),
        index=index if isinstance(index, int) else None,
        started_at=_time(entry.get("started_at")),
        ended_at=_time(entry.get("ended_at")),
        cached=entry.get("cached") is True,
        detail=_text(entry, "detail"),
        error=_message(entry.get("failure") or entry.get("error")),
        outcomes=[_text(attempt, "outcome") for attempt in _objects(entry, "attempts")],
        directories=_directories(_objects(entry, "attempts")),
        parameters=parameters if isinstance(parameters, dict) else {},
        artifacts={key: _artifacts(value) for key, value in artifacts.items()} if isinstance(artifacts, dict) else {},
    )


def _directories(attempts: Sequence[JsonObject]) -> Mapping[int, str]:
    numbered = ((attempt.get("number"), _text(attempt, "directory")) for attempt in attempts)
    return {number: directory for number, directory in numbered if isinstance(number, int) and directory}


def _artifacts(value: JsonValue) -> list[ArtifactView]:
    entries = value if isinstance(value, list) else []
    return [_artifact(entry) for entry in entries if isinstance(entry, dict)]


def _artifact(entry: JsonObject) -> ArtifactView:
    metadata = entry.get("metadata")
    size = entry.get("size")
    return ArtifactView(
        _text(entry, "name"),
        _text(entry, "type"),
        _text(entry, "uri"),
        metadata if isinstance(metadata, dict) else {},
        id=_text(entry, "artifact_id"),
        size=size if isinstance(size, int) else None,
    )


def _objects(answer: Mapping[str, JsonValue], key: str) -> list[JsonObject]:
    value = answer.get(key)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _text(entry: Mapping[str, JsonValue], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def _message(value: JsonValue) -> str:
    if isinstance(value, dict):
        return _text(value, "message")
    return value if isinstance(value, str) else ""


def _time(value: JsonValue) -> float | None:
    """Seconds since the epoch; None for no time, which KFP writes as the epoch itself."""
    if not isinstance(value, str) or not value:
        return None
    return datetime.fromisoformat(value).timestamp() or None
