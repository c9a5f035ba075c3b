"""Copies of inputs that lie elsewhere."""

import uuid
from pathlib import Path

import fsspec
import pytest

from pinnace.artifacts.store import FsspecArtifactStore
from pinnace.orchestrator.staging import stage_once


@pytest.fixture
def bucket() -> str:
    """A place of its own in memory."""
    return f"memory://{uuid.uuid4().hex}"


def _put(uri: str, text: str) -> None:
    with fsspec.open(uri, "w") as stream:
        stream.write(text)


def test_a_copy_that_is_being_read_is_not_touched_by_a_second_launch(tmp_path: Path, bucket: str) -> None:
    target = tmp_path / "inputs" / "data"
    _put(f"{bucket}/data", "first")
    stage_once(FsspecArtifactStore(), f"{bucket}/data", target)
    with target.open() as reader:
        _put(f"{bucket}/data", "second")
        stage_once(FsspecArtifactStore(), f"{bucket}/data", target)
        assert reader.read() == "first"
    assert [path.name for path in target.parent.iterdir()] == ["data"]


def test_a_directory_arrives_whole_or_not_at_all(tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(Exception):
        pass

    store = FsspecArtifactStore()
    _put(f"{bucket}/model/weights", "1")
    target = tmp_path / "inputs" / "model"
    real = store.stage_in

    def half(uri: str, path: str) -> None:
        real(uri, path)
        raise Interrupted

    monkeypatch.setattr(store, "stage_in", half)
    with pytest.raises(Interrupted):
        stage_once(store, f"{bucket}/model", target)
    assert list(target.parent.iterdir()) == []
    monkeypatch.setattr(store, "stage_in", real)
    stage_once(store, f"{bucket}/model", target)
    assert (target / "weights").read_text() == "1"
