"""Every feature of the engine, proved on a real server: compiled by the installed SDK, run, and the values checked.

All runs are submitted at once when the module begins; each test waits for its own.
"""

import ast
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from pinnace.cli.task_view import TaskView

WAIT_SECONDS = 240.0


def out(tasks: Mapping[str, TaskView], node: str, key: str = "out") -> Any:
    return tasks[node].parameters[key]


def with_deadline(document: dict[str, Any]) -> list[Any]:
    """The platform configuration that kfp-kubernetes writes for ``set_timeout``."""
    executors = {"exec-wait": {"activeDeadlineSeconds": "1"}}
    return [document, {"platforms": {"kubernetes": {"deploymentSpec": {"executors": executors}}}}]


def with_literals(document: dict[str, Any]) -> list[Any]:
    """``literals``, which newer compilers write for ``typing.Literal``."""
    for name, component in document["components"].items():
        if name.startswith("comp-choose"):
            component["inputDefinitions"]["parameters"]["mode"]["literals"] = ["slow", "fast"]
    return [document]


@pytest.fixture(scope="module")
def features(run_bench: Any) -> Any:
    """The server with all runs under way; those that tests act upon first."""
    _submit_all(run_bench)
    return run_bench


def _submit_all(features: Any) -> None:
    words = features.marks("import") / "words.txt"
    words.write_text("three words here")
    uris = [str(features.marks("import") / name) for name in "ab"]
    for uri in uris:
        Path(uri).write_text(uri[-1])
    rules: dict[str, dict[str, Any]] = {
        "stopped": {},
        "later": {"path": str(features.marks("later") / "flag")},
        "cached": {},
        **{
            name: {"directory": str(features.marks(name))} for name in ("order", "one_at_a_time", "retries", "given_up")
        },
        "types": {"i": 7, "f": 2.5, "s": "5", "items": [1, "a", {"b": None}]},
        "collected": {},
        "run_deadline": {},
        "broken_outputs": {},
        "fail_fast": {"path": str(features.folder / "nothing")},
        "imported": {"uri": str(words), "uris": uris},
        "lost_import": {"uri": str(features.folder / "nothing")},
        "placeholders": {},
    }
    for name, arguments in rules.items():
        features.submit(name, "rules", name, **arguments)
    features.submit("task_deadline", "rules", "task_deadline", with_deadline)
    features.submit("doomed", "rules", "task_deadline")
    features.submit("literals", "rules", "literals", with_literals)
    features.submit("heads", "control_flow", "conditions")
    features.submit("edge", "control_flow", "conditions", side="it's an edge", threshold=9, flag=False)
    features.submit("tails", "control_flow", "artifact_choice", side="tails")
    for name in ("loops", "artifact_loop", "exit_handlers", "ignore_failure"):
        features.submit(name, "control_flow", name)
    for name in ("nested", "optional_inputs", "texts"):
        features.submit(name, "nesting", name)
    features.submit("run_context", "containers", "run_context")
    for name in ("metrics", "workspace", "assets"):
        features.submit(name, "artifacts", name)


def test_tasks_wait_for_what_they_name_and_for_what_they_take(features: Any) -> None:
    features.ended("order")
    notes = (features.marks("order") / "notes").read_text().splitlines()
    assert notes == [f"{name} {what}" for name in ("first", "second", "third") for what in ("begins", "ends")]


def test_parameters_of_every_type_arrive_as_they_are(features: Any) -> None:
    tasks = features.ended("types")
    values = "7|2.5|'5'|False|[1, 'a', {'b': None}]|{'k': [1.5, True]}|'default'"
    assert out(tasks, ".", "Output") == values


def test_a_value_that_is_none_of_the_literals_fails_its_task(features: Any) -> None:
    tasks = features.ended("literals", "FAILED")
    assert out(tasks, "choose") == "slow"
    assert 'value "medium" does not match any of the allowed literal values: "slow", "fast"' in tasks["choose-2"].error


