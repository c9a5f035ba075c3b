"""The outermost ring: ids, the log's line and the metrics of every request."""

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.responses import StreamingResponse
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from pinnace.api.metrics import metrics_routes
from pinnace.api.observed import Observed, RouteNote
from pinnace.api.prefix import Prefix
from pinnace.api.security import Guard, Policy
from pinnace.telemetry.logs import logged
from pinnace.telemetry.metrics import Metrics
from pinnace.telemetry.observing import ServerTelemetry

LOG = logging.getLogger("pinnace.tests.observed")
TOKEN = "open-sesame"


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("1")


@pytest.fixture
def client(metrics: Metrics) -> TestClient:
    router = APIRouter()

    @router.get("/runs/{run_id}")
    def run(run_id: str) -> dict[str, str]:
        LOG.warning("Looked at.")
        return {"run": run_id}

    @router.get("/healthz")
    def healthz() -> None: ...

    @router.get("/broken")
    def broken() -> None:
        raise RuntimeError("broken")

    @router.get("/events")
    def events() -> StreamingResponse:
        return StreamingResponse(iter(["data: 1\n\n"]), media_type="text/event-stream")

    app = FastAPI()
    app.add_middleware(RouteNote, prefixes=("/apis/v2beta1",))
    app.add_middleware(Prefix, base_path="/base")
    app.add_middleware(Guard, policy=Policy(token=TOKEN))
    app.add_middleware(Observed, telemetry=ServerTelemetry(metrics), access_level=logging.INFO)
    app.include_router(router, prefix="/apis/v2beta1")
    app.include_router(metrics_routes(metrics))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return TestClient(app, base_url="http://localhost:1", headers=headers, raise_server_exceptions=False)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    with logged("json", "info", [TOKEN], stream):
        yield stream


def lines(log: io.StringIO) -> list[dict[str, object]]:
    found = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in found if line["logger"].startswith("pinnace.")]  # The client of the test logs, too.


def requests(page: str) -> dict[tuple[str, str, str], float]:
    return {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"]): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == "pinnace_http_requests_total"
    }


def test_a_request_has_an_id_which_all_its_lines_have(client: TestClient, log: io.StringIO) -> None:
    answer = client.get("/apis/v2beta1/runs/7?token=open-sesame", headers={"X-Request-Id": "mine-1.x"})
    assert answer.headers["x-request-id"] == "mine-1.x"
    inside, outside = lines(log)
    about = {"request_id": "mine-1.x", "method": "GET", "path": "/apis/v2beta1/runs/7"}
    assert inside["message"] == "Looked at."
    assert about.items() <= inside.items()
    assert {**about, "logger": "pinnace.access", "status": 200}.items() <= outside.items()
    assert isinstance(outside["duration_ms"], float)
    assert "sesame" not in log.getvalue()


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, 'quo"te'])
def test_an_id_that_is_no_plain_word_is_replaced(client: TestClient, given: str) -> None:
    answer = client.get("/apis/v2beta1/runs/7", headers={"X-Request-Id": given})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])


def test_every_request_is_counted_by_the_template_of_its_route(client: TestClient) -> None:
    for path in ("/apis/v2beta1/runs/1", "/base/apis/v2beta1/runs/2", "/apis/v2beta1/broken", "/nowhere/3"):
        client.get(path)
    client.get("/apis/v2beta1/runs/1", headers={"Authorization": ""})
    client.post("/apis/v2beta1/runs/1")
    assert requests(client.get("/base/metrics").text) == {
        ("GET", "/apis/v2beta1/runs/{run_id}", "200"): 2,
        ("GET", "/apis/v2beta1/broken", "500"): 1,
        ("GET", "none", "404"): 1,
        ("GET", "none", "401"): 1,
        ("POST", "/apis/v2beta1/runs/{run_id}", "405"): 1,
    }


def test_what_programs_ask_all_the_time_leaves_no_line(client: TestClient, log: io.StringIO) -> None:
    for path in ("/apis/v2beta1/healthz", "/metrics", "/apis/v2beta1/events", "/apis/v2beta1/runs/1?a=b&follow=True"):
        assert client.get(path).status_code == 200
    assert [line for line in lines(log) if line["logger"] == "pinnace.access"] == []
    page = client.get("/metrics").text
    assert 'pinnace_http_request_duration_seconds_count{method="GET",route="/apis/v2beta1/healthz"} 1.0' in page
    assert 'duration_seconds_count{method="GET",route="/apis/v2beta1/events"}' not in page


def test_a_failure_leaves_its_traceback_and_a_line(client: TestClient, log: io.StringIO) -> None:
    assert client.get("/apis/v2beta1/broken").status_code == 500
    (line,) = [line for line in lines(log) if line["logger"] == "pinnace.access"]
    assert line["status"] == 500


def test_metrics_obey_the_guard(client: TestClient) -> None:
    assert client.get("/metrics").headers["content-type"].startswith("text/plain; version=")
    assert client.get("/metrics", headers={"Authorization": ""}).status_code == 401
    assert client.get("/metrics", headers={"Host": "evil.example"}).status_code == 403
