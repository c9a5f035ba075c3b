"""Contract of lists: order, filters, pages, tokens, totals."""

import base64
import json
import random
from dataclasses import replace

import pytest

from pinnace.domain.listing import ListQuery, Operation, Predicate
from pinnace.domain.states import RunState, StorageState
from pinnace.errors import InvalidInput
from pinnace.ports.store import Store
from pinnace.testing.records import a_pipeline, a_run, a_version, an_experiment


def _where(field: str, operation: Operation, value: str | int | tuple[str | int, ...]) -> ListQuery:
    return ListQuery(predicates=(Predicate(field, operation, value),))


def _names(store: Store, query: ListQuery) -> list[str]:
    """The names of all runs of a list, page by page."""
    names: list[str] = []
    with store.read() as unit:
        page = unit.runs.list(query)
        names += [run.display_name for run in page.items]
        while page.next_token:
            assert len(page.items) == query.size
            page = unit.runs.list(ListQuery(query.namespace, query.parent, size=query.size, token=page.next_token))
            names += [run.display_name for run in page.items]
        assert page.total == len(names)
    return names


@pytest.fixture
def runs(store: Store) -> Store:
    with store.write() as unit:
        for run in (
            a_run("b", at=10, finished_at=40, state=RunState.SUCCEEDED, namespace="one", description="100% sure"),
            a_run("a", at=10, state=RunState.RUNNING, namespace="one", experiment="e"),
            a_run("C", at=20, finished_at=30, state=RunState.FAILED, experiment="e", description="a_b"),
            a_run("ä", at=30, storage_state=StorageState.ARCHIVED, description="AXB"),
            a_run("d", at=40, description="back\\slash"),
        ):
            unit.runs.add(run)
    return store


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize(
    ("sort_by", "ascending"),
    [
        ("created_at", ["a", "b", "C", "ä", "d"]),
        ("", ["a", "b", "C", "ä", "d"]),
        ("scheduled_at", ["a", "b", "C", "ä", "d"]),
        ("name", ["C", "a", "b", "d", "ä"]),
        ("id", ["C", "a", "b", "d", "ä"]),
        ("finished_at", ["a", "d", "ä", "C", "b"]),
        ("state", ["C", "d", "ä", "a", "b"]),
        ("storage_state", ["ä", "C", "a", "b", "d"]),
        ("namespace", ["C", "d", "ä", "a", "b"]),
        ("experiment_id", ["C", "a", "b", "d", "ä"]),
    ],
)
def test_pages_in_both_directions(runs: Store, sort_by: str, ascending: list[str], size: int) -> None:
    assert _names(runs, ListQuery(sort_by=sort_by, size=size)) == ascending
    assert _names(runs, ListQuery(sort_by=sort_by, size=size, descending=True)) == ascending[::-1]


@pytest.mark.parametrize(
    ("field", "operation", "value", "found"),
    [
        ("name", Operation.EQUALS, "a", "a"),
        ("name", Operation.EQUALS, "A", ""),
        ("name", Operation.NOT_EQUALS, "a", "bCäd"),
        ("name", Operation.GREATER_THAN, "b", "äd"),
        ("name", Operation.LESS_THAN_EQUALS, "a", "aC"),
        ("name", Operation.IN, ("a", "d", "none"), "ad"),
        ("name", Operation.IN, (), ""),
        ("created_at", Operation.GREATER_THAN, 20, "äd"),
        ("created_at", Operation.GREATER_THAN_EQUALS, 20, "Cäd"),
        ("created_at", Operation.LESS_THAN, "20", "ab"),
        ("created_at", Operation.IN, (10, 40), "abd"),
        ("finished_at", Operation.LESS_THAN, 35, "C"),
        ("finished_at", Operation.NOT_EQUALS, 30, "b"),
        ("state", Operation.EQUALS, "RUNNING", "a"),
        ("storage_state", Operation.NOT_EQUALS, "ARCHIVED", "abCd"),
        ("experiment_id", Operation.EQUALS, "e", "aC"),
        ("namespace", Operation.EQUALS, "one", "ab"),
        ("description", Operation.IS_SUBSTRING, "0% s", "b"),
        ("description", Operation.IS_SUBSTRING, "a_b", "C"),
        ("description", Operation.IS_SUBSTRING, "A_B", "C"),
        ("description", Operation.IS_SUBSTRING, "axb", "ä"),
        ("description", Operation.IS_SUBSTRING, "k\\s", "d"),
        ("description", Operation.IS_SUBSTRING, "%", "b"),
        ("name", Operation.IS_SUBSTRING, "ä", "ä"),
        ("name", Operation.IS_SUBSTRING, "Ä", ""),
        ("name", Operation.IS_SUBSTRING, "", "abCäd"),
    ],
)
def test_filters(runs: Store, field: str, operation: Operation, value: str | int | tuple[str, ...], found: str) -> None:
    assert "".join(_names(runs, _where(field, operation, value))) == found


