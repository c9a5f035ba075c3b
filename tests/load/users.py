"""A user of the server: makes things, reads them, deletes them, and writes down what was acknowledged."""

import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import kfp
import kfp_server_api
import yaml
from kfp import dsl


@dsl.container_component
def nothing():  # type: ignore[no-untyped-def]  # noqa: ANN201 - the SDK forbids an annotation here
    return dsl.ContainerSpec(image="alpine", command=["true"])


@dsl.pipeline(name="nothing")  # type: ignore[untyped-decorator]
def trivial() -> None:
    nothing()


@dataclass
class Account:
    """What one client was told.

    Attributes:
        kept: Objects that were made and not deleted, by kind and id: their names.
        gone: Objects whose deletion was acknowledged.
        archived: Runs that were archived.
        times: Seconds that each operation took.
        faults: Answers that no client should get.
    """

    kept: dict[tuple[str, str], str] = field(default_factory=dict)
    gone: set[tuple[str, str]] = field(default_factory=set)
    archived: set[str] = field(default_factory=set)
    times: dict[str, list[float]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class User:
    """One client, with its own connections."""

    def __init__(self, address: str, number: int, package: Path) -> None:
        self._client = kfp.Client(host=address)
        self._package = package
        self._draw = random.Random(number)
        self._name = f"c{number}"
        self._made = 0
        self.account = Account()
        self._experiment = ""

    def work(self, goes_on: Callable[[], bool]) -> None:
        """Do one thing after the other, for as long as it goes on."""
        self._try("create_experiment", self._create_experiment)
        writes = [self._create_experiment, self._create_pipeline, *[self._create_run] * 4]
        reads = [self._list_runs, self._list_experiments, self._list_pipelines, *[self._get_run] * 3]
        ends = [self._archive_run, self._delete_run, self._delete_pipeline, self._delete_experiment]
        while goes_on():
            action = self._draw.choice(self._draw.choice([writes, writes, reads, reads, ends]))
            self._try(action.__name__.lstrip("_"), action)

    @property
    def operations(self) -> int:
        """How many were tried."""
        return sum(map(len, self.account.times.values()))

    def _try(self, name: str, action: Callable[[], None]) -> None:
        began = time.monotonic()
        try:
            action()
        except kfp_server_api.ApiException as error:
            self.account.faults.append(f"{name}: {error.status} {str(error.body)[:300]}")
        except Exception as error:
            self.account.faults.append(f"{name}: {type(error).__name__}: {error}")
        self.account.times.setdefault(name, []).append(time.monotonic() - began)

    def _new_name(self) -> str:
        self._made += 1
        return f"{self._name}-{self._made}-{uuid.uuid4().hex[:6]}"

    def _one(self, kind: str) -> str | None:
        known = [key for of, key in self.account.kept if of == kind and key != self._experiment]
        return self._draw.choice(known) if known else None

    def _create_experiment(self) -> None:
        name = self._new_name()
        made = self._client._experiment_api.experiment_service_create_experiment(
            kfp_server_api.V2beta1Experiment(display_name=name)
        )
        self.account.kept["experiment", made.experiment_id] = name
        self._experiment = self._experiment or made.experiment_id

    def _create_pipeline(self) -> None:
        name = self._new_name()
        made = self._client.upload_pipeline(str(self._package), name)
        self.account.kept["pipeline", made.pipeline_id] = name

    def _create_run(self) -> None:
        name = self._new_name()
        document = yaml.safe_load(self._package.read_text())
        body = kfp_server_api.V2beta1Run(
            display_name=name, experiment_id=self._experiment or None, pipeline_spec=document
        )
        made = self._client._run_api.run_service_create_run(run=body)
        self.account.kept["run", made.run_id] = name

    def _get_run(self) -> None:
        run = self._one("run")
        if run is not None:
            found = self._client.get_run(run)
            if found.display_name != self.account.kept["run", run]:
                self.account.faults.append(f"run {run} is called {found.display_name}")

    def _list_runs(self) -> None:
        self._client.list_runs(page_size=20, experiment_id=self._experiment, sort_by="created_at desc")

    def _list_experiments(self) -> None:
        self._client.list_experiments(page_size=20)

    def _list_pipelines(self) -> None:
        self._client.list_pipelines(page_size=20)

    def _archive_run(self) -> None:
        run = self._one("run")
        if run is not None:
            self._client.archive_run(run)
            self.account.archived.add(run)

    def _delete_run(self) -> None:
        self._delete("run", self._client.delete_run)

    def _delete_experiment(self) -> None:
        self._delete("experiment", self._client.delete_experiment)

    def _delete_pipeline(self) -> None:
        pipeline = self._one("pipeline")
        if pipeline is None:
            return
        versions = self._client.list_pipeline_versions(pipeline).pipeline_versions or []
        for version in versions:
            self._client.delete_pipeline_version(pipeline, version.pipeline_version_id)
        self._delete("pipeline", self._client.delete_pipeline, pipeline)

    def _delete(self, kind: str, delete: Callable[[str], Any], key: str | None = None) -> None:
        key = key or self._one(kind)
        if key is not None:
            delete(key)
            del self.account.kept[kind, key]
            self.account.gone.add((kind, key))
