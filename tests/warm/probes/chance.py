"""What has to be another in every task, and what a seed makes the same."""

from typing import Any

from tests.warm.bench import probe


@probe()
def random_numbers() -> dict[str, Any]:
    import random

    fresh = {
        "global": random.random(),
        "own": random.Random().random(),
        "system": random.SystemRandom().random(),
        "choice": random.sample(range(10**9), 3),
    }
    random.seed(7)
    return {
        "same": [random.random(), random.gauss(0, 1), random.gauss(0, 1), random.Random(3).random()],
        "fresh": fresh,
    }


@probe()
def names_that_must_be_unique() -> dict[str, Any]:
    import os
    import secrets
    import ssl
    import tempfile
    import uuid
    from multiprocessing import current_process

    with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryDirectory() as directory:
        names = {"file": os.path.basename(file.name), "directory": os.path.basename(directory)}
        places = [os.path.dirname(file.name), os.path.dirname(directory), tempfile.gettempdir()]
    return {
        "same": {"places": places, "name": current_process().name, "key": len(bytes(current_process().authkey))},
        "fresh": {
            **names,
            "uuid4": str(uuid.uuid4()),
            "uuid1": str(uuid.uuid1()),
            "token": secrets.token_hex(8),
            "urandom": os.urandom(8).hex(),
            "ssl": ssl.RAND_bytes(8).hex(),
            "key": bytes(current_process().authkey).hex(),
        },
    }


@probe(PYTHONHASHSEED="5")
def hashes_with_a_seed() -> dict[str, Any]:
    import sys

    words = ["one", "two", "three", "four", "five", "six", "seven"]
    return {"same": [hash("pinnace"), list(set(words)), sys.flags.hash_randomization, sys.hash_info.algorithm]}


@probe(TMPDIR="{shared}")
def directory_for_temporary_files() -> dict[str, Any]:
    import sys
    import tempfile

    return {"same": [tempfile.gettempdir(), sys.argv[2]]}


@probe()
def clocks() -> dict[str, Any]:
    import cProfile
    import io
    import pstats
    import resource
    import time

    profile = cProfile.Profile()
    profile.runcall(sum, range(10))
    text = io.StringIO()
    pstats.Stats(profile, stream=text).print_stats()
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "same": {
            "profiled": "{built-in method builtins.sum}" in text.getvalue(),
            "below a minute": time.process_time() < 60 and used.ru_utime < 60 and time.thread_time() < 60,
            "clocks agree": abs(time.process_time() - sum(resource.getrusage(resource.RUSAGE_SELF)[:2])) < 1,
        }
    }


@probe()
def databases() -> dict[str, Any]:
    import sqlite3

    with sqlite3.connect("a.db") as connection:
        connection.execute("create table t (x)")
        connection.executemany("insert into t values (?)", [(number,) for number in range(100)])
        total = connection.execute("select sum(x) from t").fetchone()
        chance = connection.execute("select hex(randomblob(8))").fetchone()
    connection.close()
    import os

    os.unlink("a.db")
    return {"same": total, "fresh": {"blob": chance}}


PROBES = [
    random_numbers, names_that_must_be_unique, hashes_with_a_seed, directory_for_temporary_files, clocks, databases,
]  # fmt: skip
