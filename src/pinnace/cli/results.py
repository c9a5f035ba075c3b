"""What a run has left: why it failed, or what came out of it."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from pinnace.cli.client import Client
from pinnace.cli.server_api import read_log
from pinnace.cli.task_view import ArtifactView, RunView, TaskView
from pinnace.domain.values import JsonValue

_FAILURES: Final = 5
_LOG_LINES: Final = 20
_LOG_BYTES: Final = 1 << 20
_WIDTH: Final = 100
_METRICS: Final = "system.Metrics"
_HIDDEN: Final = frozenset({"display_name", "store_session_info"})


def print_failures(client: Client, run: RunView, write: Callable[[str], None]) -> None:
    """The failed tasks with their errors: of the first one the end of its log, of some more the last line."""
    failed = run.failed_tasks()
    for position, task in enumerate(failed[:_FAILURES]):
        write(f"\n{task.node} failed: {task.error}")
        tail = log_tail(read_log(client, run.id, task.node), 1 if position else _LOG_LINES) if task.attempts else []
        for line in tail:
            write(f"  | {line}")
        if tail:
            write(f"All of its log: pinnace logs {run.id} {task.node}")
        if tail and not position:
            write(f"In a debugger:  pinnace debug {run.id} {task.node}")
    if len(failed) > _FAILURES:
        write(f"\n{len(failed) - _FAILURES} more tasks failed.")
    if not failed and run.error:
        write(f"\n{run.error}")


def log_tail(chunks: Iterator[bytes], count: int) -> list[str]:
    """The last *count* lines, without holding more than two megabytes.

    The SDK's executor begins each log with its whole input, which would fill the lines and says nothing of a failure:
    it is left out.
    """
    kept = bytearray()
    for chunk in chunks:
        kept += chunk
        if len(kept) > 2 * _LOG_BYTES:
            del kept[:-_LOG_BYTES]
    lines: list[str] = []
    inside = False
    for line in kept.decode("utf-8", "replace").splitlines():
        begins = line.endswith("Got executor_input:")
        if not inside and not begins:
            lines.append(line)
        inside = begins or (inside and line != "}")
    return lines[-count:]


def print_results(run: RunView, write: Callable[[str], None]) -> None:
    """Outputs of the pipeline, metrics, values and files of the tasks."""
    rows = list(_rows(run))
    width = max((len(label) for label, _ in rows), default=0)
    for label, text in rows:
        write(f"  {label:<{width}}  {text}")


def _rows(run: RunView) -> Iterator[tuple[str, str]]:
    for task in sorted(run.tasks, key=lambda task: (not task.is_root, task.ended_at or 0.0)):
        if task.phase != "SUCCEEDED" or not (task.runs_code or task.is_root) or "[" in task.node:
            continue
        yield from _outputs(task)


def _outputs(task: TaskView) -> Iterator[tuple[str, str]]:
    owner = "pipeline" if task.is_root else task.name
    for name, value in sorted(task.parameters.items()):
        yield f"{owner}.{name}", _short(value)
    for name, artifacts in sorted(task.artifacts.items()):
        for artifact in artifacts:
            yield f"{owner}.{name}", _describe(artifact)


def _describe(artifact: ArtifactView) -> str:
    told = {key: value for key, value in sorted(artifact.metadata.items()) if key not in _HIDDEN}
    if artifact.type == _METRICS and told:
        return ", ".join(f"{key} {_short(value)}" for key, value in told.items())
    return shorten(artifact.uri)


def shorten(uri: str) -> str:
    """A path below the working directory as a relative one; anything else as it is."""
    return uri.removeprefix(f"{Path.cwd()}{os.sep}")


def _short(value: JsonValue) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}… ({len(text)} characters)"
