"""Contract of the store for tasks and artifacts that are looked for by themselves, and the links between them."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from pinnace.domain.artifacts import Artifact, ArtifactType, StoredArtifact
from pinnace.domain.ids import ROOT, ArtifactId, NodeId, RunId, task_uuid
from pinnace.domain.lineage import OWN, Link, LinkDirection, LinkQuery, LinkRole
from pinnace.domain.listing import ListQuery, Operation, Predicate
from pinnace.domain.states import NodePhase
from pinnace.domain.tasks import TaskRecord
from pinnace.domain.values import Instant
from pinnace.errors import AlreadyExists, InvalidInput, NotFound
from pinnace.ports.store import CacheEntry, LogAppend, Store
from pinnace.services.lineage_walk import MAX_NODES, Walk
from pinnace.testing.records import a_run, a_task, an_artifact, some_events

ONE, TWO, THREE = RunId("one"), RunId("two"), RunId("three")


def _append(store: Store, run: str, tasks: Sequence[TaskRecord], artifacts: Sequence[Artifact] = ()) -> None:
    last = 0
    with store.read() as unit:
        last = unit.log.last_sequence(RunId(run))
    entry = LogAppend(RunId(run), last, some_events(last + 1, 1), tasks=tasks, artifacts=artifacts)
    assert store.append([entry]) == [None]


def _node(run: str, node: str, at: int, **changes: Any) -> TaskRecord:
    made = a_task(run, node, inputs=changes.pop("inputs", None), outputs=changes.pop("outputs", None))
    name = node.rpartition("/")[2].partition("[")[0]
    return replace(made, created_at=Instant(at), phase=NodePhase.SUCCEEDED, name=name, **changes)


@pytest.fixture
def chain(store: Store) -> Store:
    """Run one makes raw, out of it clean (inside a DAG), out of that a model. Run two is served by the cache for raw
    and clean, and makes a model of its own. Run three imports raw again and evaluates run one's model.
    """
    with store.write() as unit:
        for number, run in enumerate((ONE, TWO, THREE)):
            unit.runs.add(a_run(run, at=number))
    for run, at, cached, model in ((ONE, 10, False, "model"), (TWO, 20, True, "model2")):
        dag = NodeId("prepare")
        _append(
            store,
            run,
            [
                replace(_node(run, ROOT, at, kind="DAG", outputs={"result": (model,)}), parent=None),
                _node(run, "load", at, cached=cached, outputs={"raw": ("raw",)}),
                _node(run, dag, at, kind="DAG", inputs={"raw": ("raw",)}, outputs={"clean": ("clean", "extra")}),
                replace(
                    _node(
                        run,
                        f"{dag}/wash",
                        at + 1,
                        cached=cached,
                        inputs={"raw": ("raw",)},
                        outputs={"clean": ("clean", "extra")},
                    ),
                    parent=dag,
                ),
                _node(run, "train", at + 2, inputs={"data": ("clean", "extra")}, outputs={"model": (model,)}),
            ],
            [an_artifact(each) for each in ("raw", "clean", "extra", model)],
        )
    _append(
        store,
        THREE,
        [
            _node(THREE, "fetch", 30, kind="IMPORTER", outputs={"artifact": ("raw",)}),
            _node(THREE, "judge", 31, inputs={"model": ("model",)}),
        ],
        [an_artifact("raw")],
    )
    return store


def _briefly(links: Sequence[Link]) -> list[tuple[str, str, str]]:
    return [(link.run, link.node, link.role.value) for link in links]


def test_a_task_is_found_by_its_id_alone(chain: Store) -> None:
    with chain.read() as unit:
        found = unit.lineage.task(task_uuid(TWO, NodeId("prepare/wash")))
        assert (found.run, found.node) == (TWO, "prepare/wash")
        assert found == unit.runs.task(TWO, NodeId("prepare/wash"))
        for unknown in (str(uuid.uuid4()), "no uuid", ""):
            with pytest.raises(NotFound):
                unit.lineage.task(unknown)


def test_tasks_are_listed_by_run_by_the_node_around_and_altogether(chain: Store) -> None:
    with chain.read() as unit:
        everything = unit.lineage.tasks(ListQuery("default", descending=True, size=3))
        assert [task.node for task in everything.items] == ["judge", "fetch", "train"]
        assert everything.total == 12
        rest = unit.lineage.tasks(ListQuery("default", descending=True, size=100, token=everything.next_token))
        ids = [task_uuid(task.run, task.node) for task in (*everything.items, *rest.items)]
        assert len(set(ids)) == 12
        assert unit.lineage.tasks(ListQuery("other")).total == 0
        of_run = unit.lineage.tasks(ListQuery("default", ONE, size=2))
        assert (of_run.total, {task.run for task in of_run.items}) == (5, {ONE})
        dag = task_uuid(TWO, NodeId("prepare"))
        inside = unit.lineage.subtasks(ListQuery("default", dag))
        assert [task.node for task in inside.items] == ["prepare/wash"]
        assert [brief.node for brief in unit.lineage.children(dag, 10)] == ["prepare/wash"]
        assert len(unit.lineage.children(task_uuid(ONE, ROOT), 2)) == 2
        one = Predicate("id", Operation.EQUALS, dag)
        assert [task.node for task in unit.lineage.tasks(ListQuery(predicates=(one,))).items] == ["prepare"]
        ran = Predicate("phase", Operation.IN, ("FAILED", "RUNNING"))
        assert unit.lineage.tasks(ListQuery("default", predicates=(ran,))).total == 0
        leaves = Predicate("kind", Operation.IN, ("CONTAINER", "IMPORTER"))
        assert unit.lineage.tasks(ListQuery("default", predicates=(leaves,), size=1)).total == 8
        brief = unit.lineage.briefs([dag, str(uuid.uuid4())])
        assert (list(brief), brief[dag].run_name, brief[dag].kind) == ([dag], "two", "DAG")


def test_tasks_are_listed_in_a_few_words(chain: Store) -> None:
    steps = Predicate("kind", Operation.IN, ("CONTAINER", "IMPORTER"))
    query = ListQuery(predicates=(steps,), descending=True, size=2)
    with chain.read() as unit:
        while True:
            whole, brief = unit.lineage.tasks(query), unit.lineage.brief_page(query)
            assert [(each.run, each.node) for each in brief.items] == [(each.run, each.node) for each in whole.items]
            assert all(each.kind != "DAG" and each.run_name for each in brief.items)
            assert (brief.total, brief.next_token) == (whole.total, whole.next_token)
            if not brief.next_token:
                break
            query = replace(query, token=brief.next_token)


def test_what_a_node_is_stays_while_it_changes(chain: Store) -> None:
    changed = _node(ONE, "loop", 40, kind="LOOP", iterations=3)
    _append(chain, ONE, [replace(changed, phase=NodePhase.OPEN, iterations=None)])
    _append(chain, ONE, [changed])
    with chain.read() as unit:
        assert unit.lineage.task(task_uuid(ONE, NodeId("loop"))) == changed


def test_roles_tell_who_made_an_artifact_from_who_handed_it_on(chain: Store) -> None:
    with chain.read() as unit:
        producers = unit.lineage.producers([ArtifactId(each) for each in ("raw", "clean", "model2", "none")])
        assert {key: (link.run, link.node, link.key) for key, link in producers.items()} == {
            "raw": (ONE, "load", "raw"),
            "clean": (ONE, "prepare/wash", "clean"),
            "model2": (TWO, "train", "model"),
        }
        raw = [ArtifactId("raw")]
        assert _briefly(unit.lineage.links_of_artifacts(raw, [LinkRole.REUSED], 9)) == [(TWO, "load", "REUSED")]
        assert _briefly(unit.lineage.links_of_artifacts(raw, [LinkRole.USED], 9)) == [
            (TWO, "prepare/wash", "USED"),
            (ONE, "prepare/wash", "USED"),
        ]
        assert len(unit.lineage.links_of_artifacts(raw, OWN, 2)) == 2
        exposed = unit.lineage.links_of_tasks([task_uuid(ONE, ROOT)], list(LinkRole), 9)
        assert _briefly(exposed) == [(ONE, ROOT, "EXPOSED")]
        passed = unit.lineage.links_of_tasks([task_uuid(ONE, NodeId("prepare"))], [LinkRole.PASSED], 9)
        assert [(link.artifact, link.direction) for link in passed] == [("raw", LinkDirection.INPUT)]


def test_an_import_outlives_the_run_that_made_it_first(chain: Store) -> None:
    with chain.write() as unit:
        unit.runs.delete(ONE)
    with chain.read() as unit:
        producers = unit.lineage.producers([ArtifactId("raw"), ArtifactId("clean")])
        assert {key: (link.run, link.node) for key, link in producers.items()} == {"raw": (THREE, "fetch")}
        assert unit.lineage.artifact(ArtifactId("clean")).run == ONE


def test_links_are_listed_page_by_page(chain: Store) -> None:
    with chain.read() as unit:
        seen: list[Link] = []
        token = ""
        while token or not seen:
            page = unit.lineage.links(LinkQuery(size=3, token=token))
            assert page.total == -1
            seen += page.items
            token = page.next_token
        assert len(seen) == len(set(seen)) == 16
        assert all(link.role in OWN for link in seen)
        order = [(link.run, link.node, link.direction, link.key, link.index) for link in seen]
        assert order == sorted(order)
        backwards = unit.lineage.links(LinkQuery(size=100, descending=True)).items
        assert list(backwards) == seen[::-1]
        with_groups = unit.lineage.links(LinkQuery(artifacts=(ArtifactId("raw"),), groups=True))
        assert (with_groups.total, len(with_groups.items)) == (7, 7)
        of_task = LinkQuery(tasks=(task_uuid(ONE, NodeId("train")), "no uuid"), direction=LinkDirection.INPUT)
        assert [(link.artifact, link.index) for link in unit.lineage.links(of_task).items] == [
            ("clean", 0),
            ("extra", 1),
        ]
        assert unit.lineage.links(LinkQuery(runs=(THREE,))).total == 2
        assert unit.lineage.links(LinkQuery(runs=(THREE,), artifacts=(ArtifactId("clean"),))).items == []
        for token in ("x", "e30=", "WzFd"):
            with pytest.raises(InvalidInput):
                unit.lineage.links(LinkQuery(token=token))


def test_artifacts_are_listed_by_type_and_by_part_of_the_name(store: Store) -> None:
    with store.write() as unit:
        for number, (name, title) in enumerate(
            [
                ("Iris model", "system.Model"),
                ("iris.csv", "system.Dataset"),
                ("else", "my.Own"),
                ("iris 2", "system.Model"),
            ]
        ):
            artifact = Artifact(ArtifactId(f"a{number}"), name, ArtifactType(title), "/x", {"n": 1}, size=3)
            unit.lineage.add_artifact(StoredArtifact(artifact, Instant(number), description="d", number_value=0.5))
        with pytest.raises(AlreadyExists):
            unit.lineage.add_artifact(StoredArtifact(artifact, Instant(9)))
    model = Predicate("kind", Operation.EQUALS, "Model")
    iris = Predicate("name", Operation.IS_SUBSTRING, "iris")
    with store.read() as unit:

        def names(*predicates: Predicate) -> list[str]:
            page = unit.lineage.artifacts(ListQuery("default", predicates=predicates))
            assert page.total == len(page.items)
            return [stored.artifact.name for stored in page.items]

        assert names() == ["Iris model", "iris.csv", "else", "iris 2"]
        assert names(model) == ["Iris model", "iris 2"]
        assert names(Predicate("kind", Operation.EQUALS, "Artifact")) == ["else"]
        assert names(iris) == ["Iris model", "iris.csv", "iris 2"]
        assert names(iris, model) == ["Iris model", "iris 2"]
        told = unit.changes.page(0, 9, "default", frozenset({"artifact"}))
        assert told is not None
        assert [(change.id, change.summary["type"]) for change in told.changes][:2] == [
            ("a0", "Model"),
            ("a1", "Dataset"),
        ]
        whole = unit.lineage.artifact(ArtifactId("a3"))
        assert whole == StoredArtifact(artifact, Instant(3), description="d", number_value=0.5)
        assert unit.lineage.artifacts_by_id([ArtifactId("a3"), ArtifactId("b")]) == {"a3": whole}
        with pytest.raises(NotFound):
            unit.lineage.artifact(ArtifactId("b"))


def _names(walk: Walk) -> tuple[set[str], set[str], bool]:
    graph = walk.graph()
    nodes = {task.task_id for task in graph.tasks} | {stored.artifact.id for stored in graph.artifacts}
    for link in graph.links:
        assert {link.artifact, task_uuid(link.run, link.node)} <= nodes
    tasks = {f"{task.run}/{task.node}" for task in graph.tasks}
    return tasks, {stored.artifact.id for stored in graph.artifacts}, graph.truncated


def test_the_walk_goes_back_to_what_made_an_artifact(chain: Store) -> None:
    with chain.read() as unit:
        model = unit.lineage.artifact(ArtifactId("model2"))
        walk = Walk(unit.lineage, model)
        walk.backward(9)
        assert _names(walk) == (
            {"two/train", "one/prepare/wash", "one/load"},
            {"model2", "clean", "extra", "raw"},
            False,
        )
        walk = Walk(unit.lineage, model)
        walk.backward(1)
        assert _names(walk) == ({"two/train"}, {"model2", "clean", "extra"}, True)


def test_the_walk_goes_on_to_all_that_came_of_an_artifact(chain: Store) -> None:
    with chain.read() as unit:
        walk = Walk(unit.lineage, unit.lineage.artifact(ArtifactId("raw")))
        walk.forward(9)
        tasks = {"one/prepare/wash", "two/prepare/wash", "one/train", "two/train", "three/judge"}
        assert _names(walk) == (tasks, {"raw", "clean", "extra", "model", "model2"}, False)
        roles = {(link.run, link.node, link.artifact): link.role for link in walk.graph().links}
        assert roles[ONE, NodeId("prepare/wash"), ArtifactId("clean")] is LinkRole.PRODUCED
        assert roles[TWO, NodeId("prepare/wash"), ArtifactId("clean")] is LinkRole.REUSED
        walk = Walk(unit.lineage, unit.lineage.artifact(ArtifactId("clean")))
        walk.backward(9)
        walk.forward(1)
        tasks = {"one/load", "one/prepare/wash", "one/train", "two/train"}
        assert _names(walk) == (tasks, {"raw", "clean", "model", "model2"}, True)


def test_the_walk_is_bounded(store: Store) -> None:
    with store.write() as unit:
        unit.runs.add(a_run(ONE))
    users = [_node(ONE, f"user-{number:04}", number, inputs={"x": ("hub",)}) for number in range(MAX_NODES + 50)]
    _append(store, ONE, [_node(ONE, "maker", 0, outputs={"x": ("hub",)}), *users], [an_artifact("hub")])
    with store.read() as unit:
        walk = Walk(unit.lineage, unit.lineage.artifact(ArtifactId("hub")))
        walk.backward(3)
        walk.forward(3)
        tasks, artifacts, truncated = _names(walk)
    assert (len(tasks) + len(artifacts), truncated) == (MAX_NODES, True)
    assert "one/maker" in tasks


def test_cache_entries_of_the_same_component(store: Store) -> None:
    def entry(run: RunId, at: int, **changes: Any) -> CacheEntry:
        node = _node(run, "n", at)
        made = CacheEntry(f"f{at}", "p", "default", run, node.node, Instant(at), node.outputs, {"image": "i"}, "comp-n")
        return replace(made, **changes)

    entries = [entry(ONE, 1), entry(ONE, 2, component="comp-else"), entry(ONE, 3, pipeline_name="q"), entry(ONE, 4)]
    with store.write() as unit:
        for run in (ONE, TWO):
            unit.runs.add(a_run(run))
    looked_up = [
        replace(
            some_events(1, 1)[0], type="CacheMissed", body={"node": "n", "fingerprint": "old", "parts": {"a": "1"}}
        ),
        replace(some_events(2, 1)[0], type="CacheHit", body={"node": "n", "fingerprint": "f9", "parts": {"a": "2"}}),
        replace(some_events(3, 1)[0], type="CacheMissed", body={"node": "n/m", "fingerprint": "x", "parts": {}}),
    ]
    assert store.append([LogAppend(ONE, 0, looked_up, cached=entries)]) == [None]
    with store.read() as unit:
        assert unit.cache.others(entry(TWO, 9), 9) == [entries[3], entries[0]]
        assert unit.cache.others(entry(TWO, 9), 1) == [entries[3]]
        assert unit.cache.others(entry(TWO, 4), 9) == [entries[0]]
        assert unit.cache.looked_up(ONE, NodeId("n")) == ("f9", {"a": "2"})
        assert unit.cache.looked_up(TWO, NodeId("n")) is None
