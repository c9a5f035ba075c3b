from pathlib import Path

from pinnace.cli.results import log_tail, print_results, shorten
from pinnace.cli.task_view import ArtifactView, RunView, TaskView


def test_the_tail_leaves_the_input_of_the_sdk_out() -> None:
    log = b"[KFP Executor INFO]: Got executor_input:\n{\n  {\n  }\n}\nfirst\nsecond\n}\nlast without an end"
    assert log_tail(iter([log[:20], log[20:]]), 20) == ["first", "second", "}", "last without an end"]
    assert log_tail(iter([log]), 2) == ["}", "last without an end"]
    assert log_tail(iter([]), 2) == []


def test_the_tail_of_a_long_log_costs_little() -> None:
    chunks = (b"%d\n" % number for number in range(500_000))
    assert log_tail(chunks, 1) == ["499999"]


def test_results_are_outputs_metrics_and_places() -> None:
    metrics = ArtifactView("metrics", "system.Metrics", "/m", {"accuracy": 0.123456789, "display_name": "metrics"})
    model = ArtifactView("model", "system.Model", str(Path.cwd() / "out" / "model"))
    tasks = (
        TaskView("fit", ".", "fit", "CONTAINER", "SUCCEEDED", artifacts={"metrics": [metrics], "model": [model]}),
        TaskView("say", ".", "say", "CONTAINER", "SUCCEEDED", parameters={"text": "a\nb" + "c" * 200}),
        TaskView("bad", ".", "bad", "CONTAINER", "FAILED", parameters={"text": "no"}),
        TaskView("loop[0]/in", "loop[0]", "in", "CONTAINER", "SUCCEEDED", parameters={"text": "no"}),
        TaskView(".", None, "flow", "DAG", "SUCCEEDED", parameters={"Output": 3}),
    )
    written: list[str] = []
    print_results(RunView("id", "flow", "SUCCEEDED", tasks=tasks), written.append)
    assert [line.split(maxsplit=1) for line in written] == [
        ["pipeline.Output", "3"],
        ["fit.metrics", "accuracy 0.123457"],
        ["fit.model", "out/model"],
        ["say.text", "a b" + "c" * 97 + "… (203 characters)"],
    ]


def test_a_path_elsewhere_stays_whole() -> None:
    assert shorten("s3://bucket/key") == "s3://bucket/key"
    assert shorten("/elsewhere/file") == "/elsewhere/file"
