"""The server under a path: ``--base-path``, or what a proxy took away and tells in ``X-Forwarded-Prefix``.

This ring lies inside the guard, which therefore sees every request as it came. The header decides about links and about
what of the path is prefix, never about who comes in, and a page of another site cannot set it.
"""

import re
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pinnace.errors import SetupError

_PATH: Final = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]{1,64}){1,8}")


def check_base_path(text: str) -> str:
    """*text* without the slash at its end; "" for the root.

    Raises:
        SetupError: it is no path.
    """
    path = text.removesuffix("/")
    if path and not _PATH.fullmatch(path):
        raise SetupError(
            f'--base-path: "{text[:140]}" is no path of letters, digits, "-", ".", "_" and "~". Write it like /pinnace.'
        )
    return path


class Prefix:
    """Hands requests on with ASGI's ``root_path``, which routes leave out and links begin with.

    A path is answered with the prefix and without, so that it does not matter whether a proxy takes the prefix away.
    """

    def __init__(self, app: ASGIApp, base_path: str) -> None:
        self._app = app
        self._base = base_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = _told(Headers(scope=scope))
        path, prefix = scope["path"], told or self._base
        for known in (told, self._base):
            if known and path.startswith(known + "/"):
                path = path.removeprefix(known)
                break
            if known and path == known:
                await RedirectResponse(prefix + "/")(scope, receive, send)
                return
        await self._app({**scope, "root_path": prefix, "path": prefix + path}, receive, send)


def _told(headers: Headers) -> str:
    """The prefix that a proxy tells; "" where it tells none, or none that can be one."""
    given = headers.getlist("x-forwarded-prefix")
    path = given[0].removesuffix("/") if len(given) == 1 else ""
    return path if _PATH.fullmatch(path) else ""
