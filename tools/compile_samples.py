"""Compile ``examples/samples`` into ``src/pinnace/services/sample_pipelines``, from where the server offers them."""

import importlib.util
from pathlib import Path

from kfp import compiler

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "examples" / "samples"
TARGET = ROOT / "src" / "pinnace" / "services" / "sample_pipelines"


def compile_sample(source: Path, target: Path) -> None:
    """Write the package of the pipeline in a file."""
    spec = importlib.util.spec_from_file_location(source.stem, source)
    if spec is None or spec.loader is None:
        raise ImportError(f"{source} is no module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    compiler.Compiler().compile(module.pipeline, str(target))


def main() -> None:
    """Compile all."""
    for source in sorted(SOURCES.glob("*.py")):
        compile_sample(source, TARGET / f"{source.stem.replace('_', '-')}.yaml")


if __name__ == "__main__":
    main()
