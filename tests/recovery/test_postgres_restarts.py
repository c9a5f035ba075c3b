"""A PostgreSQL that goes and comes again while runs go on: in good order, and with every connection cut at once."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.recovery.keeper import wait
from tests.recovery.postgres import FAST, IMMEDIATE, PostgresServer
from tests.recovery.storm import Storm

from pinnace.cli.server_file import find_server

RESTARTS = 4


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def storm(postgres: PostgresServer, tmp_path: Path) -> Iterator[Storm]:
    made = Storm(tmp_path, 1, ("--database-url", postgres.create("pinnace")), active=3)
    made.keeper.ready()
    yield made
    made.end()


@pytest.mark.parametrize("mode", [FAST, IMMEDIATE], ids=["fast", "immediate"])
def test_runs_go_on_after_a_restart_of_the_database(
    storm: Storm, postgres: PostgresServer, mode: signal.Signals
) -> None:
    first = find_server(storm.keeper.data)
    for number in range(RESTARTS):
        storm.work(0.2 + 0.3 * number)
        postgres.stop(mode)
        time.sleep(0.5 * (number % 3))
        postgres.start()
    storm.work(0)
    storm.calm(stop=False)
    assert find_server(storm.keeper.data) == first
    assert storm.keeper.starts == 1
    storm.keeper.stop()
    assert storm.faults(postgres.address("pinnace")) == []
    assert storm.counts["run SUCCEEDED"] == len(storm.keeper.accepted) > 1
    assert storm.counts["attempt LOST"] == 0


def test_a_database_that_takes_only_reads_for_a_while_is_waited_for(storm: Storm, postgres: PostgresServer) -> None:
    """As after a failover, when the address still leads to what is the standby now."""
    storm.work(0.5)
    postgres.only_reads(True)
    assert storm.keeper.unfinished() is not None
    wait(lambda: "it is read-only now" in storm.keeper.log.read_text(), storm.keeper.log.read_text)
    postgres.only_reads(False)
    storm.calm()
    assert storm.faults(postgres.address("pinnace")) == []
    assert storm.counts["run SUCCEEDED"] == len(storm.keeper.accepted) > 0
