"""Everything that the first release stores."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0001"
down_revision: Final = None

NAME: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make all tables."""
    _content()
    _experiments()
    _pipelines()
    _versions()
    _runs()
    _history()
    _artifacts_and_cache()
    op.execute("INSERT INTO counters (name, value) VALUES ('change', 0)")


def _content() -> None:
    op.create_table(
        "counters",
        sa.Column("name", NAME, nullable=False),
        sa.Column("value", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )
    op.create_table(
        "documents",
        sa.Column("digest", NAME, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_documents"),
    )
    op.create_table(
        "blobs",
        sa.Column("digest", NAME, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_blobs"),
    )


def _experiments() -> None:
    op.create_table(
        "experiments",
        sa.Column("id", NAME, nullable=False),
        sa.Column("namespace", NAME, nullable=False),
        sa.Column("creator", NAME, nullable=False),
        sa.Column("display_name", NAME, nullable=False),
        sa.Column("description", NAME, nullable=False),
        sa.Column("storage_state", NAME, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("last_run_created_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_experiments"),
        sa.UniqueConstraint("namespace", "display_name", name="uq_experiments_namespace_display_name"),
    )
    op.create_index("ix_experiments_created_at_id", "experiments", ["created_at", "id"])
    op.create_index("ix_experiments_namespace_created_at_id", "experiments", ["namespace", "created_at", "id"])
    op.create_index(
        "ix_experiments_namespace_storage_state_created_at_id",
        "experiments",
        ["namespace", "storage_state", "created_at", "id"],
    )


def _pipelines() -> None:
    op.create_table(
        "pipelines",
        sa.Column("id", NAME, nullable=False),
        sa.Column("namespace", NAME, nullable=False),
        sa.Column("creator", NAME, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("display_name", NAME, nullable=False),
        sa.Column("description", NAME, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pipelines"),
        sa.UniqueConstraint("namespace", "name", name="uq_pipelines_namespace_name"),
    )
    op.create_index("ix_pipelines_created_at_id", "pipelines", ["created_at", "id"])
    op.create_index("ix_pipelines_namespace_created_at_id", "pipelines", ["namespace", "created_at", "id"])
    op.create_table(
        "pipeline_tags",
        sa.Column("owner_id", NAME, nullable=False),
        sa.Column("key", NAME, nullable=False),
        sa.Column("value", NAME, nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["pipelines.id"], name="fk_pipeline_tags_owner_id_pipelines", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "key", name="pk_pipeline_tags"),
    )
    op.create_index("ix_pipeline_tags_key_value", "pipeline_tags", ["key", "value"])


def _versions() -> None:
    op.create_table(
        "pipeline_versions",
        sa.Column("id", NAME, nullable=False),
        sa.Column("pipeline_id", NAME, nullable=False),
        sa.Column("namespace", NAME, nullable=False),
        sa.Column("creator", NAME, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("display_name", NAME, nullable=False),
        sa.Column("description", NAME, nullable=False),
        sa.Column("document", NAME, nullable=False),
        sa.Column("package_url", NAME, nullable=False),
        sa.Column("code_source_url", NAME, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["pipeline_id"], ["pipelines.id"], name="fk_pipeline_versions_pipeline_id_pipelines", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_pipeline_versions"),
        sa.UniqueConstraint("pipeline_id", "name", name="uq_pipeline_versions_pipeline_id_name"),
    )
    op.create_index("ix_pipeline_versions_document", "pipeline_versions", ["document"])
    op.create_index(
        "ix_pipeline_versions_namespace_created_at_id", "pipeline_versions", ["namespace", "created_at", "id"]
    )
    op.create_index(
        "ix_pipeline_versions_pipeline_id_created_at_id", "pipeline_versions", ["pipeline_id", "created_at", "id"]
    )
    op.create_table(
        "version_tags",
        sa.Column("owner_id", NAME, nullable=False),
        sa.Column("key", NAME, nullable=False),
        sa.Column("value", NAME, nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["pipeline_versions.id"],
            name="fk_version_tags_owner_id_pipeline_versions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "key", name="pk_version_tags"),
    )
    op.create_index("ix_version_tags_key_value", "version_tags", ["key", "value"])


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", NAME, nullable=False),
        sa.Column("namespace", NAME, nullable=False),
        sa.Column("creator", NAME, nullable=False),
        sa.Column("display_name", NAME, nullable=False),
        sa.Column("description", NAME, nullable=False),
        sa.Column("experiment_id", NAME, nullable=False),
        sa.Column("document", NAME, nullable=False),
        sa.Column("pipeline_name", NAME, nullable=False),
        sa.Column("pipeline_id", NAME, nullable=True),
        sa.Column("pipeline_version_id", NAME, nullable=True),
        sa.Column("pipeline_root", NAME, nullable=False),
        sa.Column("service_account", NAME, nullable=False),
        sa.Column("caching", sa.Boolean(), nullable=True),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("state", NAME, nullable=False),
        sa.Column("storage_state", NAME, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("scheduled_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("state_history", sa.Text(), nullable=False),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_index("ix_runs_created_at_id", "runs", ["created_at", "id"])
    op.create_index("ix_runs_document", "runs", ["document"])
    op.create_index("ix_runs_experiment_id_created_at_id", "runs", ["experiment_id", "created_at", "id"])
    op.create_index("ix_runs_experiment_id_state_created_at_id", "runs", ["experiment_id", "state", "created_at", "id"])
    op.create_index(
        "ix_runs_experiment_id_storage_state_created_at_id",
        "runs",
        ["experiment_id", "storage_state", "created_at", "id"],
    )
    op.create_index(
        "ix_runs_experiment_id_storage_state_state_created_at_id",
        "runs",
        ["experiment_id", "storage_state", "state", "created_at", "id"],
    )
    op.create_index("ix_runs_namespace_created_at_id", "runs", ["namespace", "created_at", "id"])
    op.create_index("ix_runs_namespace_state_created_at_id", "runs", ["namespace", "state", "created_at", "id"])
    op.create_index(
        "ix_runs_namespace_storage_state_created_at_id", "runs", ["namespace", "storage_state", "created_at", "id"]
    )
    op.create_index(
        "ix_runs_namespace_storage_state_state_created_at_id",
        "runs",
        ["namespace", "storage_state", "state", "created_at", "id"],
    )
    op.create_index("ix_runs_state_created_at_id", "runs", ["state", "created_at", "id"])
    op.create_index("ix_runs_storage_state_created_at_id", "runs", ["storage_state", "created_at", "id"])
    op.create_index("ix_runs_storage_state_state_created_at_id", "runs", ["storage_state", "state", "created_at", "id"])


def _history() -> None:
    op.create_table(
        "blob_references",
        sa.Column("run_id", NAME, nullable=False),
        sa.Column("digest", NAME, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_blob_references_run_id_runs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "digest", name="pk_blob_references"),
    )
    op.create_index("ix_blob_references_digest", "blob_references", ["digest"])
    op.create_table(
        "events",
        sa.Column("change_number", INSTANT, autoincrement=False, nullable=False),
        sa.Column("run_id", NAME, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("type", NAME, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_events_run_id_runs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("change_number", name="pk_events"),
        sa.UniqueConstraint("run_id", "sequence", name="uq_events_run_id_sequence"),
    )
    op.create_table(
        "tasks",
        sa.Column("run_id", NAME, nullable=False),
        sa.Column("node", NAME, nullable=False),
        sa.Column("first_sequence", sa.Integer(), nullable=False),
        sa.Column("first_index", sa.Integer(), nullable=False),
        sa.Column("parent", NAME, nullable=True),
        sa.Column("name", NAME, nullable=False),
        sa.Column("display_name", NAME, nullable=False),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("phase", NAME, nullable=False),
        sa.Column("iteration", sa.Integer(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("cached", sa.Boolean(), nullable=False),
        sa.Column("fingerprint", NAME, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_tasks_run_id_runs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "node", name="pk_tasks"),
    )


def _artifacts_and_cache() -> None:
    op.create_table(
        "artifacts",
        sa.Column("id", NAME, nullable=False),
        sa.Column("namespace", NAME, nullable=False),
        sa.Column("creator", NAME, nullable=False),
        sa.Column("run_id", NAME, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("schema_title", NAME, nullable=False),
        sa.Column("schema_version", NAME, nullable=False),
        sa.Column("instance_schema", sa.Text(), nullable=False),
        sa.Column("uri", NAME, nullable=False),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("custom_path", NAME, nullable=False),
        sa.Column("digest", NAME, nullable=False),
        sa.Column("size", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_artifacts"),
    )
    op.create_index("ix_artifacts_namespace_created_at_id", "artifacts", ["namespace", "created_at", "id"])
    op.create_index("ix_artifacts_run_id", "artifacts", ["run_id"])
    op.create_table(
        "task_artifacts",
        sa.Column("run_id", NAME, nullable=False),
        sa.Column("node", NAME, nullable=False),
        sa.Column("direction", NAME, nullable=False),
        sa.Column("key", NAME, nullable=False),
        sa.Column("index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("artifact_id", NAME, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_task_artifacts_run_id_runs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "node", "direction", "key", "index", name="pk_task_artifacts"),
    )
    op.create_index("ix_task_artifacts_artifact_id", "task_artifacts", ["artifact_id"])
    op.create_table(
        "cache_entries",
        sa.Column("run_id", NAME, nullable=False),
        sa.Column("node", NAME, nullable=False),
        sa.Column("fingerprint", NAME, nullable=False),
        sa.Column("namespace", NAME, nullable=False),
        sa.Column("creator", NAME, nullable=False),
        sa.Column("pipeline_name", NAME, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("outputs", sa.Text(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_cache_entries_run_id_runs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "node", "fingerprint", name="pk_cache_entries"),
    )
    op.create_index(
        "ix_cache_entries_fingerprint_namespace_pipeline_name_created_at",
        "cache_entries",
        ["fingerprint", "namespace", "pipeline_name", "created_at"],
    )
