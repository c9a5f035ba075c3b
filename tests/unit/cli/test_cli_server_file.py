import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pinnace.cli.exits import NoServer
from pinnace.cli.server_file import FILE_NAME, find_server, remove_record, require_server, write_record


def test_the_record_is_found_while_its_process_lives(tmp_path: Path) -> None:
    written = write_record(tmp_path, "http://127.0.0.1:1", "secret", private=True)
    assert find_server(tmp_path) == written
    assert written.pid == os.getpid()
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    remove_record(tmp_path)
    assert find_server(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_the_record_of_a_process_that_is_gone_is_no_server(tmp_path: Path) -> None:
    write_record(tmp_path, "http://127.0.0.1:1", "", private=False)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    record = json.loads((tmp_path / FILE_NAME).read_text())
    (tmp_path / FILE_NAME).write_text(json.dumps(record | {"pid": gone.pid}))
    assert find_server(tmp_path) is None


def test_a_process_id_that_was_given_again_is_not_the_server(tmp_path: Path) -> None:
    write_record(tmp_path, "http://127.0.0.1:1", "", private=False)
    record = json.loads((tmp_path / FILE_NAME).read_text())
    (tmp_path / FILE_NAME).write_text(json.dumps(record | {"process_started": record["process_started"] - 60}))
    assert find_server(tmp_path) is None


def test_the_record_of_another_server_stays(tmp_path: Path) -> None:
    write_record(tmp_path, "http://127.0.0.1:1", "", private=False)
    record = json.loads((tmp_path / FILE_NAME).read_text())
    (tmp_path / FILE_NAME).write_text(json.dumps(record | {"pid": os.getppid()}))
    remove_record(tmp_path)
    assert (tmp_path / FILE_NAME).exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"address": "x"}', '{"surprise": 1}'])
def test_a_damaged_record_is_no_server(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content)
    with pytest.raises(NoServer, match="Start one with `pinnace up`"):
        require_server(tmp_path)
