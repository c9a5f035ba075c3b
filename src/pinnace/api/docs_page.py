"""``/docs``: the OpenAPI document as one page without scripts, which loads nothing from anywhere."""

import base64
import hashlib
import json
import shlex
from collections.abc import Iterator
from html import escape
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from pinnace.api.openapi import Json, OpenApi

_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; } h3 { margin: 1.5rem 0 .25rem; }
code, pre { font: 13px/1.5 ui-monospace, monospace; } pre { overflow-x: auto; padding: .5rem; }
pre, tr:nth-child(odd) td { background: color-mix(in srgb, currentColor 7%, transparent); }
details { border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: .25rem 0; }
summary { cursor: pointer; } summary b { display: inline-block; min-width: 4.5em; }
table { border-collapse: collapse; width: 100%; } td { padding: .15rem .5rem; vertical-align: top; }
td:first-child { white-space: nowrap; }
"""
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

POLICY: Final = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
"""The Content-Security-Policy of the page: its own style, and nothing else."""

_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>API of Pinnace</title>
<style>{style}</style>
<h1>API of Pinnace {version}</h1>
<p>{about}</p>
<p>For programs: <a href="{root}/openapi.json">openapi.json</a>. Where the server has a token, every request carries it
as <code>Authorization: Bearer TOKEN</code>.</p>
<p>{contents} · <a href="#schemas">Schemas</a></p>
{sections}
<h2 id="schemas">Schemas</h2>
{schemas}
</html>
"""


def docs_routes(openapi: OpenApi) -> APIRouter:
    """The page, with links and examples by the address that it was asked at."""

    def docs(request: Request) -> Response:
        root = request.scope.get("root_path", "")
        page = render(openapi.document(root), root, str(request.base_url).rstrip("/"))
        return Response(page, media_type="text/html", headers={"Content-Security-Policy": POLICY})

    router = APIRouter()
    router.add_api_route("/docs", docs, methods=["GET"], include_in_schema=False)
    return router


def render(document: Json, root: str, address: str) -> str:
    """The page of a document.

    Args:
        document: What ``/openapi.json`` says.
        root: The path that the server is under.
        address: Where it answers, with that path.
    """
    tags = document["tags"]
    return _PAGE.format(
        style=_STYLE,
        version=escape(document["info"]["version"]),
        about=_prose(document["info"]["description"]),
        root=escape(root),
        contents=" · ".join(f'<a href="#{_anchor(tag)}">{escape(tag["name"].capitalize())}</a>' for tag in tags),
        sections="\n".join(_section(document, tag, address) for tag in tags),
        schemas="\n".join(_schema(name, item) for name, item in document["components"]["schemas"].items()),
    )


def _section(document: Json, tag: Json, address: str) -> str:
    items = [
        _operation(document, path, method, item, address)
        for path, methods in document["paths"].items()
        for method, item in methods.items()
        if tag["name"] in item["tags"]
    ]
    title = escape(tag["name"].capitalize())
    return f'<h2 id="{_anchor(tag)}">{title}</h2>\n<p>{_prose(tag["description"])}</p>\n' + "\n".join(items)


def _operation(document: Json, path: str, method: str, operation: Json, address: str) -> str:
    parts = [f"<p>{_prose(operation['description'])}</p>"] if "description" in operation else []
    parts.append(f"<pre>{escape(_curl(path, method, operation, address))}</pre>")
    rows = [
        (item["name"], f"{item['in']}, {_type(item['schema'])}", item["description"])
        for item in operation.get("parameters", ())
    ]
    rows += [("body", _body(item), "") for item in [operation.get("requestBody")] if item]
    rows += [(status, _body(item), item["description"]) for status, item in _answers(document, operation)]
    parts.append(_table(rows))
    head = f"<b>{method.upper()}</b> <code>{escape(path)}</code> {escape(operation['summary'])}"
    return f'<details id="{escape(operation["operationId"])}"><summary>{head}</summary>{"".join(parts)}</details>'


def _curl(path: str, method: str, operation: Json, address: str) -> str:
    """A line for a shell; what is to be filled in is in capitals."""
    words = ["curl"] if method == "get" else ["curl", "-X", method.upper()]
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        words += ["-F", "uploadfile=@FILE"]
    elif content:
        words += ["-H", "Content-Type: application/json", "-d", "{…}"]
    needed = [
        f"{item['name']}={item['name'].upper()}"
        for item in operation.get("parameters", ())
        if item["in"] == "query" and item["required"]
    ]
    filled = "".join(part.upper() if place else part for place, part in _pieces(path))
    return shlex.join([*words, address + filled + ("?" + "&".join(needed) if needed else "")])


def _pieces(path: str) -> Iterator[tuple[bool, str]]:
    for piece in path.replace("{", "\0{").replace("}", "\0").split("\0"):
        yield piece.startswith("{"), piece.removeprefix("{")


def _answers(document: Json, operation: Json) -> Iterator[tuple[str, Json]]:
    for status, item in operation["responses"].items():
        reference = item.get("$ref", "").rpartition("/")[2]
        yield status, document["components"]["responses"][reference] if reference else item


def _body(item: Json) -> str:
    return " or ".join(
        (f"{escape(kind)}: " if kind != "application/json" else "") + _type(content["schema"])
        for kind, content in item.get("content", {}).items()
    )


def _schema(name: str, schema: Json) -> str:
    needed = set(schema.get("required", ()))
    rows = [
        (field, _type(item) + (", always there" if field in needed else ""), item.get("description", ""))
        for field, item in schema.get("properties", {}).items()
    ]
    about = _prose(schema.get("description", ""))
    kind = "" if rows else f"<p>{_type(schema)}</p>"
    return f'<h3 id="schema-{escape(name)}">{escape(name)}</h3><p>{about}</p>{kind}{_table(rows)}'


def _type(schema: Json) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_type(option) for option in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(f"<code>{escape(json.dumps(item))}</code>" for item in schema["enum"])
    kind = schema.get("type", "any value")
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    inside: Any = schema.get("additionalProperties")
    if kind == "object" and isinstance(inside, dict):
        return f"object of {_type(inside)}"
    return escape(f"{kind} ({schema['format']})" if "format" in schema else kind)


def _table(rows: list[tuple[str, str, str]]) -> str:
    lines = [
        f"<tr><td><code>{escape(name)}</code></td><td>{kind}</td><td>{_prose(about)}</td></tr>"
        for name, kind, about in rows
    ]
    return f"<table>{''.join(lines)}</table>" if lines else ""


def _prose(text: str) -> str:
    """Text in which ``…`` marks code, once or twice."""
    parts = escape(text).replace("``", "`").split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))


def _anchor(tag: Json) -> str:
    return escape("tag-" + tag["name"].replace(" ", "-"))
