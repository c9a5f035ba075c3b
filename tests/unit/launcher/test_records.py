"""The files by which runner and server speak with each other."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pinnace.launcher import arguments, processes, records
from pinnace.launcher.log_cap import LogCap
from pinnace.testing.stray_processes import processes_with


def test_only_one_claim_succeeds(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path.append(sys.argv[1]); from pinnace.launcher import records; "
        "print(records.claim(sys.argv[2], {'pid': 1}))"
    )
    root = str(Path(records.__file__).parents[2])

    def claim(_: int) -> str:
        command = [sys.executable, "-I", "-S", "-c", script, root, str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(claim, range(8)))
    assert sorted(answers) == ["False"] * 7 + ["True"]
    assert [file.name for file in tmp_path.iterdir()] == ["started"]
    assert records.read(str(tmp_path), records.STARTED) == {"pid": 1}


def test_what_cannot_be_read_is_no_record(tmp_path: Path) -> None:
    assert records.read(str(tmp_path), records.RESULT) is None
    for content in ("", "{", "[]", "\xff"):
        (tmp_path / records.RESULT).write_text(content)
        assert records.read(str(tmp_path), records.RESULT) is None


def test_a_result_takes_the_space_that_was_reserved(tmp_path: Path) -> None:
    records.reserve_result(str(tmp_path))
    draft = tmp_path / "result.json.tmp"
    inode = draft.stat().st_ino
    assert draft.stat().st_size == 4096
    records.write_result(str(tmp_path), {"outcome": "exited"})
    assert (tmp_path / records.RESULT).stat().st_ino == inode
    assert json.loads((tmp_path / records.RESULT).read_text()) == {"outcome": "exited"}
    assert not draft.exists()


def test_a_process_is_told_from_a_later_one_with_its_pid() -> None:
    own = processes.identify(os.getpid())
    assert processes.is_alive(own)
    assert not processes.is_alive(own._replace(start="1"))
    assert not processes.is_alive(own._replace(boot="another"))
    assert not processes.is_alive(own._replace(start=""))


def test_a_process_that_has_ended_is_not_alive() -> None:
    with subprocess.Popen(["sleep", "600"]) as child:
        identity = processes.identify(child.pid)
        assert processes.is_alive(identity)
        assert child.pid in processes.descendants(os.getpid())
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # It has ended and nobody has collected it.
        assert not processes.is_alive(identity)


def test_a_short_log_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"x" * 100)
    LogCap(str(log), 100).enforce()
    assert log.read_bytes() == b"x" * 100


def test_a_long_log_keeps_its_first_part(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"x" * 101)
    cap = LogCap(str(log), 100)
    with log.open("ab", buffering=0) as writer:
        for _ in range(3):
            writer.write(b"y" * 200)
            cap.enforce()
    marker = b"\n[pinnace] The log is cut here: it is longer than 100 bytes. The task goes on.\n"
    assert log.read_bytes() == b"x" * 100 + marker


def test_only_the_input_of_the_sdk_is_put_into_a_file(tmp_path: Path) -> None:
    long = "x" * (arguments.LIMIT + 1)
    sdk = ["sh", "-c", "python3 -m kfp.dsl.executor_main", "--executor_input", long, "--function_to_execute", "f"]
    environment = {"PYTHONPATH": "/of/the/user"}
    shortened = arguments.shorten(sdk, environment, str(tmp_path))
    assert arguments.too_long(shortened) is None
    assert environment["PYTHONPATH"].endswith(os.pathsep + "/of/the/user")
    for other in (["echo", long], ["sh", "-c", "kfp.dsl.executor_main", long], [*sdk[:4], "short", *sdk[5:]]):
        untouched = {"PATH": "/bin"}
        assert arguments.shorten(other, untouched, str(tmp_path)) == other
        assert untouched == {"PATH": "/bin"}


@pytest.mark.parametrize("has_own", [True, False])
def test_a_sitecustomize_of_the_user_still_runs(tmp_path: Path, has_own: bool) -> None:
    if has_own:
        (tmp_path / "sitecustomize.py").write_text("import builtins, sys; builtins.MINE = len(sys.argv[-1])")
    environment = {"PYTHONPATH": str(tmp_path)}
    long = "é" * arguments.LIMIT
    command = [sys.executable, "-c", SCRIPT, "kfp.dsl.executor_main", "--executor_input", long]
    command = arguments.shorten(command, environment, str(tmp_path))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    own = str(arguments.LIMIT) if has_own else "None"
    assert done.stdout.split() == [str(arguments.LIMIT), own, str(tmp_path)]
    assert done.stderr == ""


SCRIPT = "import builtins, os, sys; print(len(sys.argv[-1]), getattr(builtins, 'MINE', None), os.environ['PYTHONPATH'])"


WITHOUT_SUBREAPER = """
import sys
sys.path.append(sys.argv[1])
from pinnace.launcher import processes, runner
processes.become_subreaper = lambda: False
runner.run_attempt(sys.argv[2], runner.start_command)
"""


def test_without_a_subreaper_the_mark_finds_what_left_the_session(tmp_path: Path) -> None:
    word = tmp_path.name + "-sleeper"
    child = f"setsid {sys.executable} -S -c 'import time; time.sleep(600)' {word}"
    task = {
        "command": ["sh", "-c", f"{child} & {child} & exit 3"],
        "environment": {"PATH": os.environ["PATH"], records.MARK_VARIABLE: word},
        "mark": word,
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
    subprocess.run([sys.executable, "-I", "-S", "-c", WITHOUT_SUBREAPER, root, str(tmp_path)], check=True, timeout=60)
    result = records.read(str(tmp_path), records.RESULT)
    assert result is not None
    assert result["exit_code"] == 3
    assert processes_with(word) == []
