"""Our own extensions under ``/apis/pinnace/v1``: what upstream's messages have no place for."""
