"""Where a task finds an artifact: the paths that KFP's SDK derives from URIs (``kfp/dsl/types/artifact_types.py``)."""

from typing import Final

from pinnace.domain.values import JsonObject

WORKSPACE_MOUNT: Final = "/kfp-workspace"

_MOUNTS: Final = {"gs://": "/gcs/", "minio://": "/minio/", "s3://": "/s3/"}
_OCI: Final = "oci://"


def local_path(uri: str) -> str:
    """The path under which a task sees *uri*; a plain path is its own."""
    for scheme, mount in _MOUNTS.items():
        if uri.startswith(scheme):
            return mount + uri.removeprefix(scheme)
    if uri.startswith(_OCI):
        return f"/oci/{uri.removeprefix(_OCI).replace('/', '_')}/models"
    return uri


def artifact_path(artifact: JsonObject) -> str:
    """The path of an artifact of the executor input: its own path where it has one, else what its URI maps to."""
    custom = artifact.get("customPath")
    if isinstance(custom, str) and custom:
        return custom
    uri = artifact.get("uri")
    path = local_path(uri) if isinstance(uri, str) else ""
    metadata = artifact.get("metadata")
    if isinstance(metadata, dict) and metadata.get("_kfp_workspace") is True:
        return f"{WORKSPACE_MOUNT}/.artifacts/{path.lstrip('/')}"
    return path
