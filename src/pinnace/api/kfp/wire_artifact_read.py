"""The message of ``ReadArtifact`` in ``run.proto``."""

from typing import Annotated

from pydantic import Field

from pinnace.api.kfp.wire_base import Message


class WireArtifactData(Message, title="ReadArtifactResponse"):
    """The content of an artifact."""

    data: Annotated[str, Field(json_schema_extra={"format": "byte"})] = ""
