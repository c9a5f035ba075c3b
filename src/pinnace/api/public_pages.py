"""What a server with a token hands to anybody who may reach it: the dashboard's own files, which hold nothing secret.

A browser that opens the page cannot send the token yet; the page asks for it. This is an application of its own that
knows nothing but those files: whatever is wrong with a path or a prefix, no other route can be reached through it.
"""

from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from pinnace.api.errors import add_error_handlers
from pinnace.api.kfp.routes_ui_artifacts import UI_ARTIFACT_PATHS
from pinnace.api.prefix import Prefix
from pinnace.api.security import refuse_without_token
from pinnace.api.web.dashboard import Dashboard


def public_pages(dashboard: Dashboard, base_path: str) -> FastAPI:
    """The dashboard's page and files; everything else is refused as the guard refuses it."""
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    add_error_handlers(app)
    app.add_middleware(Prefix, base_path=base_path)
    for path in UI_ARTIFACT_PATHS:
        app.router.routes.append(Route(path, _Refusing()))
    app.include_router(dashboard.router())
    app.router.default = refuse_without_token
    return app


class _Refusing:
    """An endpoint that sends the refusal itself; of a function a route would expect an answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await refuse_without_token(scope, receive, send)