def test_defaults_and_optional_inputs(features: Any) -> None:
    tasks = features.ended("optional_inputs")
    assert out(tasks, "describe", "Output") == "none|None|2|None|None|fast|True"
    assert out(tasks, "describe-2", "Output") == "hello|None|2|None|None|slow|True"
    _, _, ratio, mapping, names, _, absent = out(tasks, "describe-3", "Output").split("|")
    assert (ratio, ast.literal_eval(mapping), names, absent) == ("3", {"a": 1, "b": [True, 1.5]}, "['x', 2]", "False")


def test_texts_are_put_together_and_quotes_survive(features: Any) -> None:
    tasks = features.ended("texts")
    assert out(tasks, "describe", "Output").startswith('it\'s "quoted" has 5|')
    tags = {"on": "yes", "when": "2020-01-01", "number": "1e5", "name": 'it\'s "quoted"'}
    text, _, _, mapping, *_ = out(tasks, "describe-2", "Output").split("|")
    assert (text, ast.literal_eval(mapping)) == ("2020-01-01", tags)


def test_one_branch_of_a_condition_runs_and_one_of_gives_its_value(features: Any) -> None:
    tasks = features.ended("heads")
    assert out(tasks, ".", "Output") == "heads"
    branches = [task for task in tasks.values() if task.parent == "condition-branches-1"]
    assert sorted(task.phase for task in branches) == ["SKIPPED", "SKIPPED", "SUCCEEDED"]
    assert all("does not hold" in task.detail for task in branches if task.phase == "SKIPPED")
    said = {task.parameters["Output"] for task in tasks.values() if task.name.startswith("say") and task.parameters}
    assert said == {"heads", "large", "fast"}


def test_elif_with_a_quote_in_its_literal(features: Any) -> None:
    tasks = features.ended("edge")
    assert out(tasks, ".", "Output") == "edge"
    said = [task.parameters["Output"] for task in tasks.values() if task.name.startswith("say") and task.parameters]
    assert said == ["edge"]


def test_one_of_gives_an_artifact(features: Any) -> None:
    tasks = features.ended("tails")
    (chosen,) = tasks["."].artifacts["Output"]
    assert Path(chosen.uri).read_text() == "t"


def test_loops_over_inputs_outputs_and_constants_nested_too(features: Any) -> None:
    tasks = features.ended("loops")
    assert (out(tasks, ".", "total"), out(tasks, ".", "joined")) == (12, "a,a,b,b")
    pairs = [task.parameters["Output"] for node, task in sorted(tasks.items()) if task.name == "pair"]
    assert pairs == ["1-a", "1-b", "2-a", "2-b"]
    said = {task.parameters["Output"] for task in tasks.values() if task.name.startswith("say")}
    assert said == {"1", "2", "a", "b", "x", "y"}


def test_a_loop_keeps_to_its_parallelism_and_order(features: Any) -> None:
    features.ended("one_at_a_time")
    notes = (features.marks("one_at_a_time") / "notes").read_text().splitlines()
    assert notes == [f"{name} {what}" for name in "abc" for what in ("begins", "ends")]


def test_collected_keeps_order_and_leaves_out_what_was_skipped(features: Any) -> None:
    tasks = features.ended("collected")
    assert out(tasks, "show") == "[1,2,3]"
    assert out(tasks, "show-2") == "[1,3]"
    assert out(tasks, "show-3") == '[["1x","1y"],["2x","2y"],["3x","3y"]]'
    assert out(tasks, "show-4") == "[]"


def test_a_loop_over_artifacts_and_an_output_that_is_a_list_of_them(features: Any) -> None:
    tasks = features.ended("artifact_loop")
    read = [task.parameters["Output"] for node, task in sorted(tasks.items()) if task.name == "read"]
    assert read == ["a", "b", "c"]


