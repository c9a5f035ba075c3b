"""Why a task was, or was not, served by the cache."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pinnace.domain.ids import NodeId, RunId
from pinnace.domain.listing import ListQuery, Operation, Predicate
from pinnace.domain.runs import Run
from pinnace.domain.states import NodePhase
from pinnace.domain.tasks import NodeBinding, TaskRecord
from pinnace.domain.values import Instant, JsonValue
from pinnace.errors import NotFound
from pinnace.ports.store import CacheEntry, Store, UnitOfWork
from pinnace.services.cache_parts import PartReader

_CANDIDATES: Final = 50
_NOT_LOOKED_UP: Final[Mapping[str, str]] = {
    "DAG": "A group of tasks is never looked up; the tasks inside are.",
    "LOOP": "A loop is never looked up; the tasks inside are.",
    "IMPORTER": "An importer is never looked up: it looks at what is there.",
}


class CacheStatus(StrEnum):
    """What became of the question."""

    HIT = "HIT"
    MISS = "MISS"
    OFF = "OFF"
    """The cache may not be asked for it."""
    NOT_ASKED = "NOT_ASKED"
    """It has not come to that, or never will."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a fingerprint; ``value`` is None where it is not known any more."""

    name: str
    digest: str
    value: JsonValue


@dataclass(frozen=True, slots=True)
class Difference:
    """One part of two fingerprints; None on the side that has no such part."""

    name: str
    here: Part | None
    there: Part | None

    @property
    def equal(self) -> bool:
        """Whether both have it, and alike."""
        return self.here is not None and self.there is not None and self.here.digest == self.there.digest


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the cache knows of a task.

    Attributes:
        parts: Those of its fingerprint.
        source: Of a hit, the result that it was given, if the cache still has it.
        nearest: Of a miss, the earlier result of the same component that has most parts in common.
        differences: All parts of the task's fingerprint and that one's.
        kept: Whether the cache has a result under the fingerprint now.
    """

    task: TaskRecord
    status: CacheStatus
    reason: str
    parts: Sequence[Part] = ()
    source: CacheEntry | None = None
    nearest: CacheEntry | None = None
    differences: Sequence[Difference] = ()
    kept: bool = False


class CacheExplanations:
    """Use-cases on what the cache knows."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def explain(self, run: RunId, key: str) -> Explanation:
        """What became of the task of a run whose node id, ``task_id`` or (if only one has it) name is *key*.

        Raises NotFound.
        """
        with self._store.read() as uow:
            owner = uow.runs.get(run)
            task = _task(uow, run, key)
            if not task.fingerprint:
                status, reason = _not_looked_up(owner, task)
                return Explanation(task, status, reason)
            return _looked_up(uow, owner, task)

    def expire(self, run: RunId, key: str) -> int:
        """Forget every result that a task like this one would be given; how many. Raises NotFound."""
        with self._store.write() as uow:
            owner = uow.runs.get(run)
            task = _task(uow, run, key)
            if not task.fingerprint:
                return 0
            return uow.cache.expire(owner.namespace, owner.pipeline_name, task.fingerprint)


def _task(uow: UnitOfWork, run: RunId, key: str) -> TaskRecord:
    try:
        return uow.runs.task(run, NodeId(key))
    except NotFound:
        pass
    for field in ("id", "name"):
        query = ListQuery(parent=run, predicates=(Predicate(field, Operation.EQUALS, key),), size=2)
        found = uow.lineage.tasks(query).items
        if len(found) == 1:
            return found[0]
    raise NotFound("Task", f"{key} of run {run}")