def test_instants_are_compared_in_whole_units(runs: Store) -> None:
    def found(operation: Operation, value: int | tuple[int, ...], size: int = 20) -> str:
        query = ListQuery(predicates=(Predicate("created_at", operation, value, unit=10),), size=size)
        return "".join(_names(runs, query))

    every = "".join(_names(runs, ListQuery()))
    in_one = found(Operation.IN, (1,))
    assert in_one
    assert set(found(Operation.NOT_EQUALS, 1)) == set(every) - set(in_one)
    assert found(Operation.IN, ()) == ""
    assert found(Operation.NOT_EQUALS, 1, size=1) == found(Operation.NOT_EQUALS, 1), "pages keep the unit"


def test_parts_of_any_names_are_found_as_they_are_written(store: Store) -> None:
    """But for the case of the 26 letters of ASCII; nothing in a name or in what is looked for has a meaning."""
    chance = random.Random(13)
    letters = "aAbBzZ 0%_\\'\"*?[]()-/äÄßıİſKé한국어✨👩\u200d🔬"
    names = ["".join(chance.choices(letters, k=chance.randint(1, 12))) for _ in range(150)]
    parts = [
        name[start : start + chance.randint(1, 4)] for name in names[:60] for start in [chance.randrange(len(name))]
    ]
    parts += [chance.choice((str.upper, str.lower))(part) for part in parts[:20]] + ["%%", "__", "\\", "''", "nowhere"]
    with store.write() as unit:
        for number, name in enumerate(names):
            unit.runs.add(replace(a_run(f"{number}"), display_name=name))
    found = 0
    for part in parts:
        with store.read() as unit:
            page = unit.runs.list(replace(_where("name", Operation.IS_SUBSTRING, part), size=1000))
        expected = [name for name in names if _ascii_lower(part) in _ascii_lower(name)]
        assert sorted(run.display_name for run in page.items) == sorted(expected), part
        found += len(expected)
    assert found > len(parts)


def _ascii_lower(text: str) -> str:
    return text.translate({ord("A") + place: ord("a") + place for place in range(26)})


def test_all_predicates_namespace_and_parent_must_hold(runs: Store) -> None:
    states = Predicate("state", Operation.IN, ("RUNNING", "FAILED"))
    late = Predicate("created_at", Operation.GREATER_THAN, 15)
    assert _names(runs, ListQuery(predicates=(states, late))) == ["C"]
    assert _names(runs, ListQuery(namespace="one", predicates=(states,))) == ["a"]
    assert _names(runs, ListQuery(parent="e")) == ["a", "C"]
    assert _names(runs, ListQuery(parent="e", namespace="default", size=1)) == ["C"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (ListQuery(sort_by="nothing"), 'Invalid sorting field: "nothing" on listable type Run'),
        (_where("nothing", Operation.EQUALS, 1), 'no support for filtering on unrecognized field "nothing"'),
        (_where("tags.team", Operation.EQUALS, "a"), 'no support for filtering on unrecognized field "tags.team"'),
        (_where("created_at", Operation.EQUALS, "soon"), "needs a number"),
        (_where("created_at", Operation.EQUALS, 2**63), "too large"),
        (_where("name", Operation.IN, "a"), "needs a list"),
        (_where("name", Operation.EQUALS, ("a",)), "needs one value"),
        (_where("created_at", Operation.IS_SUBSTRING, "1"), "needs a text"),
        (_where("name", Operation.IS_SUBSTRING, 1), "needs a text"),
        (ListQuery(size=0), "page size"),
        (ListQuery(token="*"), "Invalid page token"),
        (ListQuery(token="AAAA"), "Invalid page token"),
        (ListQuery(token=base64.b64encode(b"[1]").decode()), "Invalid page token"),
        (ListQuery(token=base64.b64encode(b"[" * 100_000).decode()), "Invalid page token"),
    ],
)
def test_wrong_queries_are_refused_in_upstreams_words(store: Store, query: ListQuery, message: str) -> None:
    with pytest.raises(InvalidInput) as caught, store.read() as unit:
        unit.runs.list(query)
    assert message in str(caught.value)


