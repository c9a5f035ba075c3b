"""Pipelines and versions whose package is at a URL."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kfp
import kfp_server_api
import pytest
import yaml
from starlette.testclient import TestClient
from tests.api.conftest import KFP, SPEC, World, served
from tests.api.odd_host import OddHost, odd_host, tarred, zipped

from pinnace.api.peers import system_peers
from pinnace.api.security import Policy

PIPELINES = f"{KFP}/pipelines"
NOWHERE = "00000000-0000-4000-8000-000000000000"
DOCUMENT = yaml.safe_dump(SPEC).encode()
FILES = {
    "p.yaml": DOCUMENT,
    "p.json": json.dumps(SPEC).encode(),
    "p.zip": zipped("pipeline.yaml", DOCUMENT),
    "p.tar.gz": tarred("pipeline.yaml", DOCUMENT),
    "p.tgz": tarred("other.yml", DOCUMENT),
    "archive": zipped("pipeline.yaml", DOCUMENT),
    "raw": DOCUMENT,
    "page.html": b"<!doctype html><title>Sign in</title>",
    "empty.yaml": b"",
    "bomb.zip": zipped("pipeline.yaml", b" " * (33 * 1024 * 1024)),
    "bomb.tgz": tarred("pipeline.yaml", b"\0" * (40 * 1024 * 1024)),
    "nested.zip": zipped("inner.zip", zipped("pipeline.yaml", DOCUMENT)),
}


@pytest.fixture
def host(world: World) -> Iterator[OddHost]:
    with odd_host(FILES) as host:
        world.url_hosts = (host.name,)
        yield host


@pytest.fixture
def client(world: World, host: OddHost) -> TestClient:
    assert world.url_hosts == (host.name,)
    return world.client()


def at(url: str, **fields: Any) -> dict[str, Any]:
    return {"package_url": {"pipeline_url": url}, **fields}


@pytest.mark.parametrize("file", ["p.yaml", "p.json", "p.zip", "p.tar.gz", "p.tgz", "archive", "raw?ref=main"])
def test_a_pipeline_and_a_version_of_each_kind_of_package(client: TestClient, host: OddHost, file: str) -> None:
    url = host.url(file)
    body = {
        "pipeline": {"display_name": "Greeter", "name": "greeter", "tags": {"team": "a"}},
        "pipeline_version": at(url, display_name="First", code_source_url="https://x", tags={"stage": "b"}),
    }
    made = client.post(f"{PIPELINES}/create", json=body)
    assert made.status_code == 200, made.text
    assert (made.json()["name"], made.json()["display_name"], made.json()["tags"]) == (
        "greeter",
        "Greeter",
        {"team": "a"},
    )
    path = f"{PIPELINES}/{made.json()['pipeline_id']}/versions"
    (version,) = client.get(path).json()["pipeline_versions"]
    assert (version["display_name"], version["tags"]) == ("First", {"stage": "b"})
    assert (version["code_source_url"], version["package_url"]) == ("https://x", {"pipeline_url": url})
    assert version["pipeline_spec"] == SPEC

    added = client.post(path, json=at(url, name="second", pipeline_id=made.json()["pipeline_id"]))
    assert added.status_code == 200, added.text
    assert added.json()["package_url"] == {"pipeline_url": url}
    assert client.get(f"{path}/{added.json()['pipeline_version_id']}").json() == added.json()


def test_a_version_without_a_name_takes_the_pipelines(client: TestClient, host: OddHost) -> None:
    body = {"pipeline": {"display_name": "greeter"}, "pipeline_version": at(host.url("p.yaml"))}
    made = client.post(f"{PIPELINES}/create", json=body).json()
    (version,) = client.get(f"{PIPELINES}/{made['pipeline_id']}/versions").json()["pipeline_versions"]
    assert version["display_name"] == "greeter"


@pytest.mark.parametrize(
    ("file", "status", "word"),
    [
        ("page.html", 400, "pipeline"),
        ("empty.yaml", 400, "empty"),
        ("bomb.zip", 400, "limit"),
        ("bomb.tgz", 400, "limit"),
        ("nested.zip", 400, "no pipeline.yaml"),
        ("nowhere.yaml", 400, "status 404"),
        ("announced", 400, "limit"),
        ("unannounced", 400, "limit"),
        ("loop", 400, "redirects"),
        ("redirect?to=http://10.0.0.1/p.yaml", 400, "--allowed-url-host 10.0.0.1"),
        ("redirect?to=http://169.254.169.254/p.yaml", 400, "--allowed-url-host"),
        ("cut", 503, "announced"),
        ("failing", 503, "status 500"),
    ],
)
def test_what_cannot_be_had_leaves_nothing(
    client: TestClient, host: OddHost, file: str, status: int, word: str
) -> None:
    pipeline = client.post(PIPELINES, json={"name": "one"}).json()["pipeline_id"]
    bodies: dict[str, Any] = {
        f"{PIPELINES}/{pipeline}/versions": at(host.url(file), name="v"),
        f"{PIPELINES}/create": {"pipeline": {"name": "two"}, "pipeline_version": at(host.url(file))},
    }
    for path, body in bodies.items():
        refused = client.post(path, json=body)
        assert refused.status_code == status, refused.text
        assert word in refused.json()["message"]
    assert client.get(f"{PIPELINES}/{pipeline}/versions").json() == {}
    assert client.get(PIPELINES).json()["total_size"] == 1


def test_nothing_is_downloaded_where_the_rest_of_the_request_is_wrong(client: TestClient, host: OddHost) -> None:
    url = host.url("p.yaml")
    pipeline = client.post(PIPELINES, json={"name": "taken"}).json()["pipeline_id"]
    versions = f"{PIPELINES}/{pipeline}/versions"
    asked: list[tuple[str, Any, int]] = [
        (f"{PIPELINES}/{NOWHERE}/versions", at(url, name="v"), 404),
        (versions, {"name": "v"}, 400),
        (versions, {"name": "v", "package_url": {}}, 400),
        (versions, at(url, name="v", pipeline_id=NOWHERE), 400),
        (f"{PIPELINES}/create", {"pipeline": {"name": "x"}}, 400),
        (f"{PIPELINES}/create", {"pipeline_version": at(url)}, 400),
        (f"{PIPELINES}/create", {"pipeline": {"name": "taken"}, "pipeline_version": at(url)}, 409),
        (f"{PIPELINES}/create", {"pipeline": {}, "pipeline_version": at(url)}, 400),
    ]
    for path, body, status in asked:
        assert client.post(path, json=body).status_code == status, body
    assert host.asked == []


def test_without_a_list_no_host_is_asked(world: World, host: OddHost) -> None:
    world.url_hosts = ()
    body = {"pipeline": {"name": "x"}, "pipeline_version": at(host.url("p.yaml"))}
    refused = world.client().post(f"{PIPELINES}/create", json=body)
    assert (refused.status_code, refused.json()["code"]) == (400, 9)
    assert f"--allowed-url-host {host.name}" in refused.json()["message"]
    assert host.asked == []


def test_the_generated_client(world: World, host: OddHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("KF_PIPELINES_ENDPOINT", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with served(world.app(Policy(peers=system_peers()))) as address:
        sdk: Any = kfp.Client(host=address)
        url = kfp_server_api.V2beta1Url(pipeline_url=host.url("p.zip"))
        made = sdk.pipelines.pipeline_service_create_pipeline_and_version(
            kfp_server_api.V2beta1CreatePipelineAndVersionRequest(
                pipeline=kfp_server_api.V2beta1Pipeline(display_name="greeter"),
                pipeline_version=kfp_server_api.V2beta1PipelineVersion(display_name="first", package_url=url),
            )
        )
        sdk.pipelines.pipeline_service_create_pipeline_version(
            made.pipeline_id,
            kfp_server_api.V2beta1PipelineVersion(pipeline_id=made.pipeline_id, display_name="second", package_url=url),
        )
        versions = sdk.list_pipeline_versions(made.pipeline_id, sort_by="created_at").pipeline_versions
        assert [item.display_name for item in versions] == ["first", "second"]
        assert versions[1].package_url.pipeline_url == url.pipeline_url
        run = sdk.run_pipeline(
            sdk.create_experiment("e").experiment_id,
            "from a URL",
            pipeline_id=made.pipeline_id,
            version_id=versions[1].pipeline_version_id,
            params={"who": "you"},
        )
        assert run.state == "PENDING"
        url.pipeline_url = host.url("redirect?to=http://192.168.0.1/p.yaml")
        with pytest.raises(kfp_server_api.ApiException, match="--allowed-url-host") as refused:
            sdk.pipelines.pipeline_service_create_pipeline_version(
                made.pipeline_id, kfp_server_api.V2beta1PipelineVersion(display_name="third", package_url=url)
            )
        assert refused.value.status == 400
