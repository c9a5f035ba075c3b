"""``/openapi.json``: FastAPI's document, made true to the rings around the routes and to ``api.errors``.

It is made when it is first asked for, and kept.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from threading import Lock
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request, Response

from pinnace.api.answers import DONE
from pinnace.api.errors import HANDWRITTEN

Json = dict[str, Any]

_DESCRIPTION: Final = (
    "The Kubeflow Pipelines API, version 2, under `/apis/v2beta1`, and Pinnace's own extensions under "
    "`/apis/pinnace/v1`. The first follows protobuf's JSON: fields at their default are left out, 64-bit integers are "
    "strings (numbers are read too), names are read in snake_case and camelCase, unknown ones are refused. In the "
    "second every field is always there."
)

_TAGS: Final[Mapping[str, str]] = {
    "experiments": "Groups of runs.",
    "pipelines": "Stored pipelines.",
    "versions": "Versions of stored pipelines.",
    "uploads": "Pipelines and versions from files.",
    "runs": "Runs of pipelines.",
    "recurring runs": "Schedules that make runs.",
    "tasks": "What runs consist of: nodes, attempts, values and logs.",
    "live": "Server-sent events: what happens, as it happens.",
    "artifacts": "What tasks hand to each other as files.",
    "lineage": "What made an artifact, what used it, and what the cache knows of a task.",
    "ui server": "What the server of upstream's UI has: contents of artifacts, and logs.",
    "healthz": "What clients ask first.",
    "storage": "What takes how much room, and the removal of what nothing needs.",
    "samples": "Pipelines that ship with Pinnace.",
    "status": "What the server is.",
}

_PARAMETERS: Final[Mapping[str, str]] = {
    "experiment_id": "The id of an experiment.",
    "pipeline_id": "The id of a pipeline.",
    "pipeline_version_id": "The id of a pipeline version.",
    "run_id": "The id of a run.",
    "recurring_run_id": "The id of a recurring run.",
    "name": "The unique name, which is not the display name.",
    "node": "A node id, a `task_id`, or the name of a task that ran once.",
    "node_id": "A node id, a `task_id`, or the name of a task that ran once.",
    "artifact_id": "The id of an artifact.",
    "artifact_name": "The name of an output, or `main-logs` for the log.",
    "source": "`minio`, `s3`, `gcs`, `http`, `https`, or `volume` or `file` for a path.",
    "bucket": "The bucket, the host, or the beginning of the path.",
    "key": "The rest.",
    "task_id": "The id of a task.",
    "sample_name": "The name of a sample.",
}

_ERRORS: Final[Mapping[int, str]] = {
    400: "The request is wrong. The message says what, and where.",
    401: "The server's token is missing or wrong.",
    403: "The host name, the calling user or the origin of the request is not let in.",
    404: "Something that the request names is not there.",
    409: "A name or id is taken, or the state of the object does not allow it.",
    413: "The request is too large.",
    415: "The body has a type that is not read here.",
    416: "The file has no such bytes.",
    500: "The server failed. Its log says why.",
    501: "This server cannot do that.",
    503: "The database does not answer, or the server is shutting down. Try again.",
}

_ALWAYS: Final = (400, 401, 403, 413, 500, 503)
_READS: Final = frozenset({"get", "head"})


class OpenApi:
    """The document of an application."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._lock = Lock()
        self._document: Json | None = None

    def document(self, root: str = "") -> Json:
        """The document of a server that answers under the path *root*. Callers must not change it."""
        with self._lock:
            if self._document is None:
                self._document = _completed(self._app.openapi())
        return {**self._document, "servers": [{"url": root or "/"}]}

    def router(self) -> APIRouter:
        """The one route, which the document leaves out."""

        def openapi(request: Request) -> Response:
            text = json.dumps(self.document(request.scope.get("root_path", "")), ensure_ascii=False)
            return Response(text, media_type="application/json")

        router = APIRouter()
        router.add_api_route("/openapi.json", openapi, methods=["GET"], include_in_schema=False)
        return router


