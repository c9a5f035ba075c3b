"""Lists: filter, order and keyset pages over one table, as KFP's list calls have them.

A page token is opaque base64 of JSON: sort, direction and filter of the first page, and sort value and id of the last
item of the page before. Items that come or go between two pages never shift the others (upstream: ``list/list.go``).
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Row, Table, exists, func, select, tuple_

from pinnace.domain.listing import ListQuery, Operation, Page, Predicate, Scalar
from pinnace.errors import InvalidInput
from pinnace.store.column_types import Name, TaskId
from pinnace.store.counts import KeptCounts

T = TypeVar("T")

_DEFAULT_SORT: Final = "created_at"
_LARGEST: Final = 2**63 - 1
_BEFORE_ALL: Final = -1
"""What an instant that is not set yet sorts as: before all others, on both databases."""

_TAG: Final = "tags."


@dataclass(frozen=True)
class Listable:
    """What can be listed, and by what.

    Attributes:
        kind: The resource's name in messages, as upstream has it.
        fields: Columns by the names that filters and sorts use.
        parent: The column that ``ListQuery.parent`` is compared with.
        tags: The table of tags, where filters may use ``tags.KEY``.
        counts: Kept counts of the table, where it may be too long to be counted for every page.
        rare: Fields with an index of their own, of which few rows have the same value.
    """

    kind: str
    table: Table
    fields: Mapping[str, "Column[Any]"]
    parent: "Column[Any] | None" = None
    tags: Table | None = None
    counts: KeptCounts | None = None
    rare: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Cursor:
    value: Scalar
    id: str


def list_page(
    connection: Connection, listable: Listable, query: ListQuery, convert: Callable[[Sequence[Row[Any]]], Sequence[T]]
) -> Page[T]:
    """One page.

    Raises:
        InvalidInput: unknown field, unfitting value, or a token that is damaged or of another list.
    """
    if query.size < 1:
        raise InvalidInput("The page size must be 1 or more.")
    query, cursor = _resume(query)
    if query.sort_by not in listable.fields:
        raise InvalidInput(f'Invalid sorting field: "{query.sort_by}" on listable type {listable.kind}')
    conditions = _conditions(listable, query)
    column = listable.fields[query.sort_by]
    order = [_sortable(column), listable.table.c.id]
    if cursor is not None:
        here = tuple_(_fitting(column, query.sort_by, cursor.value), cursor.id, types=[column.type, order[1].type])
        conditions.append(tuple_(*order) < here if query.descending else tuple_(*order) > here)
    ordered = [part.desc() if query.descending else part.asc() for part in order]
    # The place of the page is found by id alone, mostly within an index; only what is shown is read as whole rows.
    ids = select(listable.table.c.id).where(*conditions).order_by(*ordered).limit(query.size + 1)
    rows = connection.execute(select(listable.table).where(listable.table.c.id.in_(ids)).order_by(*ordered)).all()
    shown = rows[: query.size]
    is_whole = cursor is None and len(rows) <= query.size
    total = len(rows) if is_whole else _total(connection, listable, query)
    token = _token(query, shown[-1], column) if len(rows) > query.size else ""
    return Page(items=convert(shown), total=total, next_token=token)


def _total(connection: Connection, listable: Listable, query: ListQuery) -> int:
    """How many match: a sum over the kept counts where the query asks for nothing by which they do not count."""
    counted = _counted(listable, query)
    if counted is None:
        number = select(func.count()).select_from(listable.table).where(*_conditions(listable, query))
    else:
        number = select(func.coalesce(func.sum(counted.table.c.count), 0)).where(*_conditions(counted, query))
    return int(connection.execute(number).scalar_one())


def _counted(listable: Listable, query: ListQuery) -> Listable | None:
    """The list's counts as if they were its rows, if *query* can be asked of them."""
    kept = listable.counts
    if kept is None:
        return None
    own = kept.table.c
    fields = {name: own[column.name] for name, column in listable.fields.items() if column.name in own}
    if any(predicate.field not in fields for predicate in query.predicates):
        return None
    parent = None if listable.parent is None else own.get(listable.parent.name)
    if query.parent is not None and parent is None:
        return None
    return Listable(listable.kind, kept.table, fields, parent)


def _conditions(listable: Listable, query: ListQuery) -> list[ColumnElement[bool]]:
    conditions = [_condition(listable, predicate) for predicate in query.predicates]
    namespace: ColumnElement[str] = listable.table.c.namespace
    if query.parent is not None:
        if listable.parent is None:
            raise InvalidInput(f"{listable.kind} objects have no parent to list them by.")
        conditions.append(listable.parent == query.parent)
    if query.parent is not None or _names_few(listable, query):
        # SQLite must not take the index of the namespace, which may hold everything.
        namespace = namespace.concat("")
    if query.namespace is not None:
        conditions.append(namespace == query.namespace)
    return conditions


def _names_few(listable: Listable, query: ListQuery) -> bool:
    picks = (Operation.EQUALS, Operation.IN)
    return any(each.field in listable.rare and each.operation in picks for each in query.predicates)


