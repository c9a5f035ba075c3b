"""A host on loopback that sends packages, and everything that a host should not send."""

import io
import ssl
import tarfile
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

MANY = 40 * 1024 * 1024


def zipped(name: str, content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return target.getvalue()


def tarred(name: str, content: bytes) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return target.getvalue()


class OddHost(ThreadingHTTPServer):
    """Serves *files*; ``asked`` are the request lines and ``seen`` the headers of each."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = files
        self.asked: list[str] = []
        self.seen: list[dict[str, str]] = []
        self.closing = threading.Event()

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def url(self, path: str) -> str:
        return f"http://{self.name}/{path}"


class Handler(BaseHTTPRequestHandler):
    server: OddHost

    def do_GET(self) -> None:
        self.server.asked.append(self.requestline)
        self.server.seen.append(dict(self.headers.items()))
        parts = urlsplit(self.path)
        name = parts.path.rpartition("/")[2]
        odd = getattr(self, f"send_{name}", None)
        try:
            if odd is not None:
                odd(parse_qs(parts.query).get("to", [""])[0])
            elif name in self.server.files:
                self.answer(200, self.server.files[name])
            else:
                self.answer(404, b"not here")
        except OSError:
            self.close_connection = True  # the client has seen enough

    def answer(self, status: int, content: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content)

    def send_redirect(self, to: str) -> None:
        self.answer(302, b"", Location=to)

    def send_loop(self, _: str) -> None:
        self.answer(301, b"", Location=self.path)

    def send_cut(self, _: str) -> None:
        self.answer(200, b"pipelineInfo: {}\n", length=5000)

    def send_announced(self, _: str) -> None:
        self.answer(200, b"x", length=MANY)

    def send_failing(self, _: str) -> None:
        self.answer(500, b"no")

    def send_unannounced(self, _: str) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.server.closing.is_set():
            self.wfile.write(b" " * 65536)

    def send_dripping(self, _: str) -> None:
        self.send_response(200)
        self.end_headers()
        self.drip(b"#")

    def send_headers(self, _: str) -> None:
        self.wfile.write(b"HTTP/1.0 200 OK\r\nX: ")
        self.drip(b"x")

    def drip(self, byte: bytes) -> None:
        while not self.server.closing.is_set():
            self.wfile.write(byte)
            self.wfile.flush()
            time.sleep(0.01)

    def send_silent(self, _: str) -> None:
        self.server.closing.wait()

    def send_noise(self, _: str) -> None:
        self.wfile.write(b"\x00\x01\x02 no http\r\n\r\n")

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def odd_host(files: dict[str, bytes], certificate: Path | None = None) -> Iterator[OddHost]:
    """*certificate*, with its key in the same file, makes it an https host."""
    with OddHost(files) as host:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            host.socket = context.wrap_socket(host.socket, server_side=True)
        thread = threading.Thread(target=host.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield host
        finally:
            host.closing.set()
            host.shutdown()
            thread.join()