def test_an_exit_task_runs_after_a_failure_and_is_told_of_it(features: Any) -> None:
    tasks = features.ended("exit_handlers", "FAILED")
    assert tasks["report"].phase == "SUCCEEDED"
    log = features.log("exit_handlers", "report")
    assert "done FAILED" in log
    assert "on purpose" in log
    assert "on purpose" in features.error("exit_handlers")
    assert [task.phase for task in tasks.values() if task.name == "say-2"] == ["SKIPPED"]


def test_a_task_that_ignores_failures_upstream_runs(features: Any) -> None:
    tasks = features.ended("ignore_failure", "FAILED")
    assert out(tasks, "number", "Output") == 1


def test_after_a_failure_nothing_more_of_its_dag_begins(features: Any) -> None:
    tasks = features.ended("fail_fast", "FAILED")
    assert (tasks["wait"].phase, tasks["need"].phase, tasks["emit"].phase) == ("SUCCEEDED", "FAILED", "SKIPPED")


def test_retries_of_tasks_of_nested_pipelines_and_in_loops(features: Any) -> None:
    tasks = features.ended("retries")
    assert tasks["succeed-at"].outcomes == ["FAILED", "SUCCEEDED"]
    inner = "inner-retried"
    assert tasks[f"{inner}/succeed-at"].outcomes == ["SUCCEEDED"]
    assert tasks[f"{inner}/succeed-at-2"].outcomes == ["FAILED", "FAILED", "SUCCEEDED"]
    assert out(tasks, ".", "Output") == "3"
    assert [task.attempts for task in tasks.values() if task.runs_code and task.node.startswith("for-loop")] == [2, 2]


def test_retries_come_to_an_end(features: Any) -> None:
    tasks = features.ended("given_up", "FAILED")
    assert tasks["succeed-at"].outcomes == ["FAILED"] * 3


def test_a_nested_pipeline_used_twice(features: Any) -> None:
    tasks = features.ended("nested")
    assert out(tasks, ".", "Output") == 19
    assert (out(tasks, "inner-sum", "Output"), out(tasks, "inner-sum-2", "Output")) == (12, 18)
    assert out(tasks, "inner-sum-2/add", "Output") == 17


def test_a_task_that_misses_its_deadline_fails(features: Any) -> None:
    tasks = features.ended("task_deadline", "FAILED")
    assert "deadline of 1" in tasks["wait"].error


def test_a_run_that_misses_its_deadline_fails(features: Any) -> None:
    tasks = features.ended("run_deadline", "FAILED")
    assert tasks["wait"].phase == "CANCELED"
    assert features.error("run_deadline") == "The run did not end within its deadline of 1 seconds."


def test_a_terminated_run_ends_what_runs_and_still_runs_its_exit_task(features: Any) -> None:
    node = "exit-handler-1/wait"
    features.until("stopped", lambda run: any(task.node == node and task.phase == "RUNNING" for task in run.tasks))
    features.client.terminate_run(features.runs["stopped"])
    tasks = features.ended("stopped", "FAILED")
    assert "Terminated by" in features.error("stopped")
    assert (tasks[node].phase, tasks["exit-handler-1/emit"].phase) == ("CANCELED", "CANCELED")
    assert out(tasks, "outcome", "Output").startswith("CANCELED|")


def test_a_retried_run_repeats_only_what_did_not_succeed(features: Any) -> None:
    assert features.ended("later", "FAILED")["emit-2"].phase == "SKIPPED"
    (features.marks("later") / "flag").touch()
    features.client._run_api.run_service_retry_run(run_id=features.runs["later"])
    tasks = features.ended("later")
    outcomes = {node: tasks[node].outcomes for node in ("emit", "need", "emit-2")}
    assert outcomes == {"emit": ["SUCCEEDED"], "need": ["FAILED", "SUCCEEDED"], "emit-2": ["SUCCEEDED"]}


