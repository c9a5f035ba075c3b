"""Room in the database and behind it."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from sqlalchemy import Connection, Select, delete, exists, func, or_, select

from pinnace.domain.ids import RunId
from pinnace.domain.places import above, below
from pinnace.domain.states import RunState, StorageState
from pinnace.domain.values import Instant
from pinnace.ports.storage import Amount, Naming
from pinnace.store import values
from pinnace.store.dialects import IDENTITY
from pinnace.store.tables import artifacts, counters, documents, pipeline_versions, recurring_runs, runs, task_artifacts

_ENDED: Final = [state.value for state in RunState if state.is_terminal]
_UNUSED: Final = (
    ~exists().where(runs.c.document == documents.c.digest),
    ~exists().where(pipeline_versions.c.document == documents.c.digest),
    ~exists().where(recurring_runs.c.document == documents.c.digest),
)


class SqlStorage:
    """``ports.storage.Storage`` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def named(self, place: str) -> Sequence[Naming]:
        """See the port."""
        first, end = below(place)
        near = or_(
            artifacts.c.place.in_([place, *above(place)]), (artifacts.c.place >= first) & (artifacts.c.place < end)
        )
        link = task_artifacts.c
        rows = self._connection.execute(
            select(artifacts.c.id, artifacts.c.place, artifacts.c.size, artifacts.c.run_id, link.run_id.label("user"))
            .outerjoin(task_artifacts, link.artifact_id == artifacts.c.id)
            .where(near)
            .distinct()
        )
        users: dict[tuple[str, str, int, str], set[str]] = {}
        for row in rows:
            users.setdefault((row.id, row.place, row.size, row.run_id), set()).update([row.user] if row.user else [])
        found = [_naming(place_, size, maker, of) for (_, place_, size, maker), of in users.items()]
        roots = self._connection.execute(
            select(runs.c.id, runs.c.artifact_root).where(runs.c.artifact_root >= first, runs.c.artifact_root < end)
        )
        return [*found, *(_naming(row.artifact_root, -1, row.id, set()) for row in roots)]

    def existing(self, runs_: Sequence[RunId]) -> AbstractSet[RunId]:
        """See the port."""
        found: set[RunId] = set()
        for some in values.chunks(runs_):
            ids = self._connection.execute(select(runs.c.id).where(runs.c.id.in_(some))).scalars()
            found.update(RunId(id_) for id_ in ids)
        return found

    def ended(self, before: Instant, limit: int, state: StorageState | None = None) -> Sequence[RunId]:
        """See the port."""
        ids = self._connection.execute(_ended(before, state).limit(limit)).scalars()
        return [RunId(id_) for id_ in ids]

    def unused_documents(self) -> Amount:
        """See the port."""
        size = func.coalesce(func.sum(func.length(documents.c.content)), 0)
        row = self._connection.execute(select(func.count().label("number"), size.label("size")).where(*_UNUSED)).one()
        return Amount(row.number, int(row.size))

    def drop_unused_documents(self, limit: int) -> int:
        """See the port."""
        some = select(documents.c.digest).where(*_UNUSED).limit(limit).scalar_subquery()
        return self._connection.execute(delete(documents).where(documents.c.digest.in_(some))).rowcount

    def size(self) -> int:
        """See the port."""
        if self._connection.dialect.name == "postgresql":
            found = self._connection.exec_driver_sql("SELECT pg_database_size(current_database())")
        else:
            found = self._connection.exec_driver_sql(
                "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
            )
        return int(found.scalar_one())

    def identity(self) -> str:
        """See the port."""
        return str(self._connection.execute(select(counters.c.value).where(counters.c.name == IDENTITY)).scalar_one())


def _naming(place: str, size: int, maker: str, users: AbstractSet[str]) -> Naming:
    return Naming(place, frozenset(RunId(run) for run in users or ([maker] if maker else [])), size)


def _ended(before: Instant, state: StorageState | None) -> Select[str]:
    query = select(runs.c.id).where(runs.c.state.in_(_ENDED), runs.c.finished_at < before)
    if state is not None:
        query = query.where(runs.c.storage_state == state.value)
    if state is StorageState.ARCHIVED:
        query = query.where(or_(runs.c.archived_at.is_(None), runs.c.archived_at < before))
    return query.order_by(runs.c.finished_at, runs.c.id)
