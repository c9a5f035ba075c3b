"""The pipeline document inside a file, uploaded or at a URL. Upstream: ``apiserver/server/util.go``.

The kind is decided by the file's name, then by its first bytes. From an archive one member is read, as a stream and
within a limit; nothing is ever written to disk.
"""

import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Sequence
from typing import IO, Final
from urllib.parse import unquote, urlsplit

from pinnace.errors import InvalidInput
from pinnace.ports.downloads import Downloads

MAX_DOCUMENT: Final = 32 * 1024 * 1024
"""Bytes of a document, and of an upload: upstream's limit."""

MAX_MEMBERS: Final = 1000
_PLAIN: Final = (".yaml", ".yml", ".json")
_ZIP: Final = b"PK"
_GZIP: Final = b"\x1f\x8b"
_ZIP_MEMBER: Final = b"PK\x01\x02"
_KINDS: Final = ".yaml, .yml, .json, .zip, .tar.gz or .tgz"
_CHUNK: Final = 64 * 1024


class PackageUrls:
    """Pipeline documents at URLs."""

    def __init__(self, downloads: Downloads) -> None:
        self._downloads = downloads

    def read(self, url: str) -> bytes:
        """The document of the package at *url*.

        What is no archive is taken for a document whatever the URL ends in: Git servers have URLs that end in "raw".

        Raises what :func:`read_package` and ``Downloads.fetch`` raise.
        """
        content = self._downloads.fetch(url, MAX_DOCUMENT)
        name = unquote(urlsplit(url).path).rpartition("/")[2] or "package"
        if content and not content.startswith((_ZIP, _GZIP)):
            return content
        return read_package(name, content)


def read_package(file_name: str, content: bytes) -> bytes:
    """The pipeline document of an upload, byte for byte.

    A plain file is its own document. In an archive it is the member ``pipeline.yaml``, else the first file.

    Raises:
        InvalidInput: the file is empty, too large, of another kind, or a broken archive.
    """
    if len(content) > MAX_DOCUMENT:
        raise InvalidInput(_too_large(file_name))
    if not content:
        raise InvalidInput(f'The file "{file_name}" is empty. Send the file that the KFP compiler writes.')
    if file_name.lower().endswith(_PLAIN):
        return content
    try:
        if content.startswith(_ZIP):
            return _from_zip(file_name, content)
        if content.startswith(_GZIP):
            return _from_tar(file_name, content)
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        gzip.BadGzipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ) as error:
        raise InvalidInput(
            f'The file "{file_name}" is not a readable archive ({error}). Compile the pipeline again, or send the YAML.'
        ) from error
    raise InvalidInput(f'The file type of "{file_name}" is not supported. Send {_KINDS}.')


def _from_zip(file_name: str, content: bytes) -> bytes:
    # Counted before the list of members is read: in 32 MiB it can have 700,000 entries.
    if content.count(_ZIP_MEMBER) > MAX_MEMBERS:
        raise InvalidInput(_too_many(file_name))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        member = _choose(file_name, [item.filename for item in archive.infolist() if not item.is_dir()])
        with archive.open(member) as stream:
            return _limited(file_name, stream)


def _from_tar(file_name: str, content: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as plain:
        # Unpacking stops at the limit, so that a small file cannot fill the memory.
        unpacked = _limited(file_name, plain, MAX_DOCUMENT + _CHUNK * 16)
    with tarfile.open(fileobj=io.BytesIO(unpacked), mode="r:") as archive:
        names: dict[str, tarfile.TarInfo] = {}
        for number, item in enumerate(archive):
            if number >= MAX_MEMBERS:
                raise InvalidInput(_too_many(file_name))
            if item.isfile():
                names.setdefault(item.name.removeprefix("./"), item)
        stream = archive.extractfile(names[_choose(file_name, list(names))])
        if stream is None:
            raise InvalidInput(f'The first member of "{file_name}" is not a file.')
        with stream:
            return _limited(file_name, stream)


def _choose(file_name: str, names: Sequence[str]) -> str:
    if not names:
        raise InvalidInput(f'The archive "{file_name}" is empty. Put pipeline.yaml into it.')
    if "pipeline.yaml" in names:
        return "pipeline.yaml"
    if not names[0].lower().endswith((".yaml", ".yml")):
        raise InvalidInput(
            f'The archive "{file_name}" has no pipeline.yaml, and its first member "{names[0][:100]}" is no YAML file.'
        )
    return names[0]


def _limited(file_name: str, stream: IO[bytes] | gzip.GzipFile, limit: int = MAX_DOCUMENT) -> bytes:
    parts: list[bytes] = []
    size = 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > limit:
            raise InvalidInput(_too_large(file_name))
        parts.append(chunk)
    return b"".join(parts)


def _too_large(file_name: str) -> str:
    return (
        f'The file "{file_name}" holds more than {MAX_DOCUMENT} bytes, which is the limit. Make the pipeline smaller.'
    )


def _too_many(file_name: str) -> str:
    return f'The archive "{file_name}" has more than {MAX_MEMBERS} members. Put only pipeline.yaml into it.'
