"""Artifacts, tasks and lineage over HTTP, as runs on a real server leave them: nested, looped, imported and cached."""

import uuid
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from tests.e2e.conftest import RunBench

KFP = "/apis/v2beta1"
OURS = "/apis/pinnace/v1"


@pytest.fixture(scope="module")
def http(run_bench: RunBench) -> Iterator[httpx2.Client]:
    """A plain client: the generated one does not know these endpoints yet."""
    server = run_bench.server
    headers = {"Authorization": f"Bearer {server.token}"} if server.token else {}
    with httpx2.Client(base_url=server.address, timeout=60, headers=headers) as client:
        yield client


@pytest.fixture(scope="module")
def runs(run_bench: RunBench) -> dict[str, str]:
    """A run, the same again from the cache, and one with another text."""
    source = run_bench.folder / "source.csv"
    source.write_text("1,2,3")
    for label, text in (("first", "hello"), ("again", "hello"), ("other", "good-bye")):
        run_bench.submit(label, "lineage", "lineage", source=str(source), text=text)
        run_bench.ended(label)
    return run_bench.runs


def _get(http: httpx2.Client, path: str, **parameters: Any) -> Any:
    answer = http.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _tasks(http: httpx2.Client, run: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    token = ""
    while True:
        page = _get(http, f"{KFP}/tasks", run_id=run, page_size=4, page_token=token, order_by="create_time desc")
        for task in page["tasks"]:
            found.setdefault(task["name"], []).append(task)
        token = page.get("next_page_token", "")
        if not token:
            assert sum(map(len, found.values())) == page["total_size"]
            return found


def _nested(tasks: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """The task "train" of the nested pipeline; each iteration of the loop has one too."""
    return next(task for task in tasks["train"] if task["parent_task_id"] == tasks["training"][0]["task_id"])


def test_tasks_have_the_announced_shape(http: httpx2.Client, runs: dict[str, str]) -> None:
    tasks = _tasks(http, runs["first"])
    types = {name: sorted({task["type"] for task in group}) for name, group in tasks.items()}
    assert types == {
        "root": ["ROOT"],
        "make": ["RUNTIME"],
        "importer": ["RUNTIME"],
        "training": ["DAG"],
        "train": ["RUNTIME"],
        "for-loop-2": ["LOOP", "LOOP_ITERATION"],
        "condition-3": ["CONDITION"],
        "judge": ["RUNTIME"],
    }
    loop = next(task for task in tasks["for-loop-2"] if task["type"] == "LOOP")
    assert loop["type_attributes"] == {"iteration_count": "2"}
    iterations = [task for task in tasks["for-loop-2"] if task["type"] == "LOOP_ITERATION"]
    assert {task["type_attributes"]["iteration_index"] for task in iterations} == {"0", "1"}
    assert {task["parent_task_id"] for task in iterations} == {loop["task_id"]}
    train = _nested(tasks)
    assert train["state"] == "SUCCEEDED"
    assert train["pods"] == [{"name": f"{train['task_id']}-1", "uid": train["task_id"], "type": "EXECUTOR"}]
    assert len(train["cache_fingerprint"]) == 64
    (data,) = train["inputs"]["artifacts"]
    assert data["parameter_name"] == "data"
    assert data["producer"] == {"task_name": "make", "key": "data"}
    assert data["value"]["type"] == "Dataset"
    assert {"name": "rate", "value": "1"} in train["inputs"]["parameters"] or "parameters" not in train["inputs"]
    (out,) = tasks["training"][0]["outputs"]["artifacts"]
    assert out["value"]["artifact_id"] == train["outputs"]["artifacts"][0]["value"]["artifact_id"]
    assert out["producer"] == {"task_name": "train", "key": "model"}
    one = _get(http, f"{KFP}/tasks/{loop['task_id']}")
    children = {child["task_id"] for child in one.pop("child_tasks")}
    assert one == loop
    inside = _get(http, f"{KFP}/tasks", parent_id=loop["task_id"])
    assert children == {task["task_id"] for task in inside["tasks"]} == {task["task_id"] for task in iterations}


def test_tasks_of_all_runs_are_one_list(http: httpx2.Client, runs: dict[str, str]) -> None:
    newest = _get(http, f"{KFP}/tasks", sort_by="created_at desc", page_size=200, namespace="anything")
    assert {task["run_id"] for task in newest["tasks"]} >= set(runs.values())
    times = [task["create_time"] for task in newest["tasks"]]
    assert times == sorted(times, reverse=True)
    judged = _filter("name", "judge", "state", "SUCCEEDED")
    found = _get(http, f"{KFP}/tasks", filter=judged)
    assert (found["total_size"], {task["name"] for task in found["tasks"]}) == (3, {"judge"})
    assert _get(http, f"{KFP}/tasks", filter=_filter("name", "judge", "state", "FAILED")) == {}


def _filter(*pairs: str) -> str:
    keys, values = pairs[::2], pairs[1::2]
    predicates = [
        f'{{"operation": "EQUALS", "key": "{key}", "stringValue": "{value}"}}'
        for key, value in zip(keys, values, strict=True)
    ]
    return f'{{"predicates": [{", ".join(predicates)}]}}'


def _model(http: httpx2.Client, run: str) -> str:
    identity: str = _nested(_tasks(http, run))["outputs"]["artifacts"][0]["value"]["artifact_id"]
    return identity


def test_an_artifact_knows_its_maker_who_reused_it_and_who_used_it(http: httpx2.Client, runs: dict[str, str]) -> None:
    model = _model(http, runs["first"])
    assert _model(http, runs["again"]) == model
    assert _model(http, runs["other"]) != model
    found = _get(http, f"{OURS}/artifacts/{model}")
    assert found["type"] == "system.Model"
    assert found["run_id"] == runs["first"]
    assert found["digest"].startswith("sha256:")
    assert found["size"] == len("hello")
    producer = found["producer"]
    assert (producer["role"], producer["key"], producer["task"]["node"]) == ("PRODUCED", "model", "training/train")
    assert (producer["task"]["run_id"], producer["task"]["run_name"]) == (runs["first"], "first")
    assert [(use["role"], use["task"]["run_id"]) for use in found["reused_by"]["items"]] == [("REUSED", runs["again"])]
    users = [(use["task"]["run_id"], use["task"]["name"]) for use in found["used_by"]["items"]]
    assert users == [(runs["again"], "judge"), (runs["first"], "judge")]
    bounded = _get(http, f"{OURS}/artifacts/{model}", limit=1)["used_by"]
    assert (len(bounded["items"]), bounded["truncated"]) == (1, True)


def test_an_imported_artifact_is_one_across_runs(http: httpx2.Client, runs: dict[str, str]) -> None:
    (importer,) = _tasks(http, runs["other"])["importer"]
    identity = importer["outputs"]["artifacts"][0]["value"]["artifact_id"]
    found = _get(http, f"{OURS}/artifacts/{identity}")
    assert (found["producer"]["task"]["run_id"], found["producer"]["task"]["name"]) == (runs["first"], "importer")
    again = {(use["role"], use["task"]["run_id"]) for use in found["reused_by"]["items"]}
    assert again == {("PRODUCED", runs["again"]), ("PRODUCED", runs["other"])}
    assert len(found["used_by"]["items"]) == 6


def test_links_leave_groups_out_but_where_they_are_asked_for(http: httpx2.Client, runs: dict[str, str]) -> None:
    model = _model(http, runs["first"])
    links = _get(http, f"{KFP}/artifact_tasks", artifact_ids=[model], run_ids=[runs["first"]])
    tasks = _tasks(http, runs["first"])
    assert links["total_size"] == 2
    shown = {(link["type"], link["task_id"], link["artifact_key"]) for link in links["artifact_tasks"]}
    assert shown == {
        ("OUTPUT", _nested(tasks)["task_id"], "model"),
        ("INPUT", tasks["judge"][0]["task_id"], "model"),
    }
    for link in links["artifact_tasks"]:
        assert (link["producer_task_name"], link["producer_key"]) == ("train", "model")
        assert (link["artifact_id"], link["run_id"]) == (model, runs["first"])
    dag = tasks["training"][0]["task_id"]
    of_dag = _get(http, f"{KFP}/artifact_tasks", task_ids=[dag], type="OUTPUT")
    assert [link["artifact_id"] for link in of_dag["artifact_tasks"]] == [model]
    every = _get(http, f"{KFP}/artifact_tasks", page_size=200)
    assert "total_size" not in every
    ids = [link["id"] for link in every["artifact_tasks"]]
    pages: list[str] = []
    token = ""
    while token or not pages:
        page = _get(http, f"{KFP}/artifact_tasks", page_size=7, page_token=token)
        pages += [link["id"] for link in page["artifact_tasks"]]
        token = page.get("next_page_token", "")
    assert pages == ids
    assert len(set(ids)) == len(ids)
    none = _get(http, f"{KFP}/artifact_tasks", run_ids=[runs["first"]], filter=_filter("run_id", runs["again"]))
    assert none == {}


def test_artifacts_are_listed_by_type_name_and_uri(http: httpx2.Client, runs: dict[str, str]) -> None:
    models = _get(http, f"{KFP}/artifacts", filter=_filter("type", "Model"), page_size=200)
    assert {artifact["type"] for artifact in models["artifacts"]} == {"Model"}
    assert models["total_size"] == len(models["artifacts"]) == 4
    titled = _get(http, f"{KFP}/artifacts", filter=_filter("type", "system.Model", "namespace", "any"), page_size=200)
    assert titled == models
    part = '{"predicates": [{"operation": "IS_SUBSTRING", "key": "name", "string_value": "ource.c"}]}'
    (source,) = _get(http, f"{KFP}/artifacts", filter=part)["artifacts"]
    assert source["name"] == "source.csv"
    assert _get(http, f"{KFP}/artifacts", filter=_filter("uri", source["uri"]))["artifacts"] == [source]
    assert _get(http, f"{KFP}/artifacts/{source['artifact_id']}") == source


def test_lineage_leads_back_and_forth_across_runs(http: httpx2.Client, runs: dict[str, str]) -> None:
    model = _model(http, runs["again"])
    back = _get(http, f"{OURS}/artifacts/{model}/lineage", direction="BACKWARD", depth=9)
    names = {node["id"]: (node["artifact"] or node["task"])["name"] for node in back["nodes"]}
    assert sorted(names.values()) == ["data", "make", "model", "train"]
    assert {node["task"]["run_id"] for node in back["nodes"] if node["task"]} == {runs["first"]}
    edges = {(names[edge["source"]], edge["role"], names[edge["target"]]) for edge in back["edges"]}
    assert edges == {("make", "PRODUCED", "data"), ("data", "USED", "train"), ("train", "PRODUCED", "model")}
    assert back["truncated"] is False
    data = next(key for key, name in names.items() if name == "data")
    forth = _get(http, f"{OURS}/artifacts/{data}/lineage", direction="FORWARD", depth=9)
    assert {node["task"]["run_id"] for node in forth["nodes"] if node["task"]} == {runs["first"], runs["again"]}
    assert {edge["role"] for edge in forth["edges"]} == {"USED", "PRODUCED", "REUSED"}
    assert sorted(node["task"]["name"] for node in forth["nodes"] if node["task"]) == ["judge"] * 2 + ["train"] * 2
    short = _get(http, f"{OURS}/artifacts/{data}/lineage", depth=1)
    assert short["truncated"] is True
    assert http.get(f"{OURS}/artifacts/{uuid.uuid4()}/lineage").status_code == 404


def test_the_cache_explains_itself_and_forgets(http: httpx2.Client, runs: dict[str, str], run_bench: RunBench) -> None:
    hit = _get(http, f"{OURS}/runs/{runs['again']}/tasks/make/cache")
    assert (hit["status"], hit["source"]["run_id"], hit["nearest"]) == ("HIT", runs["first"], None)
    miss = _get(http, f"{OURS}/runs/{runs['other']}/tasks/make/cache")
    assert (miss["status"], miss["kept"]) == ("MISS", True)
    assert miss["nearest"]["entry"]["run_id"] == runs["first"]
    different = [part for part in miss["nearest"]["parts"] if not part["equal"]]
    assert [part["name"] for part in different] == ["parameter:text"]
    assert (different[0]["here"]["value"], different[0]["there"]["value"]) == ("good-bye", "hello")
    assert "parameter:text" in miss["reason"]
    parts = {part["name"]: part["value"] for part in miss["parts"]}
    assert parts["image"] == "alpine"
    assert parts["environment"]
    first = _get(http, f"{OURS}/runs/{runs['first']}/tasks/make/cache")
    assert (first["status"], first["nearest"]) == ("MISS", None)
    imported = _get(http, f"{OURS}/runs/{runs['first']}/tasks/importer/cache")
    assert imported["status"] == "NOT_ASKED"
    expire = f"{OURS}/runs/{runs['again']}/tasks/make/cache:expire"
    assert http.post(expire).json() == {"expired": 1}
    assert http.post(expire).json() == {"expired": 0}
    assert _get(http, f"{OURS}/runs/{runs['first']}/tasks/make/cache")["kept"] is False
    assert _get(http, f"{OURS}/runs/{runs['first']}/tasks/make/cache")["parts"] == first["parts"]
    run_bench.submit("once more", "lineage", "lineage", source=str(run_bench.folder / "source.csv"))
    run_bench.ended("once more")
    served = _get(http, f"{OURS}/runs/{run_bench.runs['once more']}/tasks/make/cache")
    assert served["status"] == "MISS"
    assert http.get(f"{OURS}/runs/{runs['first']}/tasks/none/cache").status_code == 404