def _completed(document: Json) -> Json:
    document = _renamed(document)
    document["info"]["description"] = _DESCRIPTION
    used: dict[str, None] = {}
    for path, method, operation in _operations(document):
        _complete_operation(path, method, operation)
        used.update(dict.fromkeys(operation["tags"]))
    schemas = document["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for schema in schemas.values():
        _drop_titles(schema)
    schemas["UploadError"] = {
        "type": "object",
        "description": "An error of uploads, and of reading an artifact.",
        "properties": {"error_message": {"type": "string"}, "error_details": {"type": "string"}},
        "required": ["error_message", "error_details"],
        "additionalProperties": False,
    }
    document["components"]["responses"] = {
        **{_response_name(status): _error(status, "Status") for status in _ERRORS},
        **{_response_name(status, upload=True): _error(status, "UploadError") for status in _ERRORS},
    }
    document["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "The server's token, where it has one."}
    }
    document["security"] = [{}, {"token": []}]
    document["tags"] = [{"name": name, "description": _TAGS[name]} for name in used]
    return document


def _operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _complete_operation(path: str, method: str, operation: Json) -> None:
    first, _, rest = operation.pop("description").partition("\n\n")
    operation["summary"] = " ".join(first.split()).rstrip(".")
    if rest:
        operation["description"] = rest
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _given(parameter["schema"])
        if parameter["in"] == "path" and "description" not in parameter:
            parameter["description"] = _PARAMETERS[parameter["name"]]
    responses = operation["responses"]
    responses.pop("422", None)
    statuses = {*_ALWAYS, *(int(status) for status in responses if int(status) >= HTTPStatus.BAD_REQUEST)}
    if "{" in path:
        statuses.add(404)
    if method not in _READS:
        statuses.add(415)
    upload = path.endswith(HANDWRITTEN)
    for status in sorted(statuses):
        responses[str(status)] = {"$ref": f"#/components/responses/{_response_name(status, upload=upload)}"}
    if responses.get("200", {}).get("description") == "Successful Response":
        responses["200"]["description"] = DONE


def _given(schema: Json) -> Json:
    """The schema of a parameter that is there: a query has no null."""
    options = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key not in {"title", "anyOf"}}
    return {**rest, **options[0]} if len(options) == 1 else {**rest, **({"anyOf": options} if options else {})}


def _renamed(document: Json) -> Json:
    """The document with the names of schemas that readers know: KFP's, and ours without what Python adds."""
    schemas = document["components"]["schemas"]
    names = {key: _schema_name(key, schema) for key, schema in schemas.items()}
    if len(set(names.values())) != len(names):
        raise RuntimeError(f"two schemas of the API have one name: {sorted(names.values())}")
    ordered = {names[key]: schemas[key] for key in sorted(schemas, key=lambda key: names[key])}
    renamed = copy.deepcopy({**document, "components": {"schemas": ordered}})
    _point_to(renamed, {f"#/components/schemas/{old}": f"#/components/schemas/{new}" for old, new in names.items()})
    return renamed


def _schema_name(key: str, schema: Json) -> str:
    if key.startswith("Body_"):
        return key.removeprefix("Body_") + "Form"
    return str(schema.get("title", key)).removeprefix("Wire")


def _point_to(node: Any, targets: Mapping[str, str]) -> None:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            node["$ref"] = targets[node["$ref"]]
        for item in node.values():
            _point_to(item, targets)
    elif isinstance(node, list):
        for item in node:
            _point_to(item, targets)


def _drop_titles(schema: Json) -> None:
    """Titles that repeat the name of the schema or of the field."""
    schema.pop("title", None)
    for field in schema.get("properties", {}).values():
        field.pop("title", None)


def _error(status: int, schema: str) -> Json:
    shape = {"$ref": f"#/components/schemas/{schema}"}
    return {"description": _ERRORS[status], "content": {"application/json": {"schema": shape}}}


def _response_name(status: int, *, upload: bool = False) -> str:
    name = HTTPStatus(status).phrase.title().replace(" ", "")
    return f"Upload{name}" if upload else name