def test_a_run_that_is_deleted_while_it_runs_leaves_no_process_and_no_files(features: Any) -> None:
    features.until("doomed", lambda run: any(task.node == "wait" and task.phase == "RUNNING" for task in run.tasks))
    run = features.runs["doomed"]
    files = features.data / "runs" / run
    inside = [process for process in psutil.process_iter() if str(files) in _directory(process)]
    assert inside
    features.client.delete_run(run)
    deadline = time.monotonic() + WAIT_SECONDS
    while files.exists():
        assert time.monotonic() < deadline, list(files.rglob("*"))
        time.sleep(0.1)
    assert not any(process.is_running() for process in inside)


def _directory(process: psutil.Process) -> str:
    try:
        return str(process.cwd())
    except psutil.Error:
        return ""


def test_outputs_must_be_there_and_of_their_type(features: Any) -> None:
    tasks = features.ended("broken_outputs", "FAILED")
    assert tasks["lazy"].error == 'The task ended without writing its output parameter "out".'
    assert 'The task wrote a wrong output parameter "out"' in tasks["wrong"].error


def test_importers_with_runtime_uris_and_in_loops(features: Any) -> None:
    tasks = features.ended("imported")
    copied = {task.node: task.parameters["out"] for task in tasks.values() if "copy" in task.node}
    assert copied == {
        "copy": "three words here",
        "copy-2": "three words here",
        "for-loop-1[0]/copy-3": "a",
        "for-loop-1[1]/copy-3": "b",
    }
    (given,) = tasks["importer"].artifacts["artifact"]
    assert (given.type, given.metadata["rows"]) == ("system.Dataset", 3)


def test_an_import_of_nothing_fails(features: Any) -> None:
    tasks = features.ended("lost_import", "FAILED")
    assert "There is nothing at" in tasks["importer"].error


def test_the_cache_by_content_by_key_and_switched_off_at_every_level(features: Any) -> None:
    first = features.ended("cached")
    assert not any(task.cached for task in first.values())
    features.submit("again", "rules", "cached", other="changed")
    features.submit("off", "rules", "cached", caching=False)
    again, off = features.ended("again"), features.ended("off")
    assert [node for node, task in sorted(again.items()) if task.cached] == ["emit", "emit-3", "inner-cached/emit"]
    assert out(again, "emit-3") == "b"
    assert not any(task.cached for task in off.values())


def test_placeholders_of_the_run(features: Any) -> None:
    tasks = features.ended("run_context")
    name, resource, run, task, task_id, created, scheduled, root = out(tasks, "context", "Output").split("|")
    assert (name, run, task) == ("run_context", features.runs["run_context"], "context")
    assert resource.startswith("run-context-")
    assert len(task_id) == 36
    assert created == scheduled
    assert created.endswith("Z")
    assert root.endswith(f"/run-context/{run}")


def test_concat_if_present_and_text_in_constants(features: Any) -> None:
    tasks = features.ended("placeholders")
    assert out(tasks, "words") == "<--name=ana!><--silent><--end>"
    assert out(tasks, "words-2") == "<--name=ana!><--greeting><hello, ana><--end>"
    assert out(tasks, "environment") == "fast"
    assert out(tasks, "emit") == 'ana\'s "run" placeholders'


def test_metrics_and_pages_are_published(features: Any) -> None:
    artifacts = features.ended("metrics")["evaluate"].artifacts
    assert artifacts["metrics"][0].metadata["accuracy"] == 0.5
    assert artifacts["metrics"][0].metadata["rows"] == 10
    assert artifacts["curve"][0].metadata["confusionMatrix"]
    assert Path(artifacts["page"][0].uri).read_text() == "<p>done</p>"


def test_the_workspace_of_a_run(features: Any) -> None:
    place = Path(out(features.ended("workspace"), "store", "Output"))
    assert place == features.data / "workspaces" / features.runs["workspace"]
    assert (place / "note.txt").read_text() == "kept"


def test_embedded_files_notebooks_and_the_configuration_of_a_task(features: Any) -> None:
    tasks = features.ended("assets")
    assert out(tasks, "embedded", "Output") == 3
    assert tasks["notebook"].phase == "SUCCEEDED"
    assert "'cpu': '1'" in out(tasks, "configured", "Output")