def _not_looked_up(run: Run, task: TaskRecord) -> tuple[CacheStatus, str]:
    if task.kind in _NOT_LOOKED_UP:
        return CacheStatus.NOT_ASKED, _NOT_LOOKED_UP[task.kind]
    if task.phase is NodePhase.CACHE_LOOKUP:
        return CacheStatus.NOT_ASKED, "The cache is being asked."
    if run.caching is False:
        return CacheStatus.OFF, "The run was submitted with caching switched off."
    if any(phase is NodePhase.CACHE_LOOKUP for _, phase in task.history):
        return CacheStatus.OFF, "The cache of this server was switched off."
    if task.attempts:
        return CacheStatus.OFF, "The pipeline switches caching off for this task, or for a group around it."
    return CacheStatus.NOT_ASKED, "It has not begun, and what it will take in is not known."


def _looked_up(uow: UnitOfWork, run: Run, task: TaskRecord) -> Explanation:
    at = next((at for at, phase in reversed(task.history) if phase is NodePhase.CACHE_LOOKUP), task.created_at)
    same = uow.cache.find(run.namespace, run.pipeline_name, task.fingerprint, Instant(0))
    reader = PartReader(uow)
    own_parts = _own_parts(uow, task, same)
    parts = _parts(own_parts, reader.values(task))
    if task.cached:
        return Explanation(task, CacheStatus.HIT, _hit(same), parts, source=same, kept=same is not None)
    like = CacheEntry(
        task.fingerprint,
        run.pipeline_name,
        run.namespace,
        run.id,
        task.node,
        at,
        NodeBinding(),
        component=reader.component(task),
    )
    nearest = _nearest(own_parts, uow.cache.others(like, _CANDIDATES))
    if nearest is None:
        reason = "The cache had no earlier result of this component in runs of this pipeline."
        return Explanation(task, CacheStatus.MISS, reason, parts, kept=same is not None)
    theirs = _parts(nearest.parts, reader.values(uow.runs.task(nearest.run, nearest.node)))
    differences = _differences(parts, theirs)
    return Explanation(
        task,
        CacheStatus.MISS,
        _miss(nearest, differences),
        parts,
        nearest=nearest,
        differences=differences,
        kept=same is not None,
    )


def _own_parts(uow: UnitOfWork, task: TaskRecord, same: CacheEntry | None) -> Mapping[str, str]:
    """Equal fingerprints have equal parts, so that any entry will do. Who left none has them in its history."""
    if same is not None:
        return same.parts
    found = uow.cache.looked_up(task.run, task.node)
    return found[1] if found is not None and found[0] == task.fingerprint else {}


def _parts(parts: Mapping[str, str], values: Mapping[str, JsonValue]) -> Sequence[Part]:
    found: list[Part] = []
    for name, kept in sorted(parts.items()):
        digest, _, text = kept.partition(" ")
        found.append(Part(name, digest, text or values.get(name)))
    return found


def _digest(kept: str) -> str:
    return kept.partition(" ")[0]


def _nearest(parts: Mapping[str, str], entries: Sequence[CacheEntry]) -> CacheEntry | None:
    """The entry with most parts in common; of several the newest."""

    def in_common(entry: CacheEntry) -> int:
        return sum(_digest(kept) == _digest(entry.parts.get(name, "")) for name, kept in parts.items())

    return max(entries, key=in_common, default=None)


def _differences(here: Sequence[Part], there: Sequence[Part]) -> Sequence[Difference]:
    ours, theirs = {part.name: part for part in here}, {part.name: part for part in there}
    return [Difference(name, ours.get(name), theirs.get(name)) for name in sorted({*ours, *theirs})]


def _hit(source: CacheEntry | None) -> str:
    if source is None:
        return "It was given the result of an earlier task with the same fingerprint, which the cache no longer holds."
    return f'It was given the result of task "{source.node}" of run {source.run}, which has the same fingerprint.'


def _miss(nearest: CacheEntry, differences: Sequence[Difference]) -> str:
    different = [each.name for each in differences if not each.equal]
    which = f'task "{nearest.node}" of run {nearest.run}'
    if different:
        return f"The nearest earlier result, of {which}, differs in {', '.join(different)}."
    return (
        f"An earlier result, of {which}, had the same fingerprint and was not taken: it was older than this server "
        "keeps results, or one of its artifacts was gone or had changed."
    )
