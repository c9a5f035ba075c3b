"""A small load, each time the tests run: who acknowledges under pressure keeps what was acknowledged."""

from pathlib import Path

import pytest
from tests.load.fifty_clients import bad_lines, database_url, load

from pinnace.cli.server_file import require_server
from pinnace.testing.command import PinnaceCommand


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_eight_clients_at_once_lose_nothing(kind: str, tmp_path: Path) -> None:
    command = PinnaceCommand(tmp_path / "data")
    with database_url(kind) as url:
        command.start(*(["--database-url", url] if url else []))
        try:
            outcome = load(require_server(command.data), 8, lambda operations, _: operations < 25, tmp_path)
        finally:
            command.stop()
    assert outcome.faults == []
    assert bad_lines(tmp_path / "data.log") == []
    assert outcome.operations == 8 * 25
