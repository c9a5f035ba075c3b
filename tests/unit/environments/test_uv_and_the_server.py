"""uv does not outlive the server that has started it."""

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

SERVER = """
import asyncio, sys
from pinnace.environments.uv import Uv
asyncio.run(Uv({}, sys.argv[1]).run("install", variables={}, hear=lambda line: print(line, flush=True)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_uv_ends_with_a_server_that_is_killed(tmp_path: Path) -> None:
    binary = tmp_path / "uv"
    binary.write_text('#!/bin/sh\necho "$$ $1"\nexec sleep 600\n')
    binary.chmod(0o700)
    with subprocess.Popen([sys.executable, "-c", SERVER, binary], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        pid, word = server.stdout.readline().split()
        uv = psutil.Process(int(pid))
        try:
            assert word == "install"
            server.kill()
            deadline = time.monotonic() + 60
            while uv.is_running() and uv.status() != psutil.STATUS_ZOMBIE:
                assert time.monotonic() < deadline
                time.sleep(0.01)
        finally:
            if uv.is_running():
                uv.kill()
