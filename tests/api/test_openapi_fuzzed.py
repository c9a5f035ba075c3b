"""What a real server answers is what its OpenAPI document says, whatever it is asked.

Longer, with other requests each time: ``python -m tests.api.test_openapi_fuzzed EXAMPLES [SEED]`` (7 is what the test
does).
"""

import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyStrategyDefinition
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.api.openapi_world import Seeds, bodies

from pinnace.testing.command import PinnaceCommand

CHECKED: Final = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ENDLESS: Final = frozenset({"streamChanges", "streamRun"})
"""Streams that go on until the caller goes away."""

EXAMPLES: Final = 7
SEED: Final = 20_260_821
QUIET: Final = settings(
    deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), derandomize=False
)


@dataclass
class Findings:
    """What came out of many requests."""

    reached: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    refusals: dict[str, str] = field(default_factory=dict)
    faults: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, other: "Findings") -> None:
        """Put another search to this one."""
        self.reached += other.reached
        self.asked += other.asked
        self.refusals |= other.refusals
        self.faults |= other.faults

    def note(self, operation: str, case: Any, response: Any) -> None:
        """Check one answer; the first of each kind of fault is kept."""
        self.asked[operation] += 1
        if response.status_code < 300:
            self.reached[operation] += 1
        else:
            self.refusals[operation] = f"{response.status_code} {response.text[:200]}"
        # Requests that only upstream's own agents make are refused by 501, as the document says.
        if response.status_code >= 500 and response.status_code != 501:
            self.faults.setdefault((operation, f"{response.status_code}"), case.as_curl_command())
        try:
            case.validate_response(response, checks=CHECKED)
        except FailureGroup as found:
            for each in found.exceptions:
                self.faults.setdefault((operation, type(each).__name__), f"{each}\n{case.as_curl_command()}")


@st.composite
def _cases(draw: st.DrawFn, operation: Any, name: str, seeds: Seeds) -> Any:
    """A request, mostly with objects that are there."""
    wrong = draw(st.integers(0, 4)) == 0
    mode = GenerationMode.NEGATIVE if wrong and _has_input(operation) else GenerationMode.POSITIVE
    case = draw(operation.as_strategy(generation_mode=mode))
    if draw(st.integers(0, 4)) > 0:
        wanted = set(case.path_parameters or {})
        fitting = [item for item in seeds.paths if wanted <= set(item)]
        if fitting and wanted:
            chosen = draw(st.sampled_from(fitting))
            case.path_parameters = {key: chosen[key] for key in wanted}
    if draw(st.booleans()):
        case.query = {}
    for key, values in seeds.queries.items():
        if _takes(operation, key) and draw(st.booleans()):
            case.query = {**(case.query or {}), key: draw(st.sampled_from(values))}
    if _takes(operation, "name") and draw(st.booleans()):
        case.query = {**(case.query or {}), "name": f"fuzz-{draw(st.uuids())}"}
    _do_not_follow(case)
    known = bodies(name, seeds, f"fuzz-{draw(st.uuids())}")
    if known and draw(st.integers(0, 2)) > 0:
        case.body = draw(st.sampled_from(known))
        _fit_to_body(case, seeds, f"fuzz-{draw(st.uuids())}")
    return case


def _fit_to_body(case: Any, seeds: Seeds, name: str) -> None:
    """The query of a request whose body is a good one."""
    if "uploadfile" in case.body:
        case.media_type = "multipart/form-data"
        case.query = {"name": name, "pipelineid": seeds.queries["pipelineid"][0]}
    else:
        case.media_type = "application/json"
        case.query = {}


def _do_not_follow(case: Any) -> None:
    """Some runs go on for long, and so would their logs."""
    if str((case.query or {}).get("follow", "")).lower() in {"true", "1", "on", "yes", "t", "y"}:
        case.query = {**case.query, "follow": "false"}


def _has_input(operation: Any) -> bool:
    return bool(operation.body or list(operation.query) or list(operation.headers))


def _takes(operation: Any, key: str) -> bool:
    return any(parameter.name == key for parameter in operation.query)


