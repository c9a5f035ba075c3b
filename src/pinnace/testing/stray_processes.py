"""Finds processes that a test has started, by a word of their command line."""

import time

import psutil


def processes_with(word: str) -> list[int]:
    """Living processes whose command line holds *word*."""
    found = []
    for process in psutil.process_iter(["pid", "cmdline", "status"]):
        line: list[str] = process.info["cmdline"] or []
        if process.info["status"] != psutil.STATUS_ZOMBIE and any(word in part for part in line):
            found.append(int(process.info["pid"]))
    return found


def wait_for_processes(word: str, count: int, patience: float = 30.0) -> None:
    """Until at least *count* processes with *word* live. Raises TimeoutError."""
    limit = time.monotonic() + patience
    while len(processes_with(word)) < count:
        if time.monotonic() > limit:
            raise TimeoutError(f"there are not {count} processes with {word}")
        time.sleep(0.01)
