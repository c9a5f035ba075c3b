"""Serves the built dashboard: one page for all of its addresses, and the files that the page loads."""

import re
from html import escape
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.responses import FileResponse

from pinnace.errors import NotFound

PLACES: Final = ("runs", "pipelines", "experiments", "recurring", "artifacts", "executions", "compare", "settings")
"""First parts of the dashboard's own addresses; ``web/src/app/router.tsx`` knows the rest of each."""

_BASE: Final = re.compile(rb'<base href="[^"]*"\s*/?>')
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; frame-src 'self' blob:; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_FOR_EVER: Final = "public, max-age=31536000, immutable"


class Dashboard:
    """The routes of the application in *directory*."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def router(self) -> APIRouter:
        """The route table. Add it last: other routes under ``/artifacts`` come first."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/", self.page, methods=["GET", "HEAD"])
        router.add_api_route("/favicon.svg", self.icon, methods=["GET", "HEAD"])
        router.add_api_route("/assets/{name}", self.asset, methods=["GET", "HEAD"])
        for place in PLACES:
            router.add_api_route(f"/{place}", self.page, methods=["GET", "HEAD"])
            router.add_api_route(f"/{place}/{{rest:path}}", self.page, methods=["GET", "HEAD"])
        return router

    def page(self, request: Request) -> Response:
        """The one page. It learns from ``<base>`` under which path the server lives."""
        root = escape(request.scope.get("root_path", ""), quote=True) + "/"
        page = (self._directory / "index.html").read_bytes()
        based = _BASE.sub(b'<base href="' + root.encode() + b'">', page, count=1)
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"}
        return Response(based, media_type="text/html", headers=headers)

    def icon(self) -> Response:
        """The mark of the browser's tab."""
        return FileResponse(self._directory / "favicon.svg", headers={"Cache-Control": "max-age=86400"})

    def asset(self, name: str) -> Response:
        """A file that the page names; its name changes with its content."""
        path = self._directory / "assets" / name
        if name.startswith(".") or not path.is_file():
            raise NotFound("File", name)
        return FileResponse(path, headers={"Cache-Control": _FOR_EVER})


def built_dashboard() -> Dashboard | None:
    """The dashboard that the package was built with (``hatch_build.py``); None if it was built without."""
    directory = Path(__file__).with_name("static")
    return Dashboard(directory) if (directory / "index.html").is_file() else None
