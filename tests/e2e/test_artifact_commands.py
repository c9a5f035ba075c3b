"""``pinnace artifacts`` and ``pinnace logs`` on a run of a real server, as a user types them."""

import json
from pathlib import Path

import pytest

from pinnace.testing.command import PinnaceCommand

FLOW = """
from kfp import dsl
from kfp.dsl import Dataset, Input, Model, Output

IMAGE = "python:3.12-slim"


@dsl.component(base_image=IMAGE)
def make(data: Output[Dataset]):
    print("making")
    with open(data.path, "w") as file:
        file.write("x,y\\n1,2\\n")


@dsl.component(base_image=IMAGE)
def train(data: Input[Dataset], model: Output[Model]):
    import os

    os.makedirs(f"{model.path}/part")
    with open(f"{model.path}/part/weights", "w") as file:
        file.write("0.5")
    os.symlink("/etc/hostname", f"{model.path}/machine")
    print("training\\ndone")


@dsl.pipeline(name="shop")
def shop() -> Model:
    made = make()
    return train(data=made.outputs["data"]).outputs["model"]
"""


def test_artifacts_and_logs_of_a_run(pinnace: PinnaceCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shop.py").write_text(FLOW)
    pinnace.start()
    assert pinnace("run", tmp_path / "shop.py", "--name", "first").returncode == 0
    assert pinnace("run", tmp_path / "shop.py", "--name", "again").returncode == 0

    of_run = json.loads(pinnace("artifacts", "list", "--run", "again", "--output", "json").stdout)
    assert [(item["task"], item["output"], item["type"]) for item in of_run] == [
        ("make", "data", "Dataset"),
        ("train", "model", "Model"),
    ]
    model = of_run[1]["artifact_id"]
    newest = json.loads(pinnace("artifacts", "list", "--type", "system.Model", "--output", "json").stdout)
    assert [item["artifact_id"] for item in newest] == [model]
    assert json.loads(pinnace("artifacts", "list", "--name", "nothing", "--output", "json").stdout) == []
    assert model in pinnace("artifacts", "list").stdout
    assert pinnace("artifacts", "list", "--run", "first", "--type", "Model").stdout.count("\n") == 2

    shown = pinnace("artifacts", "show", "first/train/model").stdout
    assert f"artifact      {model}\n" in shown
    assert "made by       train (model) in run first" in shown
    assert "reused by     train (model) in run again" in shown
    assert json.loads(pinnace("artifacts", "show", model, "--output", "json").stdout)["type"] == "system.Model"
    tree = pinnace("artifacts", "lineage", "first/make/data").stdout.splitlines()
    assert "made by make in run first" in tree[1]
    assert any("used by train as data in run first" in line for line in tree)
    assert any(f"model: model [Model] {model}" in line for line in tree)
    assert json.loads(pinnace("artifacts", "lineage", model, "--output", "json").stdout)["truncated"] is False

    monkeypatch.chdir(tmp_path)
    done = pinnace("artifacts", "download", "first/model")
    assert done.returncode == 1
    assert "The pipeline has no output artifact model. Those that it has: Output." in done.stderr
    done = pinnace("artifacts", "download", "first/Output")
    assert (done.stdout, done.returncode) == ("model\n", 0)
    assert "link that leads out of the artifact: machine" in done.stderr
    assert (tmp_path / "model/part/weights").read_text() == "0.5"
    assert not (tmp_path / "model/machine").is_symlink()
    assert "exists already" in pinnace("artifacts", "download", model).stderr
    assert pinnace("artifacts", "download", "again/make/data", "-o", "-").stdout == "x,y\n1,2\n"
    missing = pinnace("artifacts", "download", "no-such-id")
    assert (missing.returncode, missing.stderr) == (1, "Error: Artifact no-such-id not found\n")

    whole = pinnace("logs", "first").stdout.splitlines()
    assert whole.index("make | making") < whole.index("train | training")
    ends = pinnace("logs", "first", "--tail", "1").stdout.splitlines()
    assert [line.partition(" | ")[0] for line in ends] == ["make", "train"]
    assert pinnace("logs", "first", "train", "--tail", "1", "-f").stdout.count("\n") == 1
