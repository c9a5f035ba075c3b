"""A server in isolated mode: real components of the real SDK, with the SDK installed for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kfp import Client, compiler, dsl

from pinnace.cli.server_api import read_log, read_run
from pinnace.cli.server_file import ServerRecord, require_server
from pinnace.cli.task_view import RunView
from pinnace.testing.command import PinnaceCommand, clean_environment

WAIT_SECONDS = 240


@dsl.component(base_image="python:3.12-slim")  # type: ignore[untyped-decorator]
def look_around() -> str:
    import sys

    sys.stdout.write(f"path {' '.join(sys.path)}\n")
    try:
        import fastapi  # noqa: F401
    except ImportError:
        pass
    else:
        raise RuntimeError("a package of the server was imported")
    import kfp

    return str(kfp.__version__)


@dsl.component(base_image="python:3.12-slim", packages_to_install=["pinnace-no-such-package==9.9.9"])  # type: ignore[untyped-decorator]
def impossible() -> None:
    pass


@pytest.fixture(scope="module")
def isolated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PinnaceCommand]:
    """A server whose runs are isolated, with a search path of its own that has fastapi."""
    import fastapi

    search = str(Path(fastapi.__file__).parent.parent)
    environment = {**clean_environment(), "PYTHONPATH": search}
    command = PinnaceCommand(tmp_path_factory.mktemp("isolated") / "data", environment=environment)
    command.start("--environment", "isolated")
    yield command
    command.stop()


def run(server: ServerRecord, component: object, folder: Path) -> RunView:
    """The run of a pipeline of that component, once it has ended."""
    package = str(folder / "pipeline.yaml")
    compiler.Compiler().compile(component, package)
    client = Client(host=server.address)
    started = client.create_run_from_pipeline_package(package, arguments={})
    client.wait_for_run_completion(started.run_id, timeout=WAIT_SECONDS, sleep_duration=1)
    return read_run(server.client(), started.run_id)


def test_a_component_sees_its_own_packages_and_nothing_of_the_server(isolated: PinnaceCommand, tmp_path: Path) -> None:
    server = require_server(isolated.data)
    view = run(server, look_around, tmp_path)
    log = b"".join(read_log(server.client(), view.id, "look-around")).decode()
    assert view.state == "SUCCEEDED", log
    [places] = [line.split()[1:] for line in log.splitlines() if line.startswith("path ")]
    environments = str(isolated.data / "environments")
    packages = [place for place in places if place.endswith("-packages")]
    assert packages
    assert [place for place in packages if not place.startswith(environments)] == []
    listed = isolated("env", "list").stdout
    assert "isolated" in listed
    assert "kfp==" in listed


def test_a_build_that_fails_fails_the_run_in_the_words_of_the_resolver(
    isolated: PinnaceCommand, tmp_path: Path
) -> None:
    view = run(require_server(isolated.data), impossible, tmp_path)
    assert view.state == "FAILED"
    assert "pinnace-no-such-package" in view.error
    assert "No solution found" in view.error
