"""A real server with real objects in it: what a fuzzer needs to get beyond "not found"."""

import io
import json
import time
import uuid
import zipfile
from dataclasses import dataclass, field
from typing import Any, Final

import requests

KFP: Final = "/apis/v2beta1"
OURS: Final = "/apis/pinnace/v1"
WAIT_SECONDS: Final = 120.0


def document(script: str) -> dict[str, Any]:
    """A pipeline with one task, which writes what is asked for in the shell."""
    outputs = {"artifacts": {"data": {"artifactType": {"schemaTitle": "system.Dataset", "schemaVersion": "0.0.1"}}}}
    return {
        "pipelineInfo": {"name": "fuzzed"},
        "schemaVersion": "2.1.0",
        "sdkVersion": "kfp-2.17.0",
        "root": {
            "inputDefinitions": {"parameters": {"who": {"parameterType": "STRING", "isOptional": True}}},
            "dag": {"tasks": {"make": {"componentRef": {"name": "comp-make"}, "taskInfo": {"name": "make"}}}},
        },
        "components": {"comp-make": {"executorLabel": "exec-make", "outputDefinitions": outputs}},
        "deploymentSpec": {
            "executors": {"exec-make": {"container": {"image": "alpine", "command": ["sh", "-c", script]}}}
        },
    }


MAKE: Final = document("echo made > {{$.outputs.artifacts['data'].path}}")
FAIL: Final = document("echo failed; exit 3")
WAIT: Final = document("sleep 600")


@dataclass
class Seeds:
    """Objects of one server.

    Attributes:
        paths: Values of the parameters of paths that belong together, the fullest first.
        queries: Values of query parameters.
    """

    address: str
    paths: list[dict[str, str]] = field(default_factory=list)
    queries: dict[str, list[str]] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The JSON of an answer, which must be a good one."""
        answer = requests.request(method, self.address + path, json=body, timeout=60, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fill(self) -> None:
        """Make some of each kind, and wait for the runs that end."""
        experiments = [self.call("POST", f"{KFP}/experiments", {"display_name": f"e{n}"}) for n in range(4)]
        versions = [version for name in ("a", "b") for version in self._pipeline(name)]
        empty = self.call("POST", f"{KFP}/pipelines", {"name": "empty", "tags": {"team": "x"}})
        runs = [self._run(spec, experiments[0]["experiment_id"]) for spec in (MAKE, FAIL, WAIT, WAIT)]
        recurring = [self._recurring(enabled) for enabled in (True, False, False)]
        made, failed, *waiting = runs
        self.paths += [self._inside(made), *self._ended(failed), *({"run_id": run} for run in waiting)]
        self.paths += [{"experiment_id": item["experiment_id"]} for item in experiments]
        self.paths += versions
        self.paths += [{"pipeline_id": empty["pipeline_id"], "name": "empty"}]
        self.paths += [{"recurring_run_id": item} for item in recurring]
        found = self.call("GET", f"{OURS}/artifacts/{self.paths[0]['artifact_id']}")
        key = found["uri"].removeprefix("file://")
        first, _, rest = key.lstrip("/").partition("/")
        self.paths.append({"source": "file", "bucket": first, "key": rest})
        self.queries |= {
            "source": ["file"],
            "bucket": [""],
            "key": [key],
            "expression": ["0 0 9 * * *", "@daily"],
            "time_zone": ["Asia/Seoul"],
            "sort_by": ["created_at desc", "display_name"],
            "filter": [json.dumps({"predicates": [{"operation": 9, "key": "display_name", "stringValue": "e"}]})],
            "experiment_id": [item["experiment_id"] for item in experiments],
            "pipelineid": [empty["pipeline_id"]],
            "run_id": runs,
            "runid": [made],
            "cascade": ["true", "True"],
            "run_ids": runs,
            "task_ids": [self.paths[0]["task_id"]],
            "artifact_ids": [self.paths[0]["artifact_id"]],
            "podname": [self.paths[0]["task_id"], "make"],
        }

    def _pipeline(self, name: str) -> list[dict[str, str]]:
        made = self._upload(f"/pipelines/upload?name={name}")
        pipeline = made["pipeline_id"]
        second = self._upload(f"/pipelines/upload_version?pipelineid={pipeline}&name={name}2")
        first = self.call("GET", f"{KFP}/pipelines/{pipeline}/versions")["pipeline_versions"][0]
        ids = (first["pipeline_version_id"], second["pipeline_version_id"])
        return [{"pipeline_id": pipeline, "pipeline_version_id": item, "name": name} for item in ids]

    def _upload(self, path: str) -> Any:
        return self.call("POST", KFP + path, files={"uploadfile": ("p.json", io.BytesIO(json.dumps(MAKE).encode()))})

    def _run(self, spec: dict[str, Any], experiment: str) -> str:
        body = {"display_name": "seed", "pipeline_spec": spec, "experiment_id": experiment}
        return str(self.call("POST", f"{KFP}/runs", body)["run_id"])

    def _recurring(self, enabled: bool) -> str:
        return str(self.call("POST", f"{KFP}/recurringruns", recurring_run(enabled=enabled))["recurring_run_id"])

    def _ended(self, run: str) -> list[dict[str, str]]:
        deadline = time.monotonic() + WAIT_SECONDS
        while self.call("GET", f"{OURS}/runs/{run}")["state"] not in {"SUCCEEDED", "FAILED"}:
            assert time.monotonic() < deadline, "a run does not end"
            time.sleep(0.1)
        tasks = self.call("GET", f"{OURS}/runs/{run}/tasks")["tasks"]
        return [
            {"run_id": run, "node": task["node"], "node_id": task["task_id"], "task_id": task["task_id"]}
            for task in tasks
            if task["kind"] == "CONTAINER"
        ]

    def _inside(self, run: str) -> dict[str, str]:
        """A run with its task and the artifact of that."""
        (task,) = self._ended(run)
        (view,) = [
            item for item in self.call("GET", f"{OURS}/runs/{run}/tasks")["tasks"] if item["task_id"] == task["task_id"]
        ]
        (artifact,) = view["outputs"]["artifacts"]["data"]
        return {**task, "artifact_id": artifact["artifact_id"], "artifact_name": "data"}


def recurring_run(*, enabled: bool) -> dict[str, Any]:
    """A recurring run that does not fire while a test goes on."""
    return {
        "displayName": f"every-{uuid.uuid4()}",
        "pipelineSpec": MAKE,
        "maxConcurrency": "1",
        "mode": "ENABLE" if enabled else 2,
        "trigger": {"periodicSchedule": {"intervalSecond": 86_400}},
    }


def _archive() -> bytes:
    """A pipeline in a file that needs no name to be known."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("pipeline.yaml", json.dumps(MAKE))
    return file.getvalue()


