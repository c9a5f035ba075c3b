"""Digests of large content, and their memory."""

import os
import time
import tracemalloc
from pathlib import Path

from pinnace.artifacts.digests import LARGEST, DigestMemory, measure


def _age(path: Path) -> None:
    """Make a file look as if it had been written a while ago."""
    old = time.time_ns() - 60_000_000_000
    os.utime(path, ns=(old, old))


def test_large_content_is_streamed(tmp_path: Path) -> None:
    file = tmp_path / "large"
    with file.open("wb") as sparse:
        sparse.truncate(1 << 28)
    tracemalloc.start()
    try:
        found = measure(file, DigestMemory())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.digest == "sha256:a6d72ac7690f53be6ae46ba88506bd97302a093f7108472bd9efc3cefda06484"
    assert found.size == 1 << 28
    assert peak < 8 << 20


def test_above_the_limit_there_is_no_digest(tmp_path: Path) -> None:
    for name in ("file", "directory/file"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        with (tmp_path / name).open("wb") as sparse:
            sparse.truncate(LARGEST + 1)
    for found in (measure(tmp_path / "file", DigestMemory()), measure(tmp_path / "directory", DigestMemory())):
        assert found.digest == ""
        assert found.size == LARGEST + 1


def test_a_digest_is_remembered_until_the_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    _age(file)
    memory = DigestMemory()
    first = measure(file, memory)
    assert measure(file, memory) == first
    assert memory.reads == 1
    file.write_text("new")
    _age(file)
    assert measure(file, memory) != first


def test_a_file_written_just_now_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "file"
    memory = DigestMemory()
    digests = set()
    for number in range(50):
        file.write_text(f"{number:04}")
        digests.add(measure(file, memory).digest)
    assert len(digests) == 50
