"""Many clients at once on one server, each a thread with the official client: no answer may be a 5xx, no write be lost.

    python tests/load/fifty_clients.py                       # 50 clients, 60 seconds, SQLite
    python tests/load/fifty_clients.py --database postgresql

Each client creates experiments, pipelines and runs, reads them back, lists, archives and deletes. What was acknowledged
is compared with what the server holds at the end: nothing may be missing, be there twice, or be there although its
deletion was acknowledged, and every run that is left has succeeded.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import kfp
from kfp import compiler

_ROOT: Final = str(Path(__file__).resolve().parents[2])
if _ROOT not in sys.path:
    sys.path.insert(0, _ROOT)

from tests.e2e.metrics_page import Samples, samples  # noqa: E402 - found by the path above
from tests.load.users import Account, User, trivial  # noqa: E402
from tests.recovery.postgres import PostgresServer  # noqa: E402

from pinnace.cli.server_api import unfinished_runs  # noqa: E402
from pinnace.cli.server_file import ServerRecord, require_server  # noqa: E402
from pinnace.testing.command import PinnaceCommand  # noqa: E402

_PAGE: Final = 200
_REQUESTS: Final = "pinnace_http_requests_total"
_SETTLE_SECONDS: Final = 1200.0
_BAD_WORDS: Final = ("Traceback", "database is locked", " ERROR ")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a load has shown. ``faults`` are sentences, none if all is well; ``counted`` is the server's own account."""

    faults: Sequence[str]
    times: dict[str, list[float]]
    kept: Counter[str]
    seconds: float
    settled_after: float
    counted: Samples

    @property
    def operations(self) -> int:
        """How many were tried."""
        return sum(map(len, self.times.values()))