def test_a_token_carries_sort_and_filter_and_fits_no_other_list(runs: Store) -> None:
    query = replace(_where("created_at", Operation.LESS_THAN, 40), sort_by="name", descending=True, size=2)
    with runs.read() as unit:
        page = unit.runs.list(query)
        assert [run.display_name for run in page.items] == ["ä", "b"]
        again = unit.runs.list(replace(query, token=page.next_token))
        omitted = unit.runs.list(ListQuery(size=2, token=page.next_token))
        assert [run.display_name for run in again.items] == [run.display_name for run in omitted.items] == ["a", "C"]
        assert again.total == page.total == 4
        for other in (
            replace(query, sort_by="id"),
            replace(query, descending=False),
            replace(query, predicates=()),
            replace(query, predicates=(Predicate("created_at", Operation.LESS_THAN, 41),)),
        ):
            with pytest.raises(InvalidInput, match="page token does not match the supplied sort by and/or filtering"):
                unit.runs.list(replace(other, token=page.next_token))


def test_a_forged_token_reaches_no_other_namespace_and_no_other_column(runs: Store) -> None:
    with runs.read() as unit:
        token = unit.runs.list(ListQuery(namespace="one", size=1)).next_token
        content = json.loads(base64.urlsafe_b64decode(token))
        for change in (
            {"sort": "document"},
            {"sort": "1; DROP TABLE runs"},
            {"filter": [["document", "EQUALS", "document"]]},
            {"value": "'x"},
            {"value": None},
        ):
            forged = base64.urlsafe_b64encode(json.dumps({**content, **change}).encode()).decode()
            with pytest.raises(InvalidInput):
                unit.runs.list(ListQuery(namespace="one", token=forged))
        wide = base64.urlsafe_b64encode(json.dumps({**content, "value": 0, "id": ""}).encode()).decode()
        assert {run.namespace for run in unit.runs.list(ListQuery(namespace="one", token=wide)).items} == {"one"}


def test_items_that_come_and_go_between_pages_shift_no_others(store: Store) -> None:
    with store.write() as unit:
        for number in range(0, 40, 2):
            unit.runs.add(a_run(f"{number:02}", at=number))
    seen: list[str] = []
    token = ""
    for turn in range(7):
        with store.read() as unit:
            page = unit.runs.list(ListQuery(size=3, token=token))
        seen += [run.display_name for run in page.items]
        token = page.next_token
        with store.write() as unit:
            unit.runs.add(a_run(f"{turn:02}-before", at=-1))
            if turn == 0:
                unit.runs.delete(page.items[-1].id)
                unit.runs.add(a_run("05", at=5))
    assert seen == ["00", "02", "04", "05", *[f"{number:02}" for number in range(6, 40, 2)]]
    assert token == ""


def test_experiments_that_never_had_a_run_come_first(store: Store) -> None:
    with store.write() as unit:
        for name, last in (("a", 5), ("b", None), ("c", 0), ("d", None)):
            unit.experiments.add(an_experiment(name, last_run_created_at=last))
    for descending, expected in ((False, "bdca"), (True, "acdb")):
        names = ""
        token = ""
        for _ in expected:
            with store.read() as unit:
                page = unit.experiments.list(
                    ListQuery(sort_by="last_run_created_at", descending=descending, size=1, token=token)
                )
            names += page.items[0].display_name
            token = page.next_token
        assert (names, token) == (expected, "")
    with pytest.raises(InvalidInput), store.read() as unit:
        unit.experiments.list(ListQuery(parent="x"))


def test_pipelines_and_versions_filter_by_tag(store: Store) -> None:
    with store.write() as unit:
        for name, team in (("p", "red"), ("q", "blue"), ("r", "red")):
            unit.pipelines.add(a_pipeline(name, tags={"team": team, f"only.{name}": "x"}))
            unit.versions.add(a_version(name, "v1", at=1, tags={"stage": "test"}))
            unit.versions.add(a_version(name, "v2", at=2))
    with store.read() as unit:
        page = unit.pipelines.list(_where("tags.team", Operation.EQUALS, "red"))
        assert [pipeline.name for pipeline in page.items] == ["p", "r"]
        assert page.items[0].tags == {"team": "red", "only.p": "x"}
        assert unit.pipelines.list(_where("tags.only.q", Operation.EQUALS, "x")).total == 1
        versions = unit.versions.list(replace(_where("tags.stage", Operation.EQUALS, "test"), parent="q"))
        assert [(version.pipeline, version.name) for version in versions.items] == [("q", "v1")]
        assert [v.name for v in unit.versions.list(ListQuery(parent="p", descending=True)).items] == ["v2", "v1"]
        assert unit.versions.list(ListQuery(namespace="other")).total == 0
        for wrong in (
            _where("tags.team", Operation.IS_SUBSTRING, "r"),
            _where("tags.team", Operation.EQUALS, 1),
            _where("tags.", Operation.EQUALS, "x"),
        ):
            with pytest.raises(InvalidInput, match="must be tags"):
                unit.pipelines.list(wrong)
