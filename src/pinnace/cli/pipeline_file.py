"""From a file on disk to a pipeline document: compiled by the user's Python, or read as it is."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from pinnace.cli.exits import CommandError
from pinnace.domain.values import JsonObject, JsonValue

_SCRIPT: Final = Path(__file__).with_name("compile_script.py")
_DOCUMENTS: Final = {".yaml", ".yml", ".json"}


@dataclass(frozen=True, slots=True)
class PipelineFile:
    """A pipeline as it is sent: the PipelineSpec, and the platform spec where there is one."""

    spec: JsonObject
    platform: JsonObject | None = None

    @property
    def name(self) -> str:
        """The pipeline's own name."""
        information = self.spec.get("pipelineInfo")
        name = information.get("name") if isinstance(information, dict) else None
        return name if isinstance(name, str) else "pipeline"

    def body(self) -> JsonObject:
        """The value of ``pipeline_spec`` in a request."""
        return self.spec if self.platform is None else {"pipeline_spec": self.spec, "platform_spec": self.platform}


def user_python(choice: str) -> str:
    """The interpreter that has the user's packages: *choice*, else the active virtual environment, else ours.

    A choice may be a program on the PATH, a file, or the directory of a virtual environment. Raises CommandError for
    one that does not exist.
    """
    if choice:
        path = Path(choice, "bin", "python") if Path(choice).is_dir() else Path(choice)
        found = shutil.which(path)
        if found is None:
            raise CommandError(
                f"--python: {path} is not a program. Give the path of a Python or of a virtual environment."
            )
        return str(Path(found).absolute())
    active = os.environ.get("VIRTUAL_ENV", "")
    inside = Path(active, "bin", "python")
    return str(inside) if active and inside.exists() else sys.executable


def load_pipeline(path: Path, function: str, python: str) -> PipelineFile:
    """Read a compiled pipeline, or compile one.

    Raises:
        CommandError: the file is missing or of another kind, does not import, or does not compile.
    """
    if not path.is_file():
        raise CommandError(
            f"There is no file {path}. Give a .py file with a pipeline, or a compiled .yaml or .json file."
        )
    if path.suffix == ".py":
        with tempfile.TemporaryDirectory(prefix="pinnace-") as directory:
            compiled = Path(directory, "pipeline.yaml")
            _compile(path, compiled, function, python)
            return read_document(compiled, shown=path)
    if path.suffix not in _DOCUMENTS:
        raise CommandError(f"{path} is neither a .py file nor a compiled pipeline (.yaml, .yml, .json).")
    if function:
        raise CommandError(f"--function chooses a function of a .py file; {path} is compiled already.")
    return read_document(path, shown=path)


def read_document(path: Path, shown: Path) -> PipelineFile:
    """Split a compiled file into its documents. What stands in them is judged by the server."""
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        documents = [part for part in yaml.load_all(path.read_bytes(), loader) if part is not None]
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        place = getattr(error, "problem_mark", None)
        where = f", line {place.line + 1}" if place is not None else ""
        raise CommandError(f"{shown}{where} is not valid YAML or JSON. Compile the pipeline again with kfp.") from error
    if not documents or not all(isinstance(part, dict) for part in documents):
        raise CommandError(f"{shown} is not a compiled pipeline. Compile one with kfp.compiler.Compiler().compile().")
    specs = [part for part in documents if "platforms" not in part]
    platforms = [part for part in documents if "platforms" in part]
    if len(specs) != 1 or len(platforms) > 1:
        raise CommandError(f"{shown} must hold one pipeline, and at most one platform document beside it.")
    envelope = specs[0]
    if isinstance(envelope.get("pipeline_spec"), dict):
        return PipelineFile(envelope["pipeline_spec"], envelope.get("platform_spec"))
    if envelope.get("kind") == "Workflow" or "spec" in envelope:
        raise CommandError(
            f"{shown} is an Argo workflow, as kfp 1 compiles. Compile the pipeline with kfp 2: pip install 'kfp>=2'."
        )
    return PipelineFile(envelope, platforms[0] if platforms else None)


def without_cache(pipeline: PipelineFile) -> PipelineFile:
    """The same pipeline with the cache switched off for every task at every level."""
    spec = pipeline.spec
    listed = spec.get("components")
    components: JsonObject = {}
    if isinstance(listed, dict):
        components = {key: _without_cache(component) for key, component in listed.items()}
    return PipelineFile({**spec, "components": components, "root": _without_cache(spec.get("root"))}, pipeline.platform)


def _without_cache(component: JsonValue) -> JsonValue:
    dag = component.get("dag") if isinstance(component, dict) else None
    tasks = dag.get("tasks") if isinstance(dag, dict) else None
    if not (isinstance(component, dict) and isinstance(dag, dict) and isinstance(tasks, dict)):
        return component
    changed: JsonObject = {}
    for key, task in tasks.items():
        changed[key] = {**task, "cachingOptions": {"enableCache": False}} if isinstance(task, dict) else task
    return {**component, "dag": {**dag, "tasks": changed}}


def _compile(path: Path, output: Path, function: str, python: str) -> None:
    report = output.with_name("report.json")
    command = [python, str(_SCRIPT), str(path), str(output), str(report), *([function] if function else [])]
    try:
        # What the user's file prints is not our output: it goes to standard error.
        subprocess.run(command, stdout=sys.stderr, check=False)
    except OSError as error:
        raise CommandError(f"{python} cannot be started ({error.strerror}). Name a Python with --python.") from error
    if not report.exists():
        raise CommandError(f"{path} could not be compiled: {python} ended early. The lines above say why.")
    answer = json.loads(report.read_text(encoding="utf-8"))
    if "error" in answer:
        raise CommandError(_explain(path, function, answer))


def _explain(path: Path, function: str, answer: JsonObject) -> str:
    names = answer.get("names")
    listed = ", ".join(str(name) for name in names) if isinstance(names, Sequence) else ""
    message = answer.get("message", "")
    return {
        "no-kfp": f"{answer.get('python')} has no kfp ({message}). Install it there with `pip install kfp`, "
        "or name another Python with --python.",
        "import": f"{path} could not be imported: {message}",
        "none": f"{path} defines no pipeline: no function in it carries @dsl.pipeline or @dsl.component.",
        "several": f"{path} defines {listed}. Choose one: --function NAME.",
        "unknown": f"{path} has no pipeline or component {function}. It defines {listed or 'none'}.",
        "compile": f"{path} does not compile: {message}",
    }[str(answer["error"])]