def load(server: ServerRecord, clients: int, goes_on: Callable[[int, float], bool], folder: Path) -> Outcome:
    """Let so many clients work at once, for as long as *goes_on* says of a number of operations and of seconds."""
    package = folder / "trivial.yaml"
    compiler.Compiler().compile(trivial, str(package))
    users = [User(server.address, number, package) for number in range(clients)]
    began = time.monotonic()
    threads = [
        threading.Thread(target=user.work, args=(lambda made=user: goes_on(made.operations, time.monotonic() - began),))
        for user in users
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended = time.monotonic()
    faults = [fault for user in users for fault in user.account.faults]
    faults += settle(server)
    settled = time.monotonic() - ended
    faults += compare(kfp.Client(host=server.address), [user.account for user in users])
    counted = samples(server)
    faults += server_faults(counted)
    times: dict[str, list[float]] = {}
    for user in users:
        for name, seconds in user.account.times.items():
            times.setdefault(name, []).extend(seconds)
    kept = Counter(kind for user in users for kind, _ in user.account.kept)
    return Outcome(faults, times, kept, ended - began, settled, counted)


def settle(server: ServerRecord) -> list[str]:
    """Wait until every run has ended."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while unfinished_runs(server.client()):
        if time.monotonic() > deadline:
            return [f"runs have not ended after {_SETTLE_SECONDS:.0f} seconds"]
        time.sleep(0.2)
    return []


def compare(client: kfp.Client, accounts: Sequence[Account]) -> list[str]:
    """What the server holds, against what it acknowledged."""
    runs = everything(client.list_runs, "runs")
    held = {
        "run": [(run.run_id, run.display_name) for run in runs],
        "experiment": [(e.experiment_id, e.display_name) for e in everything(client.list_experiments, "experiments")],
        "pipeline": [(p.pipeline_id, p.display_name) for p in everything(client.list_pipelines, "pipelines")],
    }
    faults: list[str] = []
    for kind, objects in held.items():
        acknowledged = {key: name for account in accounts for (of, key), name in account.kept.items() if of == kind}
        gone = {key for account in accounts for of, key in account.gone if of == kind}
        there = dict(objects)
        faults += [
            f"{kind} {key} is listed twice" for key, times in Counter(k for k, _ in objects).items() if times > 1
        ]
        faults += [f"{kind} {key} is lost" for key in acknowledged.keys() - there.keys()]
        faults += [f"{kind} {key} was deleted and is there" for key in gone & there.keys()]
        faults += [
            f"{kind} {key} is called {there[key]}"
            for key in acknowledged.keys() & there.keys()
            if there[key] != acknowledged[key]
        ]
        made = there.keys() - acknowledged.keys() - gone
        faults += [
            f"{kind} {key} ({there[key]}) was made, and nobody was told" for key in made if there[key] != "Default"
        ]
    archived = {key for account in accounts for key in account.archived}
    faults += [f"run {run.run_id} is {run.state}" for run in runs if run.state != "SUCCEEDED"]
    faults += [
        f"run {run.run_id} is {run.storage_state}"
        for run in runs
        if (run.storage_state == "ARCHIVED") is not (run.run_id in archived)
    ]
    return faults


def server_faults(counted: Samples) -> list[str]:
    """Answers that the server counts as its own faults."""
    requests = [(dict(labels), value) for (name, labels), value in counted.items() if name == _REQUESTS]
    bad = [(labels, value) for labels, value in requests if labels["status"].startswith("5")]
    return [f"{labels['route']} was answered {labels['status']} {value:.0f} times" for labels, value in bad]


def mean(counted: Samples, name: str) -> str:
    """How often something was measured, and its mean."""
    count, total = (counted[f"{name}_seconds_{part}", frozenset()] for part in ("count", "sum"))
    return f"{count:.0f} times, {1000 * total / max(1.0, count):.1f} ms on average"


def everything(listing: Callable[..., Any], field: str) -> list[Any]:
    """All pages of a list."""
    found: list[Any] = []
    token = ""
    while True:
        page = listing(page_token=token, page_size=_PAGE, sort_by="created_at asc")
        found += getattr(page, field) or []
        token = page.next_page_token or ""
        if not token:
            return found


def bad_lines(log: Path) -> list[str]:
    """What a server logs that has met something that it should not."""
    return [line for line in log.read_text(encoding="utf-8").splitlines() if any(word in line for word in _BAD_WORDS)]


def report(outcome: Outcome) -> str:
    """The figures, as a table."""
    rate = outcome.operations / outcome.seconds
    lines = [
        f"{outcome.operations} operations in {outcome.seconds:.1f} s ({rate:.0f}/s). Left: {dict(outcome.kept)}.",
        f"All runs had ended {outcome.settled_after:.0f} s later.",
        f"Commits of histories: {mean(outcome.counted, 'pinnace_commit_duration')}.",
        f"Lag of the event loop: {mean(outcome.counted, 'pinnace_event_loop_lag')}.",
        f"{'operation':20}{'count':>7}{'median ms':>11}{'95 % ms':>9}{'max ms':>9}",
    ]
    for name, seconds in sorted(outcome.times.items()):
        high = statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]
        values = (statistics.median(seconds), high, max(seconds))
        lines.append(
            f"{name:20}{len(seconds):7}"
            + "".join(f"{1000 * v:>{w}.0f}" for v, w in zip(values, (11, 9, 9), strict=True))
        )
    lines += [f"FAULT {fault}" for fault in outcome.faults[:50]]
    lines.append(f"{len(outcome.faults)} faults")
    return "\n".join(lines)


@contextmanager
def database_url(kind: str) -> Iterator[str]:
    """The URL of an empty database; "" for SQLite."""
    if kind == "sqlite":
        yield ""
        return
    server = PostgresServer()
    server.start()
    try:
        yield server.create("load")
    finally:
        server.remove()


def main() -> int:
    """Run the load; the exit code is 1 if there were faults."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pinnace-load-") as folder, database_url(chosen.database) as url:
        command = PinnaceCommand(Path(folder) / "data")
        command.start(*(["--database-url", url] if url else []))
        try:
            server = require_server(command.data)
            outcome = load(server, chosen.clients, lambda _, seconds: seconds < chosen.seconds, Path(folder))
        finally:
            command.stop()
        bad = bad_lines(Path(folder) / "data.log")
    lines = [f"{chosen.clients} clients, {chosen.database}", report(outcome), *(f"LOG {line}" for line in bad[:50])]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if outcome.faults or bad else 0


if __name__ == "__main__":
    sys.exit(main())
