"""Adapter of ``ports.artifacts``: files and buckets through fsspec."""
