"""Every attack that ``api.security`` stands against, tried."""

import http.client
import json
import os
import socket
import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.api.conftest import KFP, OURS, World, served

from pinnace.api.peers import Address, PeerCheck, socket_owner
from pinnace.api.security import Policy, check_bind_address
from pinnace.api.web.dashboard import Dashboard
from pinnace.errors import SetupError

EXPERIMENTS = f"{KFP}/experiments"
LINUX = sys.platform == "linux"


def count(client: TestClient) -> int:
    total: int = client.get(EXPERIMENTS).json()["total_size"]
    return total


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "localhost.evil.example", "10.0.0.7:8765", ""])
def test_a_rebound_host_name_is_refused_for_reading_too(client: TestClient, host: str) -> None:
    refused = client.get(EXPERIMENTS, headers={"host": host})
    assert (refused.status_code, refused.json()["code"]) == (403, 7)
    assert "does not answer to the host name" in refused.json()["message"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8765", "127.3.2.1", "[::1]:8765", "[::1]"])
def test_loopback_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get(EXPERIMENTS, headers={"host": host}).status_code == 200


def test_a_configured_host_name_is_answered(world: World) -> None:
    client = world.client(Policy(allowed_hosts=["Box.Home"]))
    assert client.get(EXPERIMENTS, headers={"host": "box.home:8765"}).status_code == 200
    assert client.get(EXPERIMENTS, headers={"host": "box"}).status_code == 403


def test_two_host_headers_are_refused(world: World) -> None:
    with served(world.app()) as address:
        answer = raw(address, f"GET {EXPERIMENTS} HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
    assert answer.split()[1] in {"400", "403"}


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://localhost:3000"},
        {"origin": "http://127.0.0.1:8765"},
        {"origin": "null"},
        {"origin": ""},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "Cross-Site", "origin": "http://localhost:8765"},
    ],
)
def test_a_foreign_page_cannot_write(client: TestClient, headers: dict[str, str]) -> None:
    answers = [
        client.post(EXPERIMENTS, json={"display_name": "evil"}, headers=headers),
        client.post(f"{EXPERIMENTS}/x:archive", headers=headers),
        client.delete(f"{EXPERIMENTS}/x", headers=headers),
        client.patch(f"{KFP}/pipelines/x", json={}, headers=headers),
        client.post(f"{KFP}/pipelines/upload", files={"uploadfile": ("a.yaml", b"x")}, headers=headers),
    ]
    assert [(item.status_code, "another site" in item.text) for item in answers] == [(403, True)] * 5
    assert count(client) == 1


def test_the_own_page_can_write(client: TestClient) -> None:
    headers = {"origin": "http://localhost:8765", "sec-fetch-site": "same-origin"}
    assert client.post(EXPERIMENTS, json={"display_name": "mine"}, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "text/json"]
)
def test_types_that_a_page_can_send_unasked_are_refused(client: TestClient, kind: str) -> None:
    body = json.dumps({"display_name": "evil"}).encode()
    refused = client.post(EXPERIMENTS, content=body, headers={"content-type": kind})
    assert (refused.status_code, refused.json()["code"]) == (415, 3)
    assert count(client) == 1


def test_a_chunked_body_needs_its_type_too(client: TestClient) -> None:
    refused = client.post(
        EXPERIMENTS, content=iter([b'{"display_name": "evil"}']), headers={"content-type": "text/plain"}
    )
    assert refused.status_code == 415
    assert count(client) == 1


def test_an_upload_takes_a_form_and_nothing_else(client: TestClient) -> None:
    refused = client.post(f"{KFP}/pipelines/upload", json={})
    assert refused.status_code == 415
    assert "multipart/form-data" in refused.json()["error_message"]


def test_a_body_that_is_too_large_is_refused_with_and_without_its_length(world: World) -> None:
    client = world.client(Policy(max_body=1000))
    body = json.dumps({"display_name": "x", "description": "y" * 2000}).encode()
    kind = {"content-type": "application/json"}
    for content in (body, iter([body[:500], body[500:]])):
        refused = client.post(EXPERIMENTS, content=content, headers=kind)
        assert (refused.status_code, refused.json()["code"]) == (413, 8)
    assert client.post(EXPERIMENTS, content=b"{}", headers={**kind, "content-length": "9" * 30}).status_code == 413
    assert count(client) == 1


def test_the_token_is_asked_of_every_request(world: World) -> None:
    client = world.client(Policy(token="open sesame"))
    for path in ("/", f"{KFP}/healthz", EXPERIMENTS, f"{OURS}/status", "/openapi.json", "/nowhere"):
        for given in (
            {},
            {"authorization": "Bearer open"},
            {"authorization": "Basic open sesame"},
            {"cookie": "token=open sesame"},
        ):
            refused = client.get(path, headers=given)
            assert (refused.status_code, refused.json()["code"]) == (401, 16), path
            assert refused.headers["www-authenticate"] == "Bearer"
    assert client.get(EXPERIMENTS, headers={"authorization": "bearer open sesame"}).status_code == 200


PAGES = ("/", "/runs", "/runs/a-run", "/artifacts", "/artifacts/12", "/settings", "/favicon.svg", "/assets/app.js")
SECRETS = (
    EXPERIMENTS,
    f"{OURS}/status",
    f"{OURS}/events",
    "/openapi.json",
    "/docs",
    "/metrics",
    "/nowhere",
    "/artifacts/get?source=file&key=/etc/passwd",
    "/artifacts/file/etc/passwd",
    "/k8s/pod/logs?podname=a",
    "/assets/../apis/v2beta1/experiments",
    "/runs/../apis/v2beta1/experiments",
    "//apis/v2beta1/experiments",
)


