"""Messages of ``healthz.proto``."""

from pinnace.api.kfp.wire_base import Message


class WireHealthz(Message, title="GetHealthzResponse"):
    """What kind of server it is. All four are always there."""

    commit_sha: str = ""
    tag_name: str = ""
    multi_user: bool = False
    pipeline_store: str = ""
