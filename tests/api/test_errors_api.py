"""The shape of every error."""

from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from tests.api.conftest import KFP, World

from pinnace import errors
from pinnace.api.errors import ANSWERS, add_error_handlers, answer_for


@dataclass
class Fault:
    path: str
    message: str


EXAMPLES: dict[errors.PinnaceError, tuple[int, int]] = {
    errors.InvalidInput("Wrong. Write it right."): (400, 3),
    errors.InvalidPipeline([Fault("root", "No tasks."), Fault("", "No name.")]): (400, 3),
    errors.NotFound("Run", "x"): (404, 5),
    errors.AlreadyExists("Taken."): (409, 6),
    errors.Conflict("Too late."): (409, 10),
    errors.FailedPrecondition("First that."): (400, 9),
    errors.Forbidden("Not from here."): (403, 7),
    errors.Unavailable("Try again."): (503, 14),
    errors.SetupError("The secret path is missing."): (500, 13),
    errors.VersionConflict("Another writer."): (500, 13),
    errors.ResultGone("Deleted meanwhile."): (500, 13),
}


def kinds(root: type[errors.PinnaceError]) -> set[type[errors.PinnaceError]]:
    return {root}.union(*(kinds(kind) for kind in root.__subclasses__()))


def test_every_error_class_has_an_example() -> None:
    ours = {kind for kind in kinds(errors.PinnaceError) if kind.__module__ == errors.__name__}
    assert {type(item) for item in EXAMPLES} == ours - {errors.PinnaceError}
    assert set(ANSWERS) <= ours


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("path", ["/runs", "/pipelines/upload"])
def test_errors_have_the_shape_that_clients_of_the_path_read(error: errors.PinnaceError, path: str) -> None:
    app = FastAPI()
    add_error_handlers(app)

    def failing() -> None:
        raise error

    app.add_api_route(path, failing)
    answer = TestClient(app).get(path)
    status, code = EXAMPLES[error]
    message = str(error) if status < 500 or status == 503 else "Internal Server Error"
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    if path == "/runs":
        detail = {"@type": "type.googleapis.com/google.rpc.Status", "code": code, "message": message}
        assert answer.json() == {"code": code, "message": message, "details": [detail]}
    else:
        assert answer.json() == {"error_message": message, "error_details": message}
    assert (answer_for(error).status, answer_for(error).code) == (status, code)


def test_an_unexpected_error_tells_nothing() -> None:
    app = FastAPI()
    add_error_handlers(app)

    def failing() -> None:
        raise RuntimeError("password=hunter2")

    app.add_api_route("/x", failing)
    answer = TestClient(app, raise_server_exceptions=False).get("/x")
    assert (answer.status_code, answer.json()["code"]) == (500, 13)
    assert "hunter2" not in answer.text


def test_unknown_paths_and_methods(client: TestClient) -> None:
    for path in ("/nowhere", f"{KFP}/nowhere", f"{KFP}/runs/", f"{KFP}/runs/x:fly", "/docs/x"):
        answer = client.post(path) if ":" in path else client.get(path)
        assert answer.status_code in {404, 405}, path
        assert answer.json()["code"] in {5, 12}
    assert client.get("/nowhere").json() == {"code": 5, "message": "Not Found"}
    wrong = client.put(f"{KFP}/runs", json={})
    assert (wrong.status_code, wrong.json()["code"]) == (405, 12)


def test_healthz_is_written_out_in_full(world: World, client: TestClient) -> None:
    assert client.get(f"{KFP}/healthz").json() == {
        "commit_sha": "unknown",
        "tag_name": "9.9.9",
        "multi_user": False,
        "pipeline_store": "database",
    }


def test_the_page_at_the_root_says_how_to_connect(client: TestClient) -> None:
    page = client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert 'kfp.Client(host="http://localhost:8765")' in page.text
    assert "/apis/v2beta1" in page.text


def test_the_api_describes_itself(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    for path in ("/healthz", "/runs", "/runs/{run_id}:terminate", "/pipelines/upload", "/experiments/{experiment_id}"):
        assert KFP + path in described["paths"]
    assert "display_name" in described["components"]["schemas"]["Run"]["properties"]
