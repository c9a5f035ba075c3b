"""Pages of links between tasks and artifacts, in the order of their key."""

import base64
import binascii
import json
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, func, select, tuple_

from pinnace.domain.lineage import OWN, Link, LinkQuery
from pinnace.domain.listing import Page
from pinnace.errors import InvalidInput
from pinnace.store.lineage_rows import link_from
from pinnace.store.tables import task_artifacts, tasks

_LINK: Final = task_artifacts.c
_ORDER: Final = (_LINK.run_id, _LINK.node, _LINK.direction, _LINK.key, _LINK.index)
_UNKNOWN: Final = -1


def list_links(connection: Connection, query: LinkQuery) -> Page[Link]:
    """One page. Raises InvalidInput for a token that is damaged.

    What nothing narrows down may be millions of links, and is not counted.
    """
    conditions = _conditions(query)
    total = _UNKNOWN
    if query.runs or query.tasks or query.artifacts:
        counted = _chosen(select(func.count()).select_from(task_artifacts), query, conditions)
        total = connection.execute(counted).scalar_one()
    if query.token:
        here = tuple_(*_opened(query.token), types=[column.type for column in _ORDER])
        conditions.append(tuple_(*_ORDER) < here if query.descending else tuple_(*_ORDER) > here)
    ordered = _chosen(select(task_artifacts), query, conditions).order_by(
        *(column.desc() if query.descending else column.asc() for column in _ORDER)
    )
    found = [link_from(row) for row in connection.execute(ordered.limit(query.size + 1))]
    token = _token(found[query.size - 1]) if len(found) > query.size else ""
    return Page(items=found[: query.size], total=total, next_token=token)


def _conditions(query: LinkQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.runs:
        conditions.append(_LINK.run_id.in_(query.runs))
    if query.tasks:
        conditions.append(tasks.c.id.in_(query.tasks))
    if query.artifacts:
        conditions.append(_LINK.artifact_id.in_(query.artifacts))
    if query.direction is not None:
        conditions.append(_LINK.direction == query.direction.value)
    if not query.groups:
        conditions.append(_LINK.role.in_(OWN))
    return conditions


def _chosen(statement: Select[Any], query: LinkQuery, conditions: list[ColumnElement[bool]]) -> Select[Any]:
    if query.tasks:
        statement = statement.join(tasks, (tasks.c.run_id == _LINK.run_id) & (tasks.c.node == _LINK.node))
    return statement.where(*conditions)


def _token(last: Link) -> str:
    place = [last.run, last.node, last.direction.value, last.key, last.index]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _opened(token: str) -> list[str | int]:
    try:
        place = json.loads(base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        place = None
    if not isinstance(place, list) or [type(part) for part in place] != [str, str, str, str, int]:
        raise InvalidInput("Invalid page token. Start again from the first page.")
    return place
