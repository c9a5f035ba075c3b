"""Settings of a server, read once. Only ``bootstrap`` and ``cli`` import this."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pinnace.domain.environments import EnvironmentMode, WarmStart

DEFAULT_PORT: Final = 8765
"""KFP's own 8888 is Jupyter's on the machines of the people who use both."""

DEFAULT_ENVIRONMENTS_SIZE: Final = 20 << 30
DEFAULT_GC_INTERVAL: Final = 6 * 3600.0


def default_data_directory() -> Path:
    """``pinnace`` in the user's data directory (XDG)."""
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "pinnace"


@dataclass(frozen=True, slots=True)
class Settings:
    """All that can be set.

    Attributes:
        data_directory: Where everything lies that outlives the server. Private to the user (mode 0700).
        host: Address to listen on; loopback only.
        port: TCP port; 0 for any free one.
        parallelism: Tasks at a time; 0 for as many as the machine bears.
        accelerators: Those that tasks are given: ``auto``, ``require``, ``none`` or a number.
        token: What every request must carry as a bearer token; "" for none.
        database_url: ``postgresql://…``; "" for SQLite in the data directory.
        pipeline_root: Where artifacts go unless the run says otherwise: directory or URL; "" for the data directory.
        python: The interpreter that tasks run in: a virtual environment's, usually.
        environment: How Python environments are made for runs that do not say it.
        environments_size: Bytes that built environments may take together.
        warm: What processes may have in memory before they become tasks.
        cache: Whether results of earlier tasks may be used at all.
        cache_days: How long a result may be used; 0 for ever.
        runs_retention: Seconds after which a run that has ended is archived; 0 for never.
        archived_runs_retention: Seconds after which an archived run is deleted; 0 for never.
        gc_interval: Seconds between two looks for such runs.
        time_zone: The zone of cron expressions that name none; "" for UTC.
        base_path: The path that every route is under, like ``/pinnace``; "" for the root.
        allowed_hosts: Names, beside the loopback ones, under which requests may address the server.
        allowed_url_hosts: Hosts from which packages may be downloaded: names, ``*.domain`` or ``*``, with or without a
            port. Only a name in full allows addresses of private networks.
        log_format: ``text`` for people, ``json`` for programs.
        log_level: The least level that is logged: ``debug``, ``info``, ``warning`` or ``error``.
    """

    data_directory: Path = field(default_factory=default_data_directory)
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    parallelism: int = 0
    accelerators: str = "auto"
    token: str = field(default="", repr=False)
    database_url: str = field(default="", repr=False)
    pipeline_root: str = ""
    python: str = sys.executable
    environment: EnvironmentMode = EnvironmentMode.INHERIT
    environments_size: int = DEFAULT_ENVIRONMENTS_SIZE
    warm: WarmStart = WarmStart.LIBRARIES
    cache: bool = True
    cache_days: int = 0
    runs_retention: float = 0.0
    archived_runs_retention: float = 0.0
    gc_interval: float = DEFAULT_GC_INTERVAL
    time_zone: str = ""
    base_path: str = ""
    allowed_hosts: tuple[str, ...] = ()
    allowed_url_hosts: tuple[str, ...] = ()
    log_format: str = "text"
    log_level: str = "info"