def test_the_dashboards_files_are_public_and_nothing_else(world: World, tmp_path: Path) -> None:
    """The page has to load before it can ask for the token. No path and no prefix opens more than its files."""
    (tmp_path / "assets").mkdir()
    for name in ("index.html", "favicon.svg", "assets/app.js"):
        (tmp_path / name).write_text(f'<base href="/" />the file {name}')
    app = world.app(Policy(token="open sesame"), "/lab", Dashboard(tmp_path))
    client = TestClient(app, base_url="http://localhost:8765", follow_redirects=False)
    for prefix in ("", "/lab"):
        for path in PAGES:
            answer = client.get(prefix + path, headers={"authorization": "Bearer wrong"})
            assert (answer.status_code, "the file" in answer.text) == (200, True), path
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert client.post(prefix + path, json={}).status_code == 401
        for path in SECRETS:
            refused = client.get(prefix + path)
            assert (refused.status_code, refused.headers.get("www-authenticate")) == (401, "Bearer"), path
    for told in ("/runs", "/assets", "/artifacts", "/lab/runs", "/runs/apis"):
        sneaked = client.get(f"{told}{EXPERIMENTS}", headers={"x-forwarded-prefix": told})
        assert "experiments" not in sneaked.text.replace(f"{told}{EXPERIMENTS}", "")
        assert sneaked.status_code in {401, 404}, told
    assert client.get("/", headers={"host": "evil.example"}).status_code == 403
    assert client.get(EXPERIMENTS, headers={"authorization": "Bearer open sesame"}).status_code == 200


def test_answers_cannot_be_sniffed_framed_or_read_by_other_origins(client: TestClient) -> None:
    for path in ("/", EXPERIMENTS, "/nowhere"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in headers


def test_only_loopback_is_listened_on() -> None:
    for host in ("127.0.0.1", "localhost", "::1", "[::1]", "127.9.9.9"):
        check_bind_address(host)
    for host in ("0.0.0.0", "::", "", "192.168.1.5", "myhost", "127.0.0.1.evil.example"):
        with pytest.raises(SetupError, match="loopback"):
            check_bind_address(host)


class Lookup:
    """A table of sockets whose owner is always the same, and how often it was read."""

    def __init__(self, owner: int | None) -> None:
        self.owner = owner
        self.reads = 0

    def __call__(self, client: Address, server: Address) -> int | None:
        self.reads += 1
        return self.owner


@pytest.mark.parametrize(("owner", "status"), [(1000, 200), (0, 200), (1001, 403), (None, 403)])
def test_only_our_own_user_and_root_come_in(world: World, owner: int | None, status: int) -> None:
    client = world.client(Policy(peers=PeerCheck(1000, Lookup(owner))))
    answer = client.get(EXPERIMENTS)
    assert answer.status_code == status
    if status == 403:
        assert "belongs to another user" in answer.json()["message"]


def test_a_connection_is_looked_up_once_and_the_next_one_again(world: World) -> None:
    lookup = Lookup(os.getuid())
    with served(world.app(Policy(peers=PeerCheck(os.getuid(), lookup)))) as address:
        for expected in (1, 2):
            connection = http.client.HTTPConnection(address.removeprefix("http://"))
            for _ in range(3):
                connection.request("GET", f"{KFP}/healthz")
                assert connection.getresponse().read()
            connection.close()
            assert lookup.reads == expected


@pytest.mark.skipif(not LINUX, reason="only Linux tells whose socket it is")
@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"), (socket.AF_INET6, "::ffff:127.0.0.1")]
)
def test_the_system_names_the_owner_of_a_connection(family: socket.AddressFamily, host: str) -> None:
    with socket.socket(family) as listener:
        listener.bind((host, 0))
        listener.listen()
        client = socket.create_connection(listener.getsockname()[:2])
        server, peer = listener.accept()
        ends = (peer[0], peer[1]), (listener.getsockname()[0], listener.getsockname()[1])
        with server:
            assert socket_owner(*ends) == os.getuid()
            client.close()
            assert socket_owner(*ends) is None
            assert socket_owner(("127.0.0.1", 1), ends[1]) is None


@pytest.mark.skipif(not LINUX or os.getuid() != 0, reason="only root can give a socket to another user")
def test_another_user_of_the_machine_is_refused(world: World) -> None:
    with served(world.app(Policy(peers=PeerCheck(4321, socket_owner)))) as address:
        request = f"GET {KFP}/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        assert raw(address, request, owner=65534).split()[1] == "403"
        assert raw(address, request, owner=4321).split()[1] == "200"


@pytest.mark.skipif(not LINUX or os.getuid() != 0, reason="only root can give a socket to another user")
def test_another_user_who_hangs_up_at_once_is_refused(world: World) -> None:
    """A socket that nobody holds any more can look like root's: nothing may be done for it."""
    body = '{"display_name": "evil"}'
    request = (
        f"POST {EXPERIMENTS} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )
    with served(world.app(Policy(peers=PeerCheck(4321, socket_owner)))) as address:
        for _ in range(20):
            raw(address, request, owner=65534, wait=False)
        assert raw(address, request, owner=65534).split()[1] == "403"
    assert count(world.client()) == 1


def raw(address: str, request: str, owner: int | None = None, *, wait: bool = True) -> str:
    """The answer to *request* on a connection of its own, whose socket belongs to *owner*."""
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as connection:
        if owner is not None:
            os.fchown(connection.fileno(), owner, -1)
        connection.sendall(request.encode())
        return connection.recv(65536).decode() if wait else ""
