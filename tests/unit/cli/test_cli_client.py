import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pinnace.cli.client import Client, ServerError, segment
from pinnace.cli.exits import CommandError, NoServer


class Handler(BaseHTTPRequestHandler):
    """Answers by path."""

    def log_request(self, code: object = "-", size: object = "-") -> None:
        return

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, body: bytes) -> None:
        status, content = {
            "/object?a=1": (200, b'{"a": 1}'),
            "/empty": (200, b""),
            "/page": (200, b"<html>"),
            "/list": (200, b"[]"),
            "/kfp": (400, b'{"code": 3, "message": "long: chain", "details": [{"@type": "t", "message": "short"}]}'),
            "/plain": (500, b"oops"),
            "/echo": (
                200,
                b'{"body": %s, "type": "%s", "token": "%s"}'
                % (
                    body or b"null",
                    str(self.headers["Content-Type"]).encode(),
                    str(self.headers["Authorization"]).encode(),
                ),
            ),
            "/slow": (200, b"x" * 200_000),
        }[self.path]
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_objects_come_and_go(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    client = Client(address, token="t")
    assert client.get("/object", a=1) == {"a": 1}
    assert client.get("/empty") == {}
    assert client.post("/echo", {"x": 2}) == {"body": {"x": 2}, "type": "application/json", "token": "Bearer t"}
    assert sum(len(chunk) for chunk in client.stream("/slow")) == 200_000


@pytest.mark.parametrize("path", ["/page", "/list"])
def test_another_kind_of_server_is_recognised(address: str, path: str) -> None:
    with pytest.raises(CommandError, match="does not answer as Pinnace does"):
        Client(address).get(path)


def test_errors_show_the_short_message(address: str) -> None:
    with pytest.raises(ServerError, match=r"^short$") as caught:
        Client(address).get("/kfp")
    assert caught.value.status == 400
    with pytest.raises(ServerError, match=r"^The server answered 500 Internal Server Error\.$"):
        Client(address).get("/plain")


def test_nobody_listening_is_no_server() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        with pytest.raises(NoServer, match="Start it with `pinnace up`"):
            Client(f"http://127.0.0.1:{held.getsockname()[1]}").get("/object")


def test_a_segment_escapes_what_has_a_meaning_in_paths() -> None:
    assert segment("train/for-loop-1[3]/fit") == "train%2Ffor-loop-1%5B3%5D%2Ffit"
