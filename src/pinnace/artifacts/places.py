"""What a URI stands for: a path of this machine, or a place in one of fsspec's file systems."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import fsspec

from pinnace.errors import InvalidInput


def local_path(uri: str) -> Path | None:
    """The path that a local uri (an absolute path, or ``file://``) stands for, or None."""
    if uri.startswith("/"):
        return Path(uri)
    parts = urlsplit(uri)
    if parts.scheme in {"file", "local"} and parts.netloc in {"", "localhost"}:
        return Path(unquote(parts.path))
    return None


def remote_place(uri: str, options: Mapping[str, dict[str, Any]]) -> tuple[Any, str]:
    """The file system of a URL, and the place in it. *options* are the file systems' own, by protocol.

    Raises:
        InvalidInput: there is no file system for it.
    """
    try:
        system, place = fsspec.core.url_to_fs(uri, **options.get(urlsplit(uri).scheme, {}))
    except (ValueError, ImportError) as error:
        raise InvalidInput(f"The artifact URI {uri} cannot be used here: {error}") from error
    return system, place.rstrip("/")
