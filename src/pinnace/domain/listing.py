"""One vocabulary for every list: which items, in which order, which page."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")

Scalar: TypeAlias = str | int


class Operation(StrEnum):
    """Comparison of a predicate, named as in KFP's filters."""

    EQUALS = "EQUALS"
    NOT_EQUALS = "NOT_EQUALS"
    GREATER_THAN = "GREATER_THAN"
    GREATER_THAN_EQUALS = "GREATER_THAN_EQUALS"
    LESS_THAN = "LESS_THAN"
    LESS_THAN_EQUALS = "LESS_THAN_EQUALS"
    IN = "IN"
    IS_SUBSTRING = "IS_SUBSTRING"


@dataclass(frozen=True, slots=True)
class Predicate:
    """One condition on one field.

    Attributes:
        value: A tuple for ``IN``; instants are microseconds.
        unit: In how many of the field's own units values are counted, rounded down; 1 compares the field as it is.
    """

    field: str
    operation: Operation
    value: Scalar | tuple[Scalar, ...]
    unit: int = 1


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What to list.

    Attributes:
        namespace: Only items of it; None for all.
        parent: Only items of that experiment (runs) or pipeline (versions); None for all.
        predicates: All must hold.
        sort_by: A field; ties are broken by id in the same direction.
        size: Items a page.
        token: Opaque; where the page starts. Sort and filter of the first page are kept in it.
    """

    namespace: str | None = None
    parent: str | None = None
    predicates: tuple[Predicate, ...] = ()
    sort_by: str = "created_at"
    descending: bool = False
    size: int = 20
    token: str = ""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page. ``total`` counts all that match; ``next_token`` is "" on the last page."""

    items: Sequence[T] = field(default_factory=tuple)
    total: int = 0
    next_token: str = ""
