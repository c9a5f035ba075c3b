"""Runs that ask for an environment, on a server whose user has packages on this disk and no index."""

import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import distribution
from pathlib import Path

import pytest

from pinnace.cli.server_api import find_run
from pinnace.cli.server_file import require_server
from pinnace.testing.command import PinnaceCommand
from pinnace.testing.wheels import write_wheel

FLOW = """
from kfp import dsl


@dsl.component(base_image="python:3.11", packages_to_install=["pinnacealpha"])
def look(fail: bool = False) -> str:
    import importlib.util

    import kfp
    import pinnacealpha

    servers = [name for name in ("fastapi", "sqlalchemy", "pinnace") if importlib.util.find_spec(name)]
    if fail:
        raise ValueError(f"of the server: {servers}")
    return f"kfp {kfp.__version__}, of the server: {servers}"
"""


def write_installed_kfp(directory: Path) -> str:
    """The SDK that is installed, as a wheel; returns its version."""
    kfp = distribution("kfp")
    with zipfile.ZipFile(directory / f"kfp-{kfp.version}-py3-none-any.whl", "w") as wheel:
        for file in kfp.files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts and file.name != "RECORD":
                wheel.write(str(file.locate()), str(file))
        wheel.writestr(f"kfp-{kfp.version}.dist-info/RECORD", "")
    return kfp.version


@pytest.fixture
def offline(tmp_path: Path) -> Iterator[PinnaceCommand]:
    """A server that finds packages in a directory only."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    write_installed_kfp(wheels)
    write_wheel(wheels, "pinnacealpha", "1.0")
    found = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}
    plain = PinnaceCommand(tmp_path / "data")
    command = replace(plain, environment={**plain.environment, **found})
    command.start()
    yield command
    command.stop()


def test_a_run_gets_the_environment_that_it_asks_for(offline: PinnaceCommand, tmp_path: Path) -> None:
    flow = tmp_path / "look.py"
    flow.write_text(FLOW)
    version = distribution("kfp").version
    inherited = offline("run", flow)
    assert f"kfp {version}, of the server: ['fastapi', 'sqlalchemy', 'pinnace']" in inherited.stdout, inherited.stdout
    isolated = offline("run", flow, "--environment", "isolated", "--name", "alone")
    assert f"kfp {version}, of the server: []" in isolated.stdout, isolated.stdout + isolated.stderr
    again = offline("run", flow, "--environment", "isolated")
    assert re.search(r"look +succeeded +\(from the cache\)", again.stdout), again.stdout
    assert f"kfp {version}, of the server: []" in again.stdout

    client = require_server(offline.data).client()
    shown = client.get(f"/apis/pinnace/v1/runs/{find_run(client, 'alone')}")
    assert shown["environment"] == "isolated"

    failing = offline("run", flow, "--environment", "isolated", "-p", "fail=true", "--name", "failing")
    assert failing.returncode == 1
    assert "ValueError: of the server: []" in failing.stdout
    debugged = offline("debug", "failing", "--plain", "--directory", tmp_path / "again")
    assert debugged.returncode == 1
    assert debugged.stderr.rstrip().splitlines()[-1] == "ValueError: of the server: []"


def test_another_environment_is_refused(tmp_path: Path) -> None:
    flow = tmp_path / "look.py"
    flow.write_text(FLOW)
    done = PinnaceCommand(tmp_path / "data")("run", flow, "--environment", "other")
    assert done.returncode == 2
    assert "'other' is not one of 'inherit', 'isolated'" in done.stderr
    assert not (tmp_path / "data").exists()
