"""``pinnace debug``: a failed task again, in a directory of its own, with and without a debugger."""

import os
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pinnace.cli.server_api import find_run, find_task, read_run
from pinnace.cli.server_file import require_server
from pinnace.testing.command import PinnaceCommand

FLOW = """
from kfp import dsl
from kfp.dsl import Dataset, Input, Output

IMAGE = "python:3.12-slim"


@dsl.component(base_image=IMAGE)
def make(data: Output[Dataset]) -> int:
    with open(data.path, "w") as file:
        file.write("three small words")
    return 3


@dsl.component(base_image=IMAGE)
def check(data: Input[Dataset], count: int, report: Output[Dataset]) -> str:
    import os
    import statistics

    with open(data.path) as file:
        words = file.read().split()
    with open(report.path, "w") as file:
        file.write(f"{len(words)} words for {os.environ['READER']}")
    lengths = [len(word) for word in words if word.startswith("x")]
    mean = statistics.mean(lengths)
    return f"mean {mean}"


@dsl.container_component
def shell(note: dsl.OutputPath(str)):
    return dsl.ContainerSpec(
        image="alpine",
        command=["sh", "-c", 'mkdir -p "$(dirname "$0")"; echo "$READER" > "$0"; pwd; exit 7', note],
    )


@dsl.component(base_image=IMAGE)
def leave(code: int):
    secret_local = 40 + code
    raise SystemExit(secret_local)


@dsl.pipeline(name="broken")
def broken():
    made = make()
    checked = check(data=made.outputs["data"], count=made.outputs["Output"])
    checked.set_env_variable("READER", "it's me")


@dsl.pipeline(name="outside")
def outside():
    shell().set_env_variable("READER", "a reader")


@dsl.pipeline(name="leaving")
def leaving():
    make().after(leave(code=2))


@dsl.pipeline(name="twice")
def twice():
    leave(code=2)
    leave(code=3)
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PinnaceCommand]:
    """A server with a run of each pipeline; all of them failed."""
    folder = tmp_path_factory.mktemp("broken")
    command = PinnaceCommand(folder / "data")
    command.start()
    (folder / "broken.py").write_text(FLOW)
    for name in ("broken", "outside", "leaving", "twice"):
        done = command("run", folder / "broken.py", "--function", name, timeout=240)
        assert done.returncode == 1, done.stderr
    yield command
    command.stop()


@pytest.fixture
def attempt(ran: PinnaceCommand) -> Path:
    """The directory of the attempt of ``check``."""
    client = require_server(ran.data).client()
    return Path(find_task(read_run(client, find_run(client, "broken")), "check").directories[1])


def contents(*places: Path) -> dict[Path, bytes]:
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    return {path: path.read_bytes() for path in files}


def test_a_task_that_never_ran_says_so(ran: PinnaceCommand, tmp_path: Path) -> None:
    done = ran("debug", "leaving", "make", "--directory", tmp_path / "again")
    assert (done.returncode, done.stderr) == (1, "Error: make never ran: it is skipped.\n")


def test_a_plain_run_ends_as_the_task_did_and_touches_nothing_of_it(
    ran: PinnaceCommand, attempt: Path, tmp_path: Path
) -> None:
    before = contents(ran.data / "artifacts", ran.data / "runs")
    assert attempt in {path.parent for path in before}
    target = tmp_path / "again"
    done = ran("debug", "broken", "check", "--plain", "--directory", target)
    assert done.returncode == 1
    assert "statistics.StatisticsError: mean requires at least one data point" in done.stderr
    assert f'File "{target}/component.py", line ' in done.stderr
    assert "mean = statistics.mean(lengths)" in done.stderr
    log = (attempt / "log").read_text()
    assert log.rstrip().splitlines()[-1] == done.stderr.rstrip().splitlines()[-1]
    assert contents(ran.data / "artifacts", ran.data / "runs") == before
    reports = [path for path in (target / "outputs").rglob("*") if path.is_file()]
    assert [path.read_text() for path in reports] == ["3 words for it's me"]


def test_what_is_laid_out_holds_the_code_and_nothing_of_the_server(
    ran: PinnaceCommand, attempt: Path, tmp_path: Path
) -> None:
    target = tmp_path / "again"
    done = ran("debug", "broken/check", "--no-run", "--attempt", "1", "--directory", target)
    assert done.returncode == 0, done.stderr
    assert str(target) in done.stdout
    assert (target / "component.py").read_text().count("def check(") == 1
    assert len((target / "README.txt").read_text().splitlines()) == 3
    environment = (target / "environment.json").read_text()
    assert "it's me" in environment
    assert "PINNACE" not in environment
    for name in ("HOME", "PATH", "PINNACE_DATA_DIR"):
        assert f'"{name}"' not in environment
    assert str(attempt) not in (target / "executor_input.json").read_text()
    assert oct(target.stat().st_mode & 0o777) == "0o700"
    again = ran("debug", "broken", "check", "--no-run", "--directory", target)
    assert again.returncode == 1
    assert "is there already" in again.stderr


def test_the_file_in_the_directory_works_without_the_server_and_with_a_repaired_component(
    ran: PinnaceCommand, tmp_path: Path
) -> None:
    target = tmp_path / "again"
    assert ran("debug", "broken", "check", "--no-run", "--directory", target).returncode == 0
    component = target / "component.py"
    component.write_text(component.read_text().replace("""startswith("x")""", """startswith("t")"""))
    done = subprocess.run([sys.executable, target / "debug.py"], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"Its outputs are in {target / 'outputs'}" in done.stdout
    assert any('"Output": "mean 5"' in path.read_text() for path in (target / "outputs").rglob("*.json"))


class Terminal:
    """``pinnace debug`` on a terminal of its own."""

    def __init__(self, command: PinnaceCommand, *words: str | Path) -> None:
        self._screen, end = os.openpty()
        self._seen = ""
        self._process = subprocess.Popen(
            command.command("debug", *words),
            env={**command.environment, "PINNACE_DATA_DIR": str(command.data), "TERM": "dumb"},
            stdin=end,
            stdout=end,
            stderr=end,
            start_new_session=True,
        )
        os.close(end)

    def until(self, pattern: str) -> None:
        """Read on until *pattern* has been shown."""
        while not (found := re.search(pattern, self._seen)):
            assert self._read(), f"{pattern!r} is not in {self._seen!r}"
        self._seen = self._seen[found.end() :]

    def send(self, line: str) -> None:
        os.write(self._screen, f"{line}\n".encode())

    def ended(self) -> int:
        """The exit code, once the program has ended."""
        while self._read():
            pass
        os.close(self._screen)
        return self._process.wait(60)

    def _read(self) -> bool:
        """Read something; False at the end."""
        ready, _, _ = select.select([self._screen], [], [], 60)
        assert ready, f"nothing more is shown behind {self._seen!r}"
        try:
            shown = os.read(self._screen, 65_536).decode(errors="replace")
        except OSError:  # Linux says so when the last program has closed the terminal.
            return False
        self._seen += shown
        return bool(shown)


def test_on_a_terminal_the_debugger_stops_at_the_line_of_the_component(ran: PinnaceCommand, tmp_path: Path) -> None:
    """The error arises in the standard library, below that line."""
    terminal = Terminal(ran, "broken", "check", "--directory", tmp_path / "again")
    terminal.until(r"> .*component\.py\(\d+\)check\(\)")
    terminal.until(r"-> mean = statistics\.mean\(lengths\)")
    terminal.until(r"\(Pdb\) ")
    terminal.send("p words")
    terminal.until(r"\['three', 'small', 'words'\]")
    terminal.send("p lengths, count, __name__")
    terminal.until(r"\(\[\], 3, 'component'\)")
    terminal.send("q")
    assert terminal.ended() == 1


def test_a_component_that_ends_the_program_is_examined_too(ran: PinnaceCommand, tmp_path: Path) -> None:
    terminal = Terminal(ran, "leaving", "--directory", tmp_path / "again")
    terminal.until(r"-> raise SystemExit\(secret_local\)")
    terminal.until(r"\(Pdb\) ")
    terminal.send("p secret_local * 100")
    terminal.until("4200")
    terminal.send("q")
    assert terminal.ended() == 42
    assert ran("debug", "leaving", "--plain", "--directory", tmp_path / "plain").returncode == 42


def test_any_other_command_runs_again_with_its_outputs_elsewhere(ran: PinnaceCommand, tmp_path: Path) -> None:
    before = contents(ran.data / "artifacts", ran.data / "runs")
    target = tmp_path / "again it is"
    done = ran("debug", "outside", "shell", "--directory", target)
    assert done.returncode == 7
    assert str(target / "work") in done.stdout
    assert [path.read_text() for path in (target / "outputs").rglob("*") if path.is_file()] == ["a reader\n"]
    assert contents(ran.data / "artifacts", ran.data / "runs") == before


def test_a_task_that_succeeded_runs_again(ran: PinnaceCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = ran("debug", "broken", "make")
    assert done.returncode == 0, done.stderr
    assert [path.read_text() for path in (tmp_path / "debug-make" / "outputs").rglob("data")] == ["three small words"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["broken", "nothing"], 1, "The run has no task nothing"),
        (["twice"], 1, "Several tasks of twice failed: "),
        (["broken", "check", "--attempt", "2"], 1, "check has no attempt 2. Its attempts: 1."),
        (["broken", "check", "--attempt", "0"], 2, "0 is not in the range"),
        (["broken", "check", "--directory", "/proc/nowhere"], 1, "cannot be written"),
    ],
)
def test_mistakes_are_answered_in_a_sentence(ran: PinnaceCommand, words: list[str], code: int, message: str) -> None:
    done = ran("debug", *words)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_server_it_says_how_to_start_one(tmp_path: Path) -> None:
    done = PinnaceCommand(tmp_path / "data")("debug", "broken", "check")
    assert done.returncode == 3
    assert "pinnace up" in done.stderr
    assert list(tmp_path.iterdir()) == []
