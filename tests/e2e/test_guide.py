"""What the guide tells a new user to type works as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

from pinnace.cli.server_file import require_server
from pinnace.testing.command import PinnaceCommand

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "getting-started.md"


def python_blocks() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def run_python(source: str, directory: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=directory, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_getting_started(pinnace: PinnaceCommand, tmp_path: Path) -> None:
    first, from_client, with_packages, compiling, scheduling = python_blocks()
    flow = tmp_path / "hello.py"
    flow.write_text(first)

    done = pinnace("run", flow, "-p", "name=Kubeflow")
    assert done.returncode == 0, done.stderr
    assert re.search(r"greet\.Output +Hello, Kubeflow!$", done.stdout, re.MULTILINE)
    assert re.search(r"pipeline\.Output +16$", done.stdout, re.MULTILINE)

    pinnace.start()
    address = require_server(pinnace.data).address
    assert "SUCCEEDED" in run_python(from_client.replace("http://127.0.0.1:8765", address), tmp_path)
    assert "greet | Hello, Kubeflow!" in pinnace("logs", "hello").stdout
    assert "Hello, Kubeflow!" in pinnace("logs", "hello", "greet").stdout

    run_python(f"from hello import hello\n{compiling}", tmp_path)
    assert pinnace("run", tmp_path / "hello.yaml", "-p", "name=file").returncode == 0

    run_python(scheduling.replace("http://127.0.0.1:8765", address), tmp_path)
    assert "every morning  enabled  TZ=Asia/Seoul 0 0 9 * * *" in pinnace("schedule", "list").stdout

    (tmp_path / "table.csv").write_text("a\n1\n2\n")
    (tmp_path / "rows.py").write_text(f"from kfp import dsl\n\n\n{with_packages}")
    counted = pinnace("run", tmp_path / "rows.py", "-p", f"path={tmp_path / 'table.csv'}")
    assert re.search(r"rows\.Output +2$", counted.stdout, re.MULTILINE), counted.stdout + counted.stderr
