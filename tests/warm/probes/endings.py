"""How a program ends, and what it says at the end."""

from typing import Any

from tests.warm.bench import probe

halfway: Any
journal: Any
left_open: Any
watch: Any
watched: Any


@probe()
def fails() -> dict[str, Any]:
    def deeper(number: int) -> int:
        return 1 // number if number == 0 else deeper(number - 1)

    return {"same": deeper(2)}


@probe()
def fails_twice() -> dict[str, Any]:
    try:
        raise ValueError("the first")
    except ValueError as error:
        raise RuntimeError("the second") from error


@probe(PYTHONTRACEMALLOC="1", PYTHONDEVMODE="1")
def fails_in_development() -> dict[str, Any]:
    raise KeyError("grüße")


@probe()
def exits_with_three() -> dict[str, Any]:
    import sys

    sys.exit(3)


@probe()
def exits_with_words() -> dict[str, Any]:
    import sys

    sys.exit("that is all")


@probe()
def exits_without_a_word() -> dict[str, Any]:
    raise SystemExit


@probe()
def exits_at_once() -> dict[str, Any]:
    import atexit
    import os

    atexit.register(print, "not to be seen")
    os._exit(7)


@probe()
def becomes_another_program() -> dict[str, Any]:
    import os

    os.execvp("sh", ["sh", "-c", "echo I am another; exit 4"])


@probe()
def aborts() -> dict[str, Any]:
    import os
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.abort()


@probe()
def is_killed() -> dict[str, Any]:
    import os
    import signal

    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("is dead")


@probe()
def is_terminated() -> dict[str, Any]:
    import os
    import signal

    os.kill(os.getpid(), signal.SIGTERM)
    raise AssertionError("is dead")


@probe()
def breaks_a_pipe() -> dict[str, Any]:
    import os

    reader, writer = os.pipe()
    os.close(reader)
    os.write(writer, b"nobody listens")
    raise AssertionError("that fails")


@probe()
def is_interrupted() -> dict[str, Any]:
    import signal

    signal.raise_signal(signal.SIGINT)
    raise AssertionError("is interrupted")


@probe()
def crashes() -> dict[str, Any]:
    import ctypes
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.string_at(0)
    raise AssertionError("is dead")


def leave_open() -> Any:
    file = open("unclosed", "w")
    file.write("written to the end")
    return file


@probe(leave_open)
def cleans_up() -> dict[str, Any]:
    import atexit
    import logging
    import sys
    import weakref

    class Witness:
        def __init__(self, name: str) -> None:
            self.name = name

        def __del__(self) -> None:
            print(f"{self.name} is deleted")

    module: Any = sys.modules["ephemeral_component"]
    module.witness = Witness("what a module holds")
    module.unclosed = leave_open()
    module.kept = Witness("what is finalized")
    weakref.finalize(module.kept, print, "finalized")
    atexit.register(print, "registered first")
    atexit.register(print, "registered last")
    atexit.register(logging.info, "logged at the end")
    sys.modules["made by hand"] = type(sys)("by hand")
    sys.modules["made by hand"].witness = Witness("what a module made by hand holds")  # type: ignore[attr-defined]
    sys.modules["__main__"].witness = Witness("what __main__ holds")  # type: ignore[attr-defined]
    return {"same": None}


@probe()
def leaves_a_circle() -> dict[str, Any]:
    class Witness:
        own: Any

        def __del__(self) -> None:
            print("what holds itself is deleted")

    witness = Witness()
    witness.own = witness
    return {"same": None}


@probe()
def leaves_a_file_open() -> dict[str, Any]:
    global left_open
    left_open = open("left", "w")
    left_open.write("written to the end")
    return {"same": None}


@probe()
def leaves_an_archive_open() -> dict[str, Any]:
    import json
    import sys
    import zipfile

    archive = zipfile.ZipFile("archive", "w")
    archive.writestr(zipfile.ZipInfo("name"), "text")
    module: Any = sys.modules["ephemeral_component"]
    module.archive = archive
    return {"same": [json.__name__]}


@probe()
def leaves_a_generator_halfway() -> dict[str, Any]:
    global halfway

    def steps() -> Any:
        try:
            yield 1
            yield 2
        finally:
            print("the generator is closed")

    halfway = steps()
    return {"same": next(halfway)}


@probe()
def is_told_of_a_deletion() -> dict[str, Any]:
    global watched, watch
    import weakref

    class Thing:
        pass

    watched = Thing()
    watch = weakref.ref(watched, lambda _: print("the thing is gone"))
    return {"same": None}


@probe()
def is_held_by_the_standard_library() -> dict[str, Any]:
    global journal
    import json
    import logging

    journal = open("journal", "w")

    class Writer(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            journal.write(record.getMessage() + "\n")

        def __del__(self) -> None:
            print("the handler is deleted")

    logging.getLogger("own").addHandler(Writer())
    logging.getLogger("own").warning("for the journal")
    vars(json)["own"] = journal
    return {"same": None}


@probe()
def imports_at_the_end() -> dict[str, Any]:
    import atexit

    def late() -> None:
        import logging
        import sys
        import this  # noqa: F401 - not imported before

        import kfp

        print(logging.getLevelName(20), kfp.__name__, sys.modules["os"].sep, "__main__" in sys.modules)

    atexit.register(late)
    return {"same": None}


@probe()
def fails_at_the_end() -> dict[str, Any]:
    import atexit

    class Witness:
        def __del__(self) -> None:
            raise ValueError("in a finalizer")

    def fail() -> None:
        raise ValueError("at the end")

    atexit.register(fail)
    Witness()
    return {"same": None}


@probe()
def threads_that_count() -> dict[str, Any]:
    import threading
    import time

    def work() -> None:
        time.sleep(0.2)
        print("the work is done")

    def wait() -> None:
        time.sleep(600)
        print("not to be seen")

    threading.Thread(target=work).start()
    threading.Thread(target=wait, daemon=True).start()
    return {"same": None}


@probe()
def thread_that_fails() -> dict[str, Any]:
    import threading

    def work() -> None:
        raise ValueError("in a thread")

    thread = threading.Thread(target=work, name="worker")
    thread.start()
    thread.join()
    return {"same": None}


@probe()
def child_that_fails() -> dict[str, Any]:
    import multiprocessing

    def work() -> None:
        raise ValueError("in a child")

    child = multiprocessing.get_context("fork").Process(target=work, name="worker")
    child.start()
    child.join()
    return {"same": child.exitcode}


@probe()
def stray_child() -> dict[str, Any]:
    import subprocess

    subprocess.Popen(["sleep", "600"])
    return {"same": None}


@probe()
def cannot_be_written() -> dict[str, Any]:
    return {"same": {object()}}


@probe()
def closed_output() -> dict[str, Any]:
    import os
    import sys

    sys.stdout.flush()
    os.close(1)
    print("where to?")
    return {"same": None}


PROBES = [
    fails, fails_twice, fails_in_development, exits_with_three, exits_with_words, exits_without_a_word, exits_at_once,
    becomes_another_program, aborts, is_killed, is_terminated, breaks_a_pipe, is_interrupted, crashes, cleans_up,
    leaves_a_circle, leaves_a_file_open, leaves_an_archive_open, leaves_a_generator_halfway, is_told_of_a_deletion,
    is_held_by_the_standard_library, imports_at_the_end, fails_at_the_end, threads_that_count, thread_that_fails,
    child_that_fails, stray_child, cannot_be_written, closed_output,
]  # fmt: skip
