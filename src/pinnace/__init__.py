"""Kubeflow Pipelines without the Kubernetes: one process that the unmodified KFP clients talk to."""

__version__ = "0.1.0"
