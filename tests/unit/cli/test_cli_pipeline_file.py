import sys
from pathlib import Path
from textwrap import dedent

import pytest

from pinnace.cli.exits import CommandError
from pinnace.cli.pipeline_file import load_pipeline, user_python, without_cache
from pinnace.domain.values import JsonObject

TWO_PIPELINES = """
    from kfp import dsl

    @dsl.component(base_image="python:3.12")
    def say(text: str) -> str:
        return text

    @dsl.pipeline
    def first(text: str):
        say(text=text)

    @dsl.pipeline
    def second():
        say(text="b")
"""


def write(directory: Path, text: str, name: str = "flow.py") -> Path:
    path = directory / name
    path.write_text(dedent(text))
    return path


def load(path: Path, function: str = "") -> JsonObject:
    return load_pipeline(path, function, sys.executable).spec


def name_of(spec: JsonObject) -> object:
    information = spec["pipelineInfo"]
    return information["name"] if isinstance(information, dict) else None


def test_the_only_pipeline_of_a_file_is_compiled(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "GREETING = 'hello'", "my_words.py")
    path = write(
        tmp_path,
        TWO_PIPELINES.replace('@dsl.pipeline\n    def second():\n        say(text="b")', "")
        + """
    import my_words
    print(my_words.GREETING)
    """,
    )
    assert name_of(load(path)) == "first"
    captured = capfd.readouterr()
    assert captured.out == ""
    assert "hello" in captured.err


def test_one_of_several_is_chosen_by_its_function(tmp_path: Path) -> None:
    path = write(tmp_path, TWO_PIPELINES)
    with pytest.raises(CommandError, match=r"defines first, second\. Choose one: --function NAME\."):
        load(path)
    with pytest.raises(CommandError, match=r"has no pipeline or component third\. It defines first, second\."):
        load(path, "third")
    assert name_of(load(path, "second")) == "second"
    assert name_of(load(path, "say")) == "say"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "defines no pipeline: no function in it carries @dsl.pipeline or @dsl.component"),
        ("import kfp\n\nimport no_such_module_anywhere", r"line 3: ModuleNotFoundError: No module named"),
        ("def broken(:\n    pass", r"line 1: SyntaxError"),
        ("raise SystemExit(3)", r"ends the program \(exit code 3\)"),
        (
            (
                "from kfp import dsl\n@dsl.component(base_image='python:3.12')\ndef f(a: int): pass\n"
                "@dsl.pipeline\ndef p():\n    f()\n"
            ),
            r"could not be imported: line \d+: TypeError.*missing 1 required argument",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        load(write(tmp_path, text))


def test_a_python_without_kfp_is_named(tmp_path: Path) -> None:
    python = write(tmp_path, f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n', "python")
    python.chmod(0o755)
    with pytest.raises(CommandError, match=r"has no kfp .*pip install kfp"):
        load_pipeline(write(tmp_path, TWO_PIPELINES), "first", str(python))


def test_a_python_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be started"):
        load_pipeline(write(tmp_path, TWO_PIPELINES), "first", str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("p.yaml", "a: ]", "line 1 is not valid YAML"),
        ("p.json", "[]", "is not a compiled pipeline"),
        ("p.yaml", "", "is not a compiled pipeline"),
        ("p.yaml", "pipelineInfo: {}\n---\npipelineInfo: {}", "must hold one pipeline"),
        ("p.yaml", "kind: Workflow\nspec: {}", "is an Argo workflow, as kfp 1 compiles"),
        ("p.txt", "", "is neither a .py file nor a compiled pipeline"),
    ],
)
def test_a_file_that_is_no_pipeline_is_refused(tmp_path: Path, name: str, content: str, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        load(write(tmp_path, content, name))


def test_the_platform_document_goes_along(tmp_path: Path) -> None:
    both = load_pipeline(write(tmp_path, "pipelineInfo: {name: a}\n---\nplatforms: {kubernetes: {}}", "p.yaml"), "", "")
    assert both.body() == {
        "pipeline_spec": {"pipelineInfo": {"name": "a"}},
        "platform_spec": {"platforms": {"kubernetes": {}}},
    }
    envelope = load_pipeline(write(tmp_path, '{"pipeline_spec": {"pipelineInfo": {"name": "b"}}}', "p.json"), "", "")
    assert envelope.name == "b"
    assert envelope.body() == {"pipelineInfo": {"name": "b"}}


def test_the_cache_is_switched_off_at_every_level(tmp_path: Path) -> None:
    document = """
        root: {dag: {tasks: {a: {cachingOptions: {enableCache: true}}}}}
        components:
          comp-a: {dag: {tasks: {b: {}}}}
          comp-b: {executorLabel: exec-b}
    """
    changed = without_cache(load_pipeline(write(tmp_path, document, "p.yaml"), "", ""))
    off = {"cachingOptions": {"enableCache": False}}
    assert changed.spec == {
        "root": {"dag": {"tasks": {"a": off}}},
        "components": {"comp-a": {"dag": {"tasks": {"b": off}}}, "comp-b": {"executorLabel": "exec-b"}},
    }


def test_the_python_of_the_active_environment_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    assert user_python("") == sys.executable
    inside = tmp_path / "bin" / "python"
    inside.parent.mkdir()
    inside.touch()
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path))
    assert user_python("") == str(inside)
    other = tmp_path / "other"
    other.write_text("")
    other.chmod(0o755)
    assert user_python(str(other)) == str(other)
    with pytest.raises(CommandError, match="is not a program"):
        user_python(str(tmp_path / "nowhere"))
