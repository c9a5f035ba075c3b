"""Messages of ``experiment.proto``."""

from pinnace.api.kfp.wire_base import Message, StorageState, Timestamp


class WireExperiment(Message):
    """A group of runs."""

    experiment_id: str = ""
    display_name: str = ""
    description: str = ""
    created_at: Timestamp = ""
    namespace: str = ""
    storage_state: StorageState = ""
    last_run_created_at: Timestamp = ""


class WireExperiments(Message, title="ListExperimentsResponse"):
    """A page of experiments."""

    experiments: tuple[WireExperiment, ...] = ()
    total_size: int = 0
    next_page_token: str = ""