def bodies(operation: str, seeds: Seeds, name: str) -> list[Any]:
    """Requests of an operation that are to succeed, in both spellings; *name* is free still."""
    version = next(item for item in seeds.paths if "pipeline_version_id" in item)
    reference = {"pipeline_id": version["pipeline_id"], "pipeline_version_id": version["pipeline_version_id"]}
    known: dict[str, list[Any]] = {
        "ExperimentService_CreateExperiment": [{"display_name": name}, {"displayName": name, "description": "ä"}],
        "PipelineService_CreatePipeline": [{"name": name}, {"displayName": name, "tags": {"a": "b"}}],
        "PipelineService_UpdatePipeline": [{"display_name": name}, {"tags": {}}, {"displayName": name}],
        "PipelineService_UpdatePipelineVersion": [{"display_name": name}, {"tags": {"a": "b"}}],
        "RunService_CreateRun": [
            {"display_name": name, "pipeline_spec": MAKE, "runtime_config": {"parameters": {"who": "x"}}},
            {"displayName": name, "pipelineSpec": MAKE, "runId": str(uuid.uuid4()), "pluginsInput": {"p": {}}},
            {"display_name": name, "pipeline_version_reference": reference},
        ],
        "RecurringRunService_CreateRecurringRun": [recurring_run(enabled=False)],
        "UploadPipeline": [{"uploadfile": _archive()}],
        "UploadPipelineVersion": [{"uploadfile": _archive()}],
        "ArtifactService_CreateArtifact": [
            {"artifact": {"name": name, "type": "Model", "uri": "s3://bucket/model", "metadata": {"a": 1}}}
        ],
    }
    return known.get(operation, [])
