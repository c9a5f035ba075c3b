"""Experiments: named groups of runs."""

from dataclasses import dataclass
from typing import Final

from pinnace.domain.ids import ExperimentId
from pinnace.domain.states import StorageState
from pinnace.domain.values import Instant

DEFAULT_EXPERIMENT: Final = "Default"
"""The experiment of runs that name none. The KFP client looks it up by this very name."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment. ``display_name`` is unique in its namespace."""

    id: ExperimentId
    display_name: str
    created_at: Instant
    namespace: str = "default"
    creator: str = ""
    description: str = ""
    storage_state: StorageState = StorageState.AVAILABLE
    last_run_created_at: Instant | None = None
