"""The database, behind ``ports.store``: SQLite or PostgreSQL by SQLAlchemy Core."""

from pinnace.store.opening import open_store

__all__ = ["open_store"]
