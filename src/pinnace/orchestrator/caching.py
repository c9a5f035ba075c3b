"""Whether a task's result is known already. Blocks."""

from collections.abc import Mapping
from typing import Final

from pinnace.domain.artifacts import Artifact
from pinnace.domain.environments import EnvironmentMode
from pinnace.domain.ids import ArtifactId
from pinnace.domain.values import SECOND, Instant
from pinnace.engine.commands import LookupCache
from pinnace.engine.signals import CacheAnswered
from pinnace.ir.fingerprint import fingerprint
from pinnace.ir.lightweight import split_command
from pinnace.ir.model import Container
from pinnace.orchestrator.loading import LoadedRun
from pinnace.ports.artifacts import ArtifactStore
from pinnace.ports.clock import Clock
from pinnace.ports.store import CacheEntry, Store

_DAY: Final = 86_400 * SECOND


class TaskCache:
    """Answers LookupCache from the results of earlier tasks of the same pipeline and namespace.

    Args:
        store: Where the entries are.
        artifacts: Asked whether the artifacts of an entry still exist.
        clock: For the age of entries.
        enabled: False for no cache on this server: nothing is found and nothing is kept.
        days: How long an entry holds; 0 for ever.
        python: What tasks run in, in words; a result of another Python is not found.
        mode: How Python environments are made for runs that do not say it.
    """

    def __init__(
        self,
        store: Store,
        artifacts: ArtifactStore,
        clock: Clock,
        *,
        enabled: bool,
        days: int,
        python: str,
        mode: EnvironmentMode = EnvironmentMode.INHERIT,
    ) -> None:
        self._store = store
        self._artifacts = artifacts
        self._clock = clock
        self._enabled = enabled
        self._days = days
        self._python = python
        self._mode = mode

    def look_up(self, loaded: LoadedRun, command: LookupCache) -> CacheAnswered:
        """A hit with its outputs, or a miss with the fingerprint to keep the result under."""
        if not self._enabled:
            return CacheAnswered(command.node, command.attempt)
        key, parts = _fingerprint(loaded, command, self._python, loaded.run.environment or self._mode)
        run = loaded.run
        with self._store.read() as uow:
            entry = uow.cache.find(run.namespace, run.pipeline_name, key, self._oldest())
            artifacts = self._artifacts_of(entry, uow.runs.artifacts(_ids(entry))) if entry else None
        if entry is None or artifacts is None:
            return CacheAnswered(command.node, command.attempt, key, parts=parts)
        return CacheAnswered(command.node, command.attempt, key, entry.outputs, artifacts, parts)

    def _oldest(self) -> Instant:
        return Instant(self._clock.now() - self._days * _DAY) if self._days else Instant(0)

    def _artifacts_of(self, entry: CacheEntry, known: Mapping[ArtifactId, Artifact]) -> tuple[Artifact, ...] | None:
        """The artifacts of an entry, or None if one of them is gone or its content is another."""
        found: list[Artifact] = []
        for artifact_id in _ids(entry):
            artifact = known.get(artifact_id)
            if artifact is None or not self._is_intact(artifact):
                return None
            found.append(artifact)
        return tuple(found)

    def _is_intact(self, artifact: Artifact) -> bool:
        if not artifact.digest and artifact.size < 0:
            return True  # nothing was known of its content when it was published
        content = self._artifacts.inspect(artifact.uri)
        return content.exists and (not artifact.digest or content.digest == artifact.digest)


def _ids(entry: CacheEntry) -> list[ArtifactId]:
    return [artifact for ids in entry.outputs.artifacts.values() for artifact in ids]


def _fingerprint(
    loaded: LoadedRun, command: LookupCache, python: str, mode: EnvironmentMode
) -> tuple[str, dict[str, str]]:
    place = loaded.state.nodes[command.node].place
    container = place.component.implementation
    assert isinstance(container, Container)
    artifacts = {
        name: [loaded.state.artifacts[artifact] for artifact in ids] for name, ids in command.inputs.artifacts.items()
    }
    caching = place.task.caching
    return fingerprint(
        place.component,
        command.inputs.parameters,
        artifacts,
        environment=_environment(container, python, mode),
        cache_key=caching.key if caching else "",
    )


def _environment(container: Container, python: str, mode: EnvironmentMode) -> str:
    """What the code runs in: the interpreter, the packages and indexes that the pipeline declares, and the mode.

    The mode of a command that the SDK did not write makes no difference to it.
    """
    lightweight = split_command(container.command, container.args)
    if lightweight is None:
        return python
    isolated = (mode.value,) if mode is EnvironmentMode.ISOLATED else ()
    return " ".join((python, *sorted(lightweight.requirements), *lightweight.index_urls, *isolated))
