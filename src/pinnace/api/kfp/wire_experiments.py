"""Messages of ``experiment.proto``."""

from pinnace.api.kfp.wire_base import Message, Timestamp


class WireExperiment(Message):
    """Experiment."""

    experiment_id: str = ""
    display_name: str = ""
    description: str = ""
    created_at: Timestamp = ""
    namespace: str = ""
    storage_state: str = ""
    last_run_created_at: Timestamp = ""


class WireExperiments(Message):
    """ListExperimentsResponse."""

    experiments: tuple[WireExperiment, ...] = ()
    total_size: int = 0
    next_page_token: str = ""
