"""The dashboard as the server hands it out."""

import gzip
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from pinnace.api.errors import add_error_handlers
from pinnace.api.prefix import Prefix
from pinnace.api.web.dashboard import PLACES, built_dashboard

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "src" / "pinnace" / "api" / "web" / "static"
FIRST_LOAD = 350_000
WHOLE_BUILD = 3_000_000


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = FastAPI()
    add_error_handlers(app)
    app.add_middleware(Prefix, base_path="")
    dashboard = built_dashboard()
    assert dashboard is not None, "the package was installed without its dashboard: python hatch_build.py"
    app.include_router(dashboard.router())
    return TestClient(app, base_url="http://localhost:8765")


@pytest.mark.parametrize("path", ["/", *(f"/{place}" for place in PLACES), "/runs/some-id", "/pipelines/a/b"])
def test_every_address_of_the_dashboard_is_the_one_page(client: TestClient, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    assert '<base href="/">' in page.text
    assert '<div id="root">' in page.text
    assert "'unsafe-inline'" not in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_the_page_knows_the_prefix(client: TestClient) -> None:
    assert '<base href="/outer/lab/">' in client.get("/runs", headers={"x-forwarded-prefix": "/outer/lab"}).text


def test_files_are_kept_for_ever_and_nothing_else_is_served(client: TestClient) -> None:
    scripts = re.findall(r'src="\./(assets/[^"]+\.js)"', client.get("/").text)
    assert scripts
    answer = client.get(f"/{scripts[0]}")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    for path in ("/assets/nothing.js", "/assets/..%2findex.html", "/assets/.sources", "/unknown"):
        assert client.get(path).status_code == 404


def test_the_first_load_is_small(client: TestClient) -> None:
    page = client.get("/").text
    loaded = re.findall(r'(?:src|href)="\./(assets/[^"]+)"', page)
    size = sum(len(gzip.compress((STATIC / name).read_bytes())) for name in loaded)
    assert size < FIRST_LOAD
    assert sum(path.stat().st_size for path in STATIC.rglob("*") if path.is_file()) < WHOLE_BUILD


def test_its_components() -> None:
    """The tests in ``web/test``, by Vitest."""
    done = subprocess.run(
        [sys.executable, ROOT / "hatch_build.py", "test"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_types_are_made_of_what_the_server_says() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "write_openapi.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