def _condition(listable: Listable, predicate: Predicate) -> ColumnElement[bool]:
    name, operation, value = predicate.field, predicate.operation, predicate.value
    if listable.tags is not None and name.startswith(_TAG):
        return _tag_condition(listable, listable.tags, predicate)
    if name not in listable.fields:
        raise InvalidInput(f'no support for filtering on unrecognized field "{name}"')
    column = listable.fields[name]
    if predicate.unit != 1:
        return _in_units(column, predicate)
    if operation is Operation.IN:
        if not isinstance(value, tuple):
            raise InvalidInput(f'The filter on "{name}" needs a list of values for IN.')
        return column.in_([_fitting(column, name, item) for item in value])
    if isinstance(value, tuple):
        raise InvalidInput(f'The filter on "{name}" needs one value for {operation}, not a list.')
    if operation is Operation.IS_SUBSTRING:
        if not isinstance(value, str) or not isinstance(column.type, Name):
            raise InvalidInput(f'The filter on "{name}" needs a text for IS_SUBSTRING.')
        # Both databases fold the 26 letters of ASCII here and nothing else.
        return func.lower(column).contains(_ascii_lower(value), autoescape=True)
    fitting = _fitting(column, name, value)
    comparisons: dict[Operation, ColumnElement[bool]] = {
        Operation.EQUALS: column == fitting,
        Operation.NOT_EQUALS: column != fitting,
        Operation.GREATER_THAN: column > fitting,
        Operation.GREATER_THAN_EQUALS: column >= fitting,
        Operation.LESS_THAN: column < fitting,
        Operation.LESS_THAN_EQUALS: column <= fitting,
    }
    return comparisons[operation]


def _in_units(column: "Column[Any]", predicate: Predicate) -> ColumnElement[bool]:
    """A comparison of whole units."""
    units: ColumnElement[int] = column // predicate.unit
    given = predicate.value if isinstance(predicate.value, tuple) else (predicate.value,)
    values = [_fitting(column, predicate.field, value) for value in given]
    if predicate.operation is Operation.IN:
        return units.in_(values)
    if predicate.operation is Operation.NOT_EQUALS:
        return units != values[0]
    raise InvalidInput(f'The filter on "{predicate.field}" cannot count units for {predicate.operation}.')


def _tag_condition(listable: Listable, tags: Table, predicate: Predicate) -> ColumnElement[bool]:
    key = predicate.field.removeprefix(_TAG)
    if predicate.operation is not Operation.EQUALS or not isinstance(predicate.value, str) or not key:
        raise InvalidInput(f'The filter on "{predicate.field}" must be tags.KEY with EQUALS and a text.')
    return exists().where(tags.c.owner_id == listable.table.c.id, tags.c.key == key, tags.c.value == predicate.value)


def _fitting(column: "Column[Any]", name: str, value: Scalar) -> Scalar:
    """The value in the column's type; databases differ in what they make of another."""
    if isinstance(column.type, Name | TaskId):
        return str(value)
    try:
        number = int(value)
    except ValueError:
        raise InvalidInput(f'The filter on "{name}" needs a number or a time, not "{value}".') from None
    if abs(number) > _LARGEST:
        raise InvalidInput(f'The number in the filter on "{name}" is too large.')
    return number


def _ascii_lower(text: str) -> str:
    return "".join(character.lower() if character.isascii() else character for character in text)


def _sortable(column: "Column[Any]") -> ColumnElement[Any]:
    return func.coalesce(column, _BEFORE_ALL) if column.nullable else column


def _token(query: ListQuery, last: Row[Any], column: "Column[Any]") -> str:
    value = last._mapping[column]  # noqa: SLF001 - SQLAlchemy's documented name, with an underscore to keep off columns
    content = {
        "sort": query.sort_by,
        "descending": query.descending,
        "filter": [[each.field, each.operation.value, each.value, each.unit] for each in query.predicates],
        "value": _BEFORE_ALL if value is None else value,
        "id": last.id,
    }
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


def _resume(query: ListQuery) -> tuple[ListQuery, _Cursor | None]:
    """The query with the sort and filter of its token, and where it goes on."""
    if not query.token:
        return replace(query, sort_by=query.sort_by or _DEFAULT_SORT), None
    first, cursor = _parse_token(query)
    given = (query.sort_by or _DEFAULT_SORT, query.descending, query.predicates)
    # As upstream, a request with a token may leave both out.
    if given not in ((_DEFAULT_SORT, False, ()), (first.sort_by, first.descending, first.predicates)):
        raise InvalidInput(
            "page token does not match the supplied sort by and/or filtering criteria. Either specify the same "
            "criteria or leave the latter empty if page token is specified"
        )
    return first, cursor


def _parse_token(query: ListQuery) -> tuple[ListQuery, _Cursor]:
    try:
        content = json.loads(base64.b64decode(query.token, altchars=b"-_", validate=True))
        predicates = tuple(
            Predicate(str(field), Operation(operation), _scalars(value), int(unit))
            for field, operation, value, unit in content["filter"]
        )
        first = replace(
            query, sort_by=str(content["sort"]), descending=bool(content["descending"]), predicates=predicates
        )
        return first, _Cursor(_scalar(content["value"]), str(content["id"]))
    except (binascii.Error, ValueError, KeyError, TypeError, RecursionError):
        raise InvalidInput("Invalid page token. Start again from the first page.") from None


def _scalars(value: object) -> Scalar | tuple[Scalar, ...]:
    return tuple(_scalar(item) for item in value) if isinstance(value, list) else _scalar(value)


def _scalar(value: object) -> Scalar:
    if isinstance(value, str | int):
        return value
    raise TypeError("neither text nor number")
