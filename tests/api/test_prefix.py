"""The server under a path."""

import json
from pathlib import Path
from typing import Any

import kfp
import pytest
from starlette.testclient import TestClient
from tests.api.conftest import KFP, OURS, SPEC, World, served

from pinnace.api.peers import system_peers
from pinnace.api.prefix import check_base_path
from pinnace.api.security import Policy
from pinnace.errors import SetupError

BASE = "/tools/pinnace"
TOKEN = "t" * 20


def client_of(world: World, policy: Policy | None = None, base_path: str = BASE) -> TestClient:
    return TestClient(
        world.app(policy, base_path),
        base_url="http://localhost:8765",
        raise_server_exceptions=False,
        follow_redirects=False,
    )


@pytest.mark.parametrize("prefix", [BASE, ""])
def test_every_route_answers_with_the_prefix_and_without(world: World, prefix: str) -> None:
    client = client_of(world)
    for path in (f"{KFP}/healthz", f"{KFP}/experiments", f"{OURS}/status", "/openapi.json", "/"):
        assert client.get(prefix + path).status_code == 200, path
    file = {"uploadfile": ("a.json", json.dumps(SPEC).encode())}
    made = client.post(f"{prefix}{KFP}/pipelines/upload", params={"name": f"x{prefix}"}, files=file)
    assert made.status_code == 200, made.text
    assert client.get(f"{prefix}{KFP}/pipelines/names/x{prefix}").json() == made.json()
    assert client.get(f"{prefix}/nowhere").json() == {"code": 5, "message": "Not Found"}


@pytest.mark.parametrize("path", ["/tools/pinnace2" + KFP, f"/tools{KFP}", f"{BASE}{BASE}{KFP}", f"/x{BASE}{KFP}"])
def test_another_prefix_is_not_found(world: World, path: str) -> None:
    assert client_of(world).get(f"{path}/healthz").status_code == 404


def test_errors_under_a_prefix_have_the_shapes_of_their_routes(world: World) -> None:
    client = client_of(world)
    refused = client.post(f"{BASE}{KFP}/pipelines/upload", files={"uploadfile": ("a.json", b"{}")})
    assert (refused.status_code, set(refused.json())) == (400, {"error_message", "error_details"})
    refused = client.post(f"{BASE}{KFP}/pipelines", json={})
    assert (refused.status_code, refused.json()["code"]) == (400, 3)


def links(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('href="')[1:]]


@pytest.mark.parametrize(
    ("base", "path", "told", "root"),
    [
        ("", "/", None, ""),
        (BASE, f"{BASE}/", None, BASE),
        (BASE, "/", None, BASE),
        ("", "/", "/outer", "/outer"),
        ("", "/", "/outer/", "/outer"),
        ("", "/outer/", "/outer", "/outer"),
        (BASE, f"{BASE}/", f"/outer{BASE}", f"/outer{BASE}"),
        ("", "/", "//evil.example", ""),
        ("", "/", "https://evil.example", ""),
        ("", "/", "/../up", ""),
        ("", "/", '/"><script>', ""),
        ("", "/", "/" + "x" * 5000, ""),
    ],
)
def test_links_of_the_page(world: World, base: str, path: str, told: str | None, root: str) -> None:
    client = client_of(world, base_path=base)
    answer = client.get(path, headers={} if told is None else {"x-forwarded-prefix": told})
    assert answer.status_code == 200
    assert f'kfp.Client(host="http://localhost:8765{root}")' in answer.text
    pages = [f"{root}{KFP}/runs", f"{root}{OURS}/status", f"{root}/docs"]
    assert [link.partition("?")[0] for link in links(answer.text)] == pages
    for link in links(answer.text):
        stripped = link.removeprefix(root) if told else link
        assert client.get(stripped, headers={} if told is None else {"x-forwarded-prefix": told}).status_code == 200


def test_the_prefix_alone_leads_to_the_page(world: World) -> None:
    answer = client_of(world).get(BASE)
    assert (answer.status_code, answer.headers["location"]) == (307, f"{BASE}/")


def test_the_schema_names_the_prefix(world: World) -> None:
    assert client_of(world).get(f"{BASE}/openapi.json").json()["servers"] == [{"url": BASE}]
    assert client_of(world, base_path="").get("/openapi.json").json()["servers"] == [{"url": "/"}]


@pytest.mark.parametrize("told", [None, BASE, "/outer"])
@pytest.mark.parametrize("path", [BASE, f"{BASE}/", f"{BASE}{KFP}/healthz", f"{KFP}/healthz", "/"])
def test_the_guard_is_as_strict_under_a_prefix(world: World, path: str, told: str | None) -> None:
    client = client_of(world, Policy(token=TOKEN))
    more = {} if told is None else {"x-forwarded-prefix": told}
    assert client.get(path, headers=more).status_code == 401
    allowed = {**more, "authorization": f"Bearer {TOKEN}"}
    assert client.get(path, headers=allowed).status_code in {200, 307}
    assert client.get(path, headers={**allowed, "host": "evil.example"}).status_code == 403
    assert client.post(path, json={}, headers={**allowed, "origin": "http://evil.example"}).status_code == 403
    assert client.post(path, content=b"{}", headers={**allowed, "content-type": "text/plain"}).status_code == 415


def test_a_form_is_taken_at_the_uploads_only(world: World) -> None:
    file = {"uploadfile": ("a.json", json.dumps(SPEC).encode())}
    assert client_of(world).post(f"{BASE}{KFP}/experiments", files=file).status_code == 415


def test_the_client_of_the_sdk(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("KF_PIPELINES_ENDPOINT", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    package = tmp_path / "greet.yaml"
    package.write_text(json.dumps(SPEC))
    with served(world.app(Policy(peers=system_peers()), BASE)) as address:
        sdk: Any = kfp.Client(host=address + BASE)
        pipeline = sdk.upload_pipeline(str(package), pipeline_name="greeter")
        assert sdk.get_pipeline_id("greeter") == pipeline.pipeline_id
        run = sdk.create_run_from_pipeline_package(str(package), arguments={"who": "you"})
        assert sdk.get_run(run.run_id).state == "PENDING"
        sdk.terminate_run(run.run_id)


@pytest.mark.parametrize(("text", "path"), [("", ""), ("/", ""), ("/a", "/a"), ("/a/b-c.d_e~/", "/a/b-c.d_e~")])
def test_base_paths(text: str, path: str) -> None:
    assert check_base_path(text) == path


@pytest.mark.parametrize(
    "text", ["pinnace", "//", "//a", "/a//b", "/../a", "/a/..", "/.", "/a b", "/a?b", "/ä", "/%61"]
)
def test_what_is_no_base_path(text: str) -> None:
    with pytest.raises(SetupError, match="--base-path"):
        check_base_path(text)
