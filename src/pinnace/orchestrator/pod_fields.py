"""Fields of a pod as environment variables (``kubernetes.use_field_path_as_env``), for tasks that have no pod."""

import re
import socket
from collections.abc import Mapping
from typing import Final

from pinnace.domain.ids import task_uuid
from pinnace.domain.tasks import AttemptKey
from pinnace.ir.platform import KubernetesConfig

_KEYED: Final = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")


class UnknownField(Exception):
    """The field path is none that a pod has, or none that has a meaning here."""


def field_environment(config: KubernetesConfig | None, key: AttemptKey, namespace: str) -> dict[str, str]:
    """The variables that *config* asks for. A label or an annotation that is not set is "", as in a pod.

    Raises:
        UnknownField: a path means nothing here.
    """
    entries = config.raw.get("fieldPathAsEnv") if config else None
    if config is None or not isinstance(entries, list):
        return {}
    fields = _fields(key, namespace)
    found: dict[str, str] = {}
    for entry in entries:
        assert isinstance(entry, dict)
        found[str(entry.get("name", ""))] = _value(config, fields, str(entry.get("fieldPath", "")))
    return found


def _fields(key: AttemptKey, namespace: str) -> Mapping[str, str]:
    identity = task_uuid(key.run, key.node)
    return {
        "metadata.name": f"{identity}-{key.attempt}",
        "metadata.namespace": namespace,
        "metadata.uid": identity,
        "spec.nodeName": socket.gethostname(),
        "spec.serviceAccountName": "default",
        "status.hostIP": "127.0.0.1",
        "status.podIP": "127.0.0.1",
        "status.podIPs": "127.0.0.1",
    }


def _value(config: KubernetesConfig, fields: Mapping[str, str], path: str) -> str:
    keyed = _KEYED.fullmatch(path)
    if keyed is not None:
        return (config.labels if keyed[1] == "labels" else config.annotations).get(keyed[2], "")
    if path not in fields:
        raise UnknownField(f'The field path "{path}" has no meaning without a pod. Known: {", ".join(sorted(fields))}.')
    return fields[path]
