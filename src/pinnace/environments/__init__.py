"""Adapters of ``ports.environments``: Python environments made by uv."""
