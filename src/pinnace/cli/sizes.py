"""Amounts of bytes for readers."""


def size_text(count: float) -> str:
    """Bytes in words: ``12 KiB``, ``1.5 GiB``."""
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"