def fuzz(seeds: Seeds, examples: int, number: int) -> Findings:
    """Ask every operation; those that delete come last."""
    schema = schemathesis.openapi.from_url(f"{seeds.address}/openapi.json")
    operations: list[Any] = [item.ok() for item in schema.get_all_operations()]  # type: ignore[union-attr]
    findings = Findings()
    with requests.Session() as session:
        for operation in sorted(operations, key=_lateness):
            name = operation.definition.raw["operationId"]
            if name in ENDLESS:
                _open_stream(seeds, operation, name, findings)
            else:
                _ask(operation, name, seeds, findings, session, examples, number)
    return findings


def _lateness(operation: Any) -> tuple[bool, int]:
    """What deletes comes last, and first what lies inside something."""
    return operation.method.lower() == "delete", -operation.path.count("{")


def _ask(
    operation: Any, name: str, seeds: Seeds, findings: Findings, session: requests.Session, examples: int, number: int
) -> None:
    @seed(number)
    @settings(QUIET, max_examples=examples)
    @given(case=_cases(operation, name, seeds))
    def one(case: Any) -> None:
        findings.note(name, case, case.call(session=session, timeout=60))

    one()


def _open_stream(seeds: Seeds, operation: Any, name: str, findings: Findings) -> None:
    """The head of a stream."""
    case = operation.Case(path_parameters=dict(seeds.paths[0]))
    findings.asked[name] += 1
    with requests.get(seeds.address + case.formatted_path, stream=True, timeout=60) as answer:
        documented = operation.definition.raw["responses"]["200"]["content"]
        assert answer.headers["content-type"].partition(";")[0] in documented
        findings.reached[name] += answer.status_code == 200


def walk(seeds: Seeds, examples: int, number: int) -> Findings:
    """Go from answers to what they name: the ids in an answer become parameters of what is asked next."""
    schema = schemathesis.openapi.from_url(f"{seeds.address}/openapi.json").exclude(operation_id=sorted(ENDLESS))
    findings = Findings()
    chance = Random(number)
    state_machine: Any = schema.as_state_machine()

    class Walk(state_machine):  # type: ignore[misc]
        def before_call(self, case: Any) -> None:
            name = case.operation.definition.raw["operationId"]
            free = f"walk-{chance.getrandbits(64):x}"
            known = bodies(name, seeds, free)
            if known and chance.random() < 0.8:
                case.body = chance.choice(known)
                _fit_to_body(case, seeds, free)
            _do_not_follow(case)

        def validate_response(self, response: Any, case: Any, *_: Any, **__: Any) -> None:
            findings.note(case.operation.definition.raw["operationId"], case, response)

    for turn in range(examples):
        # What was made before decides which step is possible, and Hypothesis wants steps to be repeatable: a walk that
        # it gives up for that has still asked, and what was answered counts.
        with suppress(FlakyStrategyDefinition):
            run_state_machine_as_test(
                seed(number + turn)(Walk), settings=settings(QUIET, max_examples=3, stateful_step_count=8)
            )
    return findings


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeds]:
    yield from _served(tmp_path_factory.mktemp("fuzzed"))


def _served(folder: Path) -> Iterator[Seeds]:
    command = PinnaceCommand(folder / "data")
    command.start()
    try:
        from pinnace.cli.server_file import require_server

        seeds = Seeds(require_server(command.data).address)
        seeds.fill()
        yield seeds
    finally:
        command.stop()


def test_every_answer_is_documented_and_most_operations_succeed(seeds: Seeds) -> None:
    findings = walk(seeds, EXAMPLES, SEED)
    assert sum(findings.asked.values()) >= 30, "the walk ended too early to tell anything"
    findings.add(fuzz(seeds, EXAMPLES, SEED))
    _judge(findings)


def _judge(findings: Findings) -> None:
    missed = sorted(set(findings.asked) - set(findings.reached))
    said = "\n\n".join(f"{name}: {kind}\n{words}" for (name, kind), words in findings.faults.items())
    assert not findings.faults, said
    share = len(findings.reached) / len(findings.asked)
    assert share >= 0.8, f"{share:.0%} of the operations reached a success; not: {', '.join(missed)}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        for world in _served(Path(place)):
            found = fuzz(world, int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else uuid.uuid4().int)
            found.add(walk(world, int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else uuid.uuid4().int))
            print(f"{sum(found.asked.values())} requests")  # noqa: T201
            for name in sorted(set(found.asked) - set(found.reached)):
                print(f"no success: {name}, at last {found.refusals.get(name)}")  # noqa: T201
            _judge(found)
