"""The schema as it is now. ``migrations`` holds the way to it; a test holds the two to each other.

Instants are microseconds since the epoch, UTC. Text compares by code points on both databases. JSON is kept as ASCII
text in the form of ``large_values``.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from pinnace.store.column_types import Name, TaskId

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

NAME: Final = Name()
TASK_ID: Final = TaskId()
INSTANT: Final = BigInteger().with_variant(Integer(), "sqlite")


def _name(column: str, *, primary_key: bool = False, nullable: bool = False) -> "Column[str]":
    return Column(column, NAME, primary_key=primary_key, nullable=nullable)


def _instant(column: str, *, nullable: bool = False) -> "Column[int]":
    return Column(column, INSTANT, nullable=nullable)


def _json(column: str, *, nullable: bool = False) -> "Column[str]":
    return Column(column, Text(), nullable=nullable)


def _owner(column: str, target: str, *, primary_key: bool = False) -> "Column[str]":
    """A reference to a row with which this one is deleted."""
    return Column(column, NAME, ForeignKey(target, ondelete="CASCADE"), primary_key=primary_key, nullable=False)


# "change": the last change number; its row lock (PostgreSQL) is what writers wait for. "forgotten": the last number of
# which ``changes`` may have been dropped.
counters: Final = Table("counters", metadata, _name("name", primary_key=True), Column("value", INSTANT, nullable=False))

# What happened to whatever lists show, in the order of commits. Kinds are open.
changes: Final = Table(
    "changes",
    metadata,
    Column("number", INSTANT, primary_key=True, autoincrement=False),
    _name("namespace"),
    _name("kind"),
    _name("id"),
    _name("action"),
    _json("summary"),
)

documents: Final = Table(
    "documents", metadata, _name("digest", primary_key=True), Column("content", LargeBinary(), nullable=False)
)

# JSON values above the limit of ``large_values``, by the SHA-256 of their text, and the runs that refer to them.
blobs: Final = Table("blobs", metadata, _name("digest", primary_key=True), Column("content", Text(), nullable=False))

experiments: Final = Table(
    "experiments",
    metadata,
    _name("id", primary_key=True),
    _name("namespace"),
    _name("creator"),
    _name("display_name"),
    _name("description"),
    _name("storage_state"),
    _instant("created_at"),
    _instant("last_run_created_at", nullable=True),
    UniqueConstraint("namespace", "display_name"),
    Index(None, "created_at", "id"),
    Index(None, "namespace", "created_at", "id"),
    Index(None, "namespace", "storage_state", "created_at", "id"),
)

pipelines: Final = Table(
    "pipelines",
    metadata,
    _name("id", primary_key=True),
    _name("namespace"),
    _name("creator"),
    _name("name"),
    _name("display_name"),
    _name("description"),
    _instant("created_at"),
    UniqueConstraint("namespace", "name"),
    Index(None, "created_at", "id"),
    Index(None, "namespace", "created_at", "id"),
)

pipeline_tags: Final = Table(
    "pipeline_tags",
    metadata,
    _owner("owner_id", "pipelines.id", primary_key=True),
    _name("key", primary_key=True),
    _name("value"),
    Index(None, "key", "value"),
)

pipeline_versions: Final = Table(
    "pipeline_versions",
    metadata,
    _name("id", primary_key=True),
    _owner("pipeline_id", "pipelines.id"),
    _name("namespace"),
    _name("creator"),
    _name("name"),
    _name("display_name"),
    _name("description"),
    _name("document"),
    _name("package_url"),
    _name("code_source_url"),
    _instant("created_at"),
    UniqueConstraint("pipeline_id", "name"),
    Index(None, "pipeline_id", "created_at", "id"),
    Index(None, "namespace", "created_at", "id"),
    Index(None, "document"),
)

version_tags: Final = Table(
    "version_tags",
    metadata,
    _owner("owner_id", "pipeline_versions.id", primary_key=True),
    _name("key", primary_key=True),
    _name("value"),
    Index(None, "key", "value"),
)

_LISTED: Final = ("created_at", "id", "display_name", "state", "finished_at", "scheduled_at")

runs: Final = Table(
    "runs",
    metadata,
    _name("id", primary_key=True),
    _name("namespace"),
    _name("creator"),
    _name("display_name"),
    _name("description"),
    _name("experiment_id"),
    _name("document"),
    _name("pipeline_name"),
    _name("pipeline_id", nullable=True),
    _name("pipeline_version_id", nullable=True),
    _name("pipeline_root"),
    _name("service_account"),
    Column("caching", Boolean(), nullable=True),
    _json("parameters"),
    _name("state"),
    _name("storage_state"),
    _instant("created_at"),
    _instant("scheduled_at"),
    _instant("finished_at", nullable=True),
    _json("failure", nullable=True),
    _json("state_history"),
    Column("last_sequence", Integer(), nullable=False),
    _name("environment", nullable=True),
    Column("recurring_run_id", NAME, nullable=False, server_default=""),
    _json("plugins_input", nullable=True),
    _json("plugins_output", nullable=True),
    Column("artifact_root", NAME, nullable=False, server_default=""),
    _instant("archived_at", nullable=True),
    Index(None, "artifact_root"),
    Index(None, "storage_state", "finished_at", "id"),
    Index(None, "created_at", "id"),
    Index(None, "state", "created_at", "id"),
    # The usual lists. What they are searched and sorted by lies in the index too: without the wide rows that is quick.
    Index("ix_runs_in_namespace", "namespace", *_LISTED),
    Index("ix_runs_in_namespace_by_storage_state", "namespace", "storage_state", *_LISTED),
    Index("ix_runs_in_experiment", "experiment_id", *_LISTED),
    Index("ix_runs_in_experiment_by_storage_state", "experiment_id", "storage_state", *_LISTED),
    Index(None, "namespace", "state", "created_at", "id"),
    Index(None, "namespace", "storage_state", "state", "created_at", "id"),
    Index(None, "experiment_id", "state", "created_at", "id"),
    Index(None, "experiment_id", "storage_state", "state", "created_at", "id"),
    Index(None, "recurring_run_id", "state"),
    Index(None, "recurring_run_id", "namespace", "created_at", "id"),
    Index(None, "document"),
)

# ``next_at`` is null while a recurring run is disabled, so that what is due is one look into one index. ``document`` is
# empty where each run takes the pipeline's latest version. Parameters are plain JSON, whatever their size.
recurring_runs: Final = Table(
    "recurring_runs",
    metadata,
    _name("id", primary_key=True),
    _name("namespace"),
    _name("creator"),
    _name("display_name"),
    _name("description"),
    _name("experiment_id"),
    _name("document"),
    _name("pipeline_id", nullable=True),
    _name("pipeline_version_id", nullable=True),
    _name("pipeline_root"),
    _name("service_account"),
    _json("parameters"),
    _json("trigger"),
    Column("enabled", Boolean(), nullable=False),
    Column("no_catchup", Boolean(), nullable=False),
    Column("max_concurrency", Integer(), nullable=False),
    _instant("created_at"),
    _instant("updated_at"),
    _instant("last_at", nullable=True),
    Column("last_index", Integer(), nullable=False),
    _instant("resumed_at", nullable=True),
    _instant("next_at", nullable=True),
    _name("error"),
    _json("plugins_input", nullable=True),
    Index(None, "created_at", "id"),
    Index(None, "namespace", "created_at", "id"),
    Index(None, "experiment_id", "created_at", "id"),
    Index(None, "next_at"),
    Index(None, "document"),
)

blob_references: Final = Table(
    "blob_references",
    metadata,
    _owner("run_id", "runs.id", primary_key=True),
    _name("digest", primary_key=True),
    Index(None, "digest"),
)

events: Final = Table(
    "events",
    metadata,
    Column("change_number", INSTANT, primary_key=True, autoincrement=False),
    _owner("run_id", "runs.id"),
    Column("sequence", Integer(), nullable=False),
    _instant("at"),
    _name("type"),
    _json("body"),
    UniqueConstraint("run_id", "sequence"),
)

# ``first_sequence`` and ``first_index`` give the order in which the nodes of a run came to be; ``changed`` is the
# number of the last change. By ``id``, which follows from run and node, a task is found without its run.
tasks: Final = Table(
    "tasks",
    metadata,
    _owner("run_id", "runs.id", primary_key=True),
    _name("node", primary_key=True),
    Column("first_sequence", Integer(), nullable=False),
    Column("first_index", Integer(), nullable=False),
    _name("parent", nullable=True),
    _name("name"),
    _name("display_name"),
    _name("kind"),
    _name("phase"),
    Column("iteration", Integer(), nullable=True),
    _instant("created_at"),
    _instant("started_at", nullable=True),
    _instant("ended_at", nullable=True),
    Column("cached", Boolean(), nullable=False),
    _name("fingerprint"),
    _json("body"),
    Column("changed", INSTANT, nullable=False, server_default="0"),
    Column("namespace", NAME, nullable=False, server_default=""),
    Column("id", TASK_ID, nullable=False),
    Column("parent_id", TASK_ID, nullable=True),
    Column("iterations", Integer(), nullable=True),
    Index(None, "id", unique=True),
    Index(None, "namespace", "created_at", "id", "name"),
    Index(None, "phase", "namespace", "created_at", "id"),
    Index(None, "run_id", "created_at", "id"),
    Index(None, "parent_id", "created_at", "id"),
    Index(None, "run_id", "changed"),
)

artifacts: Final = Table(
    "artifacts",
    metadata,
    _name("id", primary_key=True),
    _name("namespace"),
    _name("creator"),
    _name("run_id"),
    _name("name"),
    _name("schema_title"),
    _name("schema_version"),
    _json("instance_schema"),
    _name("uri"),
    _json("metadata"),
    _name("custom_path"),
    _name("digest"),
    Column("size", INSTANT, nullable=False),
    _instant("created_at"),
    Column("kind", NAME, nullable=False, server_default="Artifact"),
    Column("description", NAME, nullable=False, server_default=""),
    Column("number_value", Float(), nullable=True),
    Column("place", NAME, nullable=False, server_default=""),
    Index(None, "namespace", "kind", "created_at", "id", "name"),
    Index(None, "place"),
    Index(None, "run_id"),
    Index(None, "namespace", "created_at", "id", "name"),
)

# Lineage: which artifact a node took in or gave out, under which key, at which place of a list, in which role.
# ``created_at`` is the node's.
task_artifacts: Final = Table(
    "task_artifacts",
    metadata,
    _owner("run_id", "runs.id", primary_key=True),
    _name("node", primary_key=True),
    _name("direction", primary_key=True),
    _name("key", primary_key=True),
    Column("index", Integer(), primary_key=True, autoincrement=False),
    _name("artifact_id"),
    _name("role"),
    _instant("created_at"),
    Index(None, "artifact_id", "role", "created_at"),
)

cache_entries: Final = Table(
    "cache_entries",
    metadata,
    _owner("run_id", "runs.id", primary_key=True),
    _name("node", primary_key=True),
    _name("fingerprint", primary_key=True),
    _name("namespace"),
    _name("creator"),
    _name("pipeline_name"),
    _instant("created_at"),
    _json("outputs"),
    _json("parts"),
    Column("component", NAME, nullable=False, server_default=""),
    Index(None, "fingerprint", "namespace", "pipeline_name", "created_at"),
    Index(None, "namespace", "pipeline_name", "component", "created_at"),
)

# How many rows there are of each kind. Triggers keep them (``counts``).
run_counts: Final = Table(
    "run_counts",
    metadata,
    _name("experiment_id", primary_key=True),
    _name("namespace", primary_key=True),
    _name("storage_state", primary_key=True),
    _name("state", primary_key=True),
    Column("count", INSTANT, nullable=False),
)

task_counts: Final = Table(
    "task_counts",
    metadata,
    _name("namespace", primary_key=True),
    _name("kind", primary_key=True),
    Column("count", INSTANT, nullable=False),
)

artifact_counts: Final = Table(
    "artifact_counts",
    metadata,
    _name("namespace", primary_key=True),
    _name("kind", primary_key=True),
    Column("count", INSTANT, nullable=False),
)
