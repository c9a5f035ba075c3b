"""Page size, page token, sort order and filter of every list. Upstream: ``apiserver/list/list.go``."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Query

from pinnace.api.kfp.filters import Fields, parse_filter
from pinnace.domain.listing import ListQuery
from pinnace.errors import InvalidInput

DEFAULT_SIZE: Final = 20
MAX_SIZE: Final = 200

NAMESPACE: Final = "Read and ignored: there are no namespaces."
_SIZE: Final = "At most so many; 0 stands for 20, and more than 200 for 200."
_FILTER: Final = (
    'A message Filter as JSON, like `{"predicates": [{"operation": "EQUALS", "key": "name", "string_value": "x"}]}`.'
)
EXPERIMENT: Final = "Only those of this experiment."


@dataclass(frozen=True, slots=True)
class ListParameters:
    """The query parameters that every list takes. Empty ones are the same as absent ones."""

    page_token: Annotated[str, Query(description="Where the page begins: `next_page_token` of the one before.")] = ""
    page_size: Annotated[int, Query(description=_SIZE, json_schema_extra={"minimum": 0})] = 0
    sort_by: Annotated[str, Query(description="A field, then `asc` or `desc`; `created_at asc` by default.")] = ""
    filter: Annotated[str, Query(description=_FILTER)] = ""
    namespace: Annotated[str, Query(description=NAMESPACE)] = ""

    def query(self, fields: Fields, namespace: str | None = None, parent: str | None = None) -> ListQuery:
        """What is asked for, in the store's words. Raises InvalidInput."""
        if self.page_size < 0:
            raise InvalidInput(f"page_size: {self.page_size} is negative. Give a number from 1 to {MAX_SIZE}.")
        sort_by, filter_text, token = self.sort_by, self.filter, ""
        if self.page_token:
            sort_by, filter_text, token = _open_token(self.page_token)
            if (self.sort_by and _order(self.sort_by) != _order(sort_by)) or (
                self.filter and self.filter != filter_text
            ):
                raise InvalidInput(
                    "page token does not match the supplied sort by and/or filtering criteria. "
                    "Either specify the same criteria or leave the latter empty if page token is specified"
                )
        name, descending = _sort_field(sort_by, fields)
        return ListQuery(
            namespace=namespace,
            parent=parent,
            predicates=parse_filter(filter_text, fields),
            sort_by=name,
            descending=descending,
            size=min(self.page_size or DEFAULT_SIZE, MAX_SIZE),
            token=token,
        )

    def next_token(self, store_token: str) -> str:
        """The token of the next page: the store's, with the order and the filter that it was made for."""
        if not store_token:
            return ""
        sort_by, filter_text = self.sort_by, self.filter
        if self.page_token:
            sort_by, filter_text, _ = _open_token(self.page_token)
        content = json.dumps([sort_by, filter_text, store_token], separators=(",", ":"))
        return base64.urlsafe_b64encode(content.encode()).decode()


def _open_token(token: str) -> tuple[str, str, str]:
    try:
        content = json.loads(base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        content = None
    if not isinstance(content, list) or len(content) != 3 or not all(isinstance(item, str) for item in content):
        raise InvalidInput("page_token: this is not a token that this server gave out. Begin again without one.")
    return content[0], content[1], content[2]


def _order(sort_by: str) -> tuple[str, bool]:
    words = sort_by.lower().split()
    if len(words) > 2 or (len(words) == 2 and words[1] not in {"asc", "desc"}):
        raise InvalidInput(
            f'Received invalid sort by format "{sort_by}". Supported formats: '
            '"field_name", "field_name desc", or "field_name asc"'
        )
    return (words[0] if words else "created_at"), words[1:] == ["desc"]


def _sort_field(sort_by: str, fields: Fields) -> tuple[str, bool]:
    name, descending = _order(sort_by)
    found = fields.sorted_by(name)
    if found is None:
        raise InvalidInput(f'Invalid sorting field: "{name}" on listable type {fields.kind}')
    return found, descending
