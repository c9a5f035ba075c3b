"""The runner: what it makes of a command's end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pinnace.launcher import records

KERNEL = """
import sys
sys.path.append(sys.argv[1])
from pinnace.launcher import processes, runner
counts = iter(map(int, sys.argv[3:]))
processes.oom_kills = lambda: next(counts)
runner.run_attempt(sys.argv[2], runner.start_command)
"""


@pytest.mark.parametrize(
    ("script", "counts", "out_of_memory"),
    [
        ("kill -KILL $$", ("3", "4"), True),
        ("sh -c 'kill -KILL $$'; exit $?", ("3", "4"), True),
        ("kill -KILL $$", ("3", "3"), False),
        ("kill -TERM $$", ("3", "4"), False),
        ("exit 1", ("3", "4"), False),
    ],
    ids=["killed", "a child killed", "nobody killed for memory", "another signal", "an exit code"],
)
def test_memory_ran_out_where_the_kernel_counts_a_kill_meanwhile(
    tmp_path: Path, script: str, counts: tuple[str, str], out_of_memory: bool
) -> None:
    task = {
        "command": ["sh", "-c", script],
        "environment": {"PATH": os.environ["PATH"]},
        "mark": "",
        "parents": [],
        "lock": "",
        "temporary": "",
        "deadline": 0,
        "stop_at": None,
        "grace": 1,
        "log_cap": 1 << 20,
    }
    records.write(str(tmp_path), records.TASK, task)
    root = str(Path(records.__file__).parents[2])
    command = [sys.executable, "-I", "-S", "-c", KERNEL, root, str(tmp_path), *counts]
    subprocess.run(command, check=True, timeout=60)
    result = records.read(str(tmp_path), records.RESULT)
    assert result is not None
    assert result["out_of_memory"] is out_of_memory
