"""Components that misbehave, on a real server."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from pinnace.cli.pipeline_file import load_pipeline
from pinnace.cli.server_api import create_run, read_log, read_run, terminate_run
from pinnace.cli.server_file import ServerRecord
from pinnace.cli.task_view import RunView

MEBIBYTE = 1 << 20
WAIT_SECONDS = 120.0

WriteFlow = Callable[[str], Path]


def submit(server: ServerRecord, flow: Path) -> str:
    pipeline = load_pipeline(flow, "", sys.executable)
    return create_run(server.client(), pipeline, {}, "hostile", "")


def wait(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def finish(server: ServerRecord, run: str) -> RunView:
    wait(lambda: read_run(server.client(), run).has_ended, "the run does not end")
    return read_run(server.client(), run)


def execute(server: ServerRecord, flow: Path) -> RunView:
    return finish(server, submit(server, flow))


def error_of(view: RunView) -> str:
    assert view.state == "FAILED"
    assert len(view.failed_tasks()) == 1
    return view.failed_tasks()[0].error


def test_a_hundred_megabytes_of_output_do_not_burden_the_server(server: ServerRecord, write_flow: WriteFlow) -> None:
    before = psutil.Process(server.pid).memory_info().rss
    view = execute(
        server,
        write_flow("""
            def flow() -> str:
                line = "x" * 1023 + chr(10)
                for _ in range(1000):
                    print(line * 100, end="")
                print("the end")
                return "done"
        """),
    )
    assert view.state == "SUCCEEDED", view
    size = 0
    for chunk in read_log(server.client(), view.id, "flow"):
        size += len(chunk)
        tail = chunk
    # Either all of it is there, or it is cut and says so.
    assert size > 100_000_000 or b"The log is cut here" in tail
    assert psutil.Process(server.pid).memory_info().rss - before < 64 * MEBIBYTE


def test_an_output_of_a_gibibyte_is_published(server: ServerRecord, write_flow: WriteFlow) -> None:
    view = execute(
        server,
        write_flow("""
            def flow(data: Output[Dataset]):
                with open(data.path, "wb") as stream:
                    stream.truncate(1 << 30)
        """),
    )
    assert view.state == "SUCCEEDED", view
    task = next(task for task in view.tasks if task.runs_code)
    path = Path(task.artifacts["data"][0].uri)
    assert path.stat().st_size == 1 << 30
    path.unlink()


def test_a_daemon_that_a_task_leaves_behind_is_ended(
    server: ServerRecord, write_flow: WriteFlow, tmp_path: Path
) -> None:
    note = tmp_path / "pid"
    view = execute(
        server,
        write_flow(f"""
            def flow() -> str:
                import os, time
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() == 0:
                        with open({str(note)!r}, "w") as stream:
                            stream.write(str(os.getpid()))
                        os.closerange(0, 64)
                        time.sleep(600)
                    os._exit(0)
                while not os.path.exists({str(note)!r}) or not open({str(note)!r}).read():
                    time.sleep(0.01)
                return "done"
        """),
    )
    assert view.state == "SUCCEEDED", view
    wait(lambda: not psutil.pid_exists(int(note.read_text())), "the daemon lives on")


def test_a_task_that_ignores_sigterm_can_be_stopped(
    server: ServerRecord, write_flow: WriteFlow, tmp_path: Path
) -> None:
    note = tmp_path / "pid"
    run = submit(
        server,
        write_flow(f"""
            def flow() -> str:
                import os, signal, time
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                with open({str(note)!r}, "w") as stream:
                    stream.write(str(os.getpid()))
                time.sleep(600)
                return "done"
        """),
    )
    wait(lambda: note.exists() and bool(note.read_text()), "the task does not start")
    terminate_run(server.client(), run)
    view = finish(server, run)
    assert view.state == "FAILED"
    assert not psutil.pid_exists(int(note.read_text()))


def test_a_task_that_kills_itself_fails_with_the_signal(server: ServerRecord, write_flow: WriteFlow) -> None:
    view = execute(
        server,
        write_flow("""
            def flow() -> str:
                import os, signal
                os.kill(os.getpid(), signal.SIGKILL)
                return "never"
        """),
    )
    assert "SIGKILL" in error_of(view) or "137" in error_of(view)


def test_a_value_of_the_wrong_type_fails_the_task(server: ServerRecord, write_flow: WriteFlow) -> None:
    view = execute(
        server,
        write_flow("""
            def flow() -> int:
                return "four"
        """),
    )
    assert error_of(view)


def test_an_output_that_is_not_written_is_named(server: ServerRecord, tmp_path: Path) -> None:
    path = tmp_path / "flow.py"
    path.write_text(
        "from kfp import dsl\n\n\n@dsl.container_component\ndef flow(answer: dsl.OutputPath(int)):\n"
        "    return dsl.ContainerSpec(image='python:3.12-slim', command=['sh', '-c', 'true #\"$0\"', answer])\n"
    )
    assert "answer" in error_of(execute(server, path))
