"""Adapters of ``ports.artifacts`` (files and buckets through fsspec) and ``ports.downloads`` (files at URLs)."""
