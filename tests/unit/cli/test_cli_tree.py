from dataclasses import replace

from pinnace.cli.progress import LineProgress
from pinnace.cli.task_view import RunView, TaskView, duration
from pinnace.cli.tree import Line, fit, lines

ROOT = TaskView(".", None, "pipeline", "DAG", "OPEN", started_at=0.0)


def task(node: str, phase: str, parent: str = ".", kind: str = "CONTAINER", index: int | None = None) -> TaskView:
    return TaskView(node, parent, node.rpartition("/")[2], kind, phase, index=index, started_at=1.0)


def run_of(*tasks: TaskView) -> RunView:
    return RunView("id", "demo", "RUNNING", tasks=(ROOT, *tasks))


def test_children_stand_below_their_group() -> None:
    view = run_of(
        task("load", "SUCCEEDED"), task("check", "OPEN", kind="DAG"), task("check/fit", "RUNNING", parent="check")
    )
    assert [(line.depth, line.text, line.phase) for line in lines(view, now=4.0)] == [
        (0, "load", "SUCCEEDED"),
        (0, "check", "OPEN"),
        (1, "fit", "RUNNING"),
    ]
    assert lines(view, now=4.0)[2].time == "3.0 s"


def test_a_loop_is_one_line_with_counts_and_its_failed_iterations() -> None:
    iterations = [
        task(f"loop[{index}]", phase, parent="loop", kind="DAG", index=index)
        for index, phase in enumerate(["SUCCEEDED", "FAILED", "OPEN", "WAITING"])
    ]
    inner = task("loop[0]/fit", "SUCCEEDED", parent="loop[0]")
    tree = lines(run_of(task("loop", "OPEN", kind="LOOP"), *iterations, inner), now=2.0)
    assert [(line.depth, line.text, line.note) for line in tree] == [
        (0, "loop", "2 of 4 done, 1 running, 1 failed"),
        (1, "[1]", ""),
    ]


def test_a_cache_hit_a_retry_and_an_error_are_noted() -> None:
    view = run_of(
        replace(task("a", "SUCCEEDED"), cached=True),
        replace(task("b", "RUNNING"), outcomes=("FAILED", "")),
        replace(task("c", "FAILED"), error="exit code 3"),
    )
    assert [line.note for line in lines(view, now=2.0)] == ["from the cache", "attempt 2", "exit code 3"]


def test_what_is_over_gives_way_when_the_terminal_is_small() -> None:
    tree = [Line(0, "SUCCEEDED", "a"), Line(0, "RUNNING", "b"), Line(0, "SUCCEEDED", "c"), Line(0, "WAITING", "d")]
    assert fit(tree, 4) == tree
    assert [line.text for line in fit(tree, 3)] == ["(2 more)", "b", "d"]
    running = [Line(0, "RUNNING", str(number)) for number in range(9)]
    assert [line.text for line in fit(running, 3)] == ["(7 more)", "7", "8"]


def test_off_a_terminal_each_change_is_one_line() -> None:
    written: list[str] = []
    progress = LineProgress(written.append)
    with progress:
        progress.show(run_of(task("a", "WAITING")))
        progress.show(run_of(task("a", "RUNNING")))
        progress.show(run_of(task("a", "RUNNING")))
        progress.show(run_of(replace(task("a", "FAILED"), ended_at=3.0, error="exit code 3")))
    assert [line.partition("  ")[2] for line in written] == ["a  running", "a  failed  after 2.0 s: exit code 3"]


def test_durations_in_words() -> None:
    assert [duration(value) for value in (None, 0.04, 9.94, 9.96, 59.4, 59.6, 185, 7800)] == [
        "",
        "0.0 s",
        "9.9 s",
        "10 s",
        "59 s",
        "1 min 00 s",
        "3 min 05 s",
        "2 h 10 min",
    ]
