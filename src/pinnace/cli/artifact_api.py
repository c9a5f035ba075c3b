"""What ``pinnace artifacts`` asks the server."""

import json
from dataclasses import dataclass
from typing import Any, Final

from pinnace.cli.client import Client, segment
from pinnace.cli.exits import CommandError
from pinnace.cli.server_api import find_run, find_task, read_run
from pinnace.cli.task_view import ArtifactView, RunView, TaskView
from pinnace.domain.artifacts import KINDS

_KFP: Final = "/apis/v2beta1/artifacts"
_OWN: Final = "/apis/pinnace/v1/artifacts"
_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class ListedArtifact:
    """A line of the list. What is known depends on what is listed: the task and output of a run, or else the time."""

    artifact_id: str
    name: str
    type: str
    uri: str
    created_at: str | None = None
    task: str | None = None
    output: str | None = None
    size: int | None = None


def newest_artifacts(client: Client, kind: str, name: str, limit: int) -> list[ListedArtifact]:
    """The newest artifacts of the server, whatever run they are of; *kind* and *name* narrow them down."""
    wanted: list[dict[str, Any]] = []
    if kind:
        wanted.append({"operation": "EQUALS", "key": "type", "string_value": short_type(kind)})
    if name:
        wanted.append({"operation": "IS_SUBSTRING", "key": "name", "string_value": name})
    found: list[ListedArtifact] = []
    token = ""
    while len(found) < limit:
        page: Any = client.get(
            _KFP,
            page_size=min(_PAGE, limit - len(found)),
            sort_by="created_at desc",
            filter=json.dumps({"predicates": wanted}),
            page_token=token,
        )
        found += [
            ListedArtifact(item["artifact_id"], item["name"], item["type"], item["uri"], item["created_at"])
            for item in page.get("artifacts", ())
        ]
        token = page.get("next_page_token", "")
        if not token:
            break
    return found


def artifacts_of_run(client: Client, run: str, kind: str, name: str) -> list[ListedArtifact]:
    """What the tasks of a run gave out, results of the cache included, in the order of the tasks."""
    view = read_run(client, find_run(client, run))
    found = [
        ListedArtifact(
            item.id, item.name, short_type(item.type), item.uri, task=task.node, output=output, size=item.size
        )
        for task in view.tasks
        if task.runs_code
        for output, items in task.artifacts.items()
        for item in items
    ]
    return [
        item for item in found if item.type == (short_type(kind) or item.type) and name.lower() in item.name.lower()
    ]


def short_type(kind: str) -> str:
    """A type as the list writes it: ``Model`` for ``system.Model``, any other as it is."""
    return next((short for short, title in KINDS.items() if kind.lower() in {short.lower(), title.lower()}), kind)


def find_artifact(client: Client, text: str) -> str:
    """The id of the artifact that *text* means: an id, RUN/TASK/OUTPUT, or RUN/OUTPUT for an output of the pipeline.

    Raises:
        CommandError: no output fits, or it is a list of artifacts.
    """
    if "/" not in text:
        return text
    run, *task, output = text.split("/")
    view = read_run(client, find_run(client, run))
    owner = find_task(view, "/".join(task)) if task else _root_of(view)
    found = _outputs(owner, output)
    if len(found) > 1:
        ids = ", ".join(item.id for item in found)
        raise CommandError(f"The output {output} is a list of {len(found)} artifacts. Give the id of one: {ids}.")
    return found[0].id


def read_artifact(client: Client, artifact: str) -> dict[str, Any]:
    """An artifact with what made it and what used it."""
    return dict(client.get(f"{_OWN}/{segment(artifact)}"))


def read_lineage(client: Client, artifact: str, direction: str, depth: int) -> dict[str, Any]:
    """The artifacts and tasks around an artifact, in one direction."""
    return dict(client.get(f"{_OWN}/{segment(artifact)}/lineage", direction=direction, depth=depth))


def download_address(artifact: str) -> str:
    """Where an artifact is downloaded from."""
    return f"{_OWN}/{segment(artifact)}:download"


def _root_of(view: RunView) -> TaskView:
    for task in view.tasks:
        if task.is_root:
            return task
    raise CommandError("The run has no outputs yet.")


def _outputs(task: TaskView, output: str) -> list[ArtifactView]:
    found = list(task.artifacts.get(output, ()))
    if not found:
        listed = ", ".join(sorted(task.artifacts)) or "none"
        owner = "The pipeline" if task.is_root else f"The task {task.node}"
        raise CommandError(f"{owner} has no output artifact {output}. Those that it has: {listed}.")
    return found
