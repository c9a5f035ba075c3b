"""Rules for names and tags. Upstream: ``apiserver/server/api_util.go`` and ``apiserver/template/v2_template.go``."""

import re
from collections.abc import Mapping
from typing import Final

from pinnace.errors import InvalidInput

MAX_NAME: Final = 128
"""Characters in the name of an experiment or a pipeline."""

MAX_VERSION_NAME: Final = 127
"""Characters in the name of a pipeline version."""

MAX_RUN_NAME: Final = 255
"""Characters in the name of a run. Upstream has no limit of its own; its database cuts in there."""

MAX_ROOT: Final = 1024
"""Bytes in a pipeline root. Paths are at most 4,096 bytes long, and the names of tasks come behind it; PostgreSQL's
indexes take 2,700, and the names of pipeline and run come behind it there."""

MAX_TAGS: Final = 20
MAX_TAG: Final = 63

_ROOT: Final = re.compile(r"/.*|file:///.*|(?!file:|local:)[a-z][a-z0-9+.-]*://[^/].*", re.DOTALL)
_PACKAGE_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,127}")


def check_name(kind: str, name: str, limit: int = MAX_NAME) -> None:
    """Raise InvalidInput unless *name* is there, within *limit* characters and printable."""
    if not name.strip():
        raise InvalidInput(f"The {kind} has no name. Give one in display_name.")
    if len(name) > limit:
        raise InvalidInput(
            f"The name of the {kind} has {len(name)} characters; {limit} are allowed. Choose a shorter one."
        )
    if any(ord(character) < 32 or ord(character) == 127 for character in name):
        raise InvalidInput(f"The name of the {kind} holds control characters. Choose a name of printable ones.")


def check_tags(tags: Mapping[str, str]) -> None:
    """Raise InvalidInput unless there are at most 20 tags with keys of 1 to 63 characters without a dot."""
    if len(tags) > MAX_TAGS:
        raise InvalidInput(f"There are {len(tags)} tags; {MAX_TAGS} are allowed. Remove some.")
    for key, value in tags.items():
        if not 1 <= len(key) <= MAX_TAG or "." in key:
            raise InvalidInput(f'The tag key "{key[:80]}" must have 1 to {MAX_TAG} characters and no dot.')
        if len(value) > MAX_TAG:
            raise InvalidInput(f'The value of tag "{key}" has {len(value)} characters; {MAX_TAG} are allowed.')


def check_package_name(name: str) -> None:
    """Raise InvalidInput unless ``pipelineInfo.name`` is one that a stored version may have."""
    if not _PACKAGE_NAME.fullmatch(name):
        raise InvalidInput(
            "pipelineInfo.name: pipeline's name must contain only lowercase alphanumeric characters or '-' and must "
            f'start with alphanumeric characters, and "{name[:140]}" does not. Rename it and compile again.'
        )


def check_pipeline_root(root: str) -> None:
    """Raise InvalidInput unless *root* is "", an absolute path or the URL of a bucket, without steps upwards."""
    if not root:
        return
    if (
        len(root.encode(errors="surrogatepass")) > MAX_ROOT
        or not _ROOT.fullmatch(root)
        or ".." in root.split("/")
        or any(ord(character) < 32 for character in root)
    ):
        raise InvalidInput(
            f'pipeline_root: "{root[:140]}" is no place for artifacts. Give an absolute path, or a URL like '
            "s3://bucket/directory."
        )
