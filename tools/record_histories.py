"""Record histories of runs of this release, for later releases to replay: ``python tools/record_histories.py 0.1``.

Run it once before a release. Recorded histories are never changed: a later Pinnace must be able to read them and to
take the runs on from any point (``tests/replay``).
"""

import importlib.util
import json
import sys
import tempfile
from pathlib import Path

from kfp import compiler

from pinnace.engine import signals as sig
from pinnace.engine.codec import encode
from pinnace.testing.engine_driver import Played, create

ROOT = Path(__file__).parents[1]
SCENES = {
    "conditions": ("control_flow", "conditions", []),
    "loops": ("control_flow", "loops", []),
    "artifact-loop": ("control_flow", "artifact_loop", []),
    "exit-handlers-failing": ("control_flow", "exit_handlers", ["fail"]),
    "ignored-failure": ("control_flow", "ignore_failure", ["fail"]),
    "importers": ("artifacts", "importers", []),
    "nested": ("nesting", "nested", []),
    "nested-failing": ("nesting", "nested", ["add"]),
    "optional-inputs": ("nesting", "optional_inputs", []),
}


def compile_pipeline(module_name: str, function: str) -> bytes:
    """The document of one of the feature pipelines."""
    spec = importlib.util.spec_from_file_location(module_name, ROOT / "tests" / "pipelines" / f"{module_name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "pipeline.yaml"
        compiler.Compiler().compile(getattr(module, function), str(path))
        return path.read_bytes()


def record(name: str, played: Played, document: bytes, target: Path) -> None:
    """Write what happened in a run, and what became of it."""
    events = [encode(event, number) for number, event in enumerate(played.history, start=1)]
    recorded = {
        "document": document.decode(),
        "events": [{"sequence": e.sequence, "at": e.at, "type": e.type, "body": e.body} for e in events],
        "state": played.state.state.value,
        "phases": played.phases(),
    }
    (target / f"{name}.json").write_text(json.dumps(recorded, indent=1) + "\n")


def main(release: str) -> None:
    """Record every scene; a run that failed is retried, so that retries are in the histories too."""
    target = ROOT / "tests" / "replay" / "histories" / release
    target.mkdir(parents=True)
    for name, (module, function, fails) in SCENES.items():
        document = compile_pipeline(module, function)
        played = create(document, fails=fails).play(sig.StartRun())
        if played.state.state.value == "FAILED" and name.startswith("nested"):
            played.fails = frozenset()
            played.play(sig.RetryRun("somebody"))
        record(name, played, document, target)


if __name__ == "__main__":
    main(sys.argv[1])
