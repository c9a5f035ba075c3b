"""Adapters of ``ports.executor``."""
