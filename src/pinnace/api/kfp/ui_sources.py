"""How upstream's UI names contents: by source, bucket and key. Ours are absolute paths or URLs."""

from collections.abc import Mapping
from typing import Final

from pinnace.errors import InvalidInput

_SCHEMES: Final[Mapping[str, tuple[str, ...]]] = {
    "s3": ("s3", "minio"),
    "minio": ("minio", "s3"),
    "gcs": ("gs",),
    "http": ("http",),
    "https": ("https",),
}
_PATHS: Final = frozenset({"volume", "file"})


def uris_of(source: str, bucket: str, key: str) -> tuple[str, ...]:
    """The URIs that may be meant, the likeliest first.

    A MinIO of a cluster is an S3 here, so that either source finds either. For a path the bucket is its beginning, and
    may be empty: ``/BUCKET/KEY``, or the absolute path ``KEY``.

    Raises:
        InvalidInput: there is no such source, or nothing is named.
    """
    if source in _PATHS:
        path = "/".join(part for part in (bucket.strip("/"), key.strip("/")) if part)
        if not path:
            raise InvalidInput("Neither bucket nor key is given. For a path, key can be the absolute path.")
        return (f"/{path}",)
    if source not in _SCHEMES:
        known = ", ".join([*_SCHEMES, *sorted(_PATHS)])
        raise InvalidInput(f'There is no source "{source[:80]}". It is one of {known}.')
    if not bucket:
        raise InvalidInput("The bucket is missing.")
    return tuple(f"{scheme}://{bucket}/{key}" for scheme in _SCHEMES[source])
