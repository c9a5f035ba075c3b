"""Stores for the contract suite: SQLite, and a real PostgreSQL from the binaries of a wheel."""

import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from pinnace.ports.store import Store
from pinnace.store import open_store

_ROOT = str(Path(__file__).resolve().parents[2])
if _ROOT not in sys.path:
    sys.path.insert(0, _ROOT)

from tests.recovery.postgres import PostgresServer  # noqa: E402 - found by the path above


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield str(tmp_path / "pinnace.db")
    else:
        yield from _own_database(request.getfixturevalue("postgres_server"))


@pytest.fixture
def postgres_address(postgres_server: PostgresServer) -> Iterator[str]:
    """An empty PostgreSQL database."""
    yield from _own_database(postgres_server)


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    """An empty store of each kind."""
    opened = open_store(address)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server that need not survive a crash."""
    server = PostgresServer(["fsync=off", "synchronous_commit=off", "full_page_writes=off"])
    server.start()
    yield server
    server.remove()


def _own_database(server: PostgresServer) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    yield server.create(name)
    server.drop(name)
