"""Copies of artifacts that lie elsewhere, for one attempt to read. Blocks."""

import shutil
import tempfile
from pathlib import Path

from pinnace.ports.artifacts import ArtifactStore


def stage_once(artifacts: ArtifactStore, uri: str, path: Path) -> None:
    """Bring the content of *uri* to *path*, unless a whole copy is there already.

    A launch is asked for again after a crash, while the task of the first one may be reading its copy.
    """
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=path.parent))
    try:
        artifacts.stage_in(uri, str(partial / path.name))
        (partial / path.name).rename(path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
