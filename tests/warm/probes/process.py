"""What a program sees of its process, and of the system through it."""

from typing import Any

from tests.warm.bench import probe


@probe()
def surroundings() -> dict[str, Any]:
    import os
    import resource
    import sys

    limits = {name: resource.getrlimit(getattr(resource, name)) for name in dir(resource) if name.startswith("RLIMIT_")}
    mask = os.umask(0)
    os.umask(mask)
    return {
        "same": {
            "directory": os.getcwd(),
            "umask": mask,
            "priority": os.getpriority(os.PRIO_PROCESS, 0),
            "scheduler": [os.sched_getscheduler(0), sorted(os.sched_getaffinity(0))] if sys.platform == "linux" else 0,
            "limits": limits,
            "users": [os.getresuid(), os.getresgid(), sorted(os.getgroups())],
            "terminal": os.path.exists("/dev/tty") and os.isatty(0),
            "own group is the session": os.getpgid(0) == os.getsid(0),
            "used by children": resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime,
        },
        "fresh": {"session": os.getsid(0), "process": os.getpid()},
    }


@probe(GREETING="hello\nworld", EMPTY="", ÜMLAUT="Grüße")
def environment() -> dict[str, Any]:
    import ctypes
    import json
    import os
    import subprocess
    import sys

    get = ctypes.CDLL(None).getenv
    get.restype = ctypes.c_char_p
    print_all = "import json, os; print(json.dumps({k: repr(v) for k, v in os.environb.items()}))"
    shown = subprocess.run([sys.executable, "-c", print_all], stdout=subprocess.PIPE, check=True).stdout
    variables = {name: repr(text) for name, text in os.environb.items()}
    drop = ("PINNACE_ATTEMPT", "TMPDIR")
    return {
        "same": {
            "own": {os.fsdecode(name): text for name, text in variables.items() if os.fsdecode(name) not in drop},
            "child": {name: text for name, text in json.loads(shown).items() if name not in drop},
            "of C": [repr(get(name)) for name in (b"GREETING", b"EMPTY", b"PWD", b"NOTHING", b"NOT_TEXT")],
        },
        "fresh": {name: os.environ[name] for name in drop},
    }


@probe()
def environment_of_a_shell() -> dict[str, Any]:
    import subprocess

    found = subprocess.run(["sh", "-c", "env"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {"same": sorted(line for line in found.splitlines() if not line.startswith(("PINNACE_ATTEMPT", "TMPDIR")))}


@probe()
def descriptors() -> dict[str, Any]:
    import fcntl
    import os

    listed = {}
    for name in sorted(os.listdir("/dev/fd"), key=int):
        try:
            target = os.readlink(f"/proc/self/fd/{name}") if os.path.isdir("/proc/self/fd") else ""
            flags = [fcntl.fcntl(int(name), fcntl.F_GETFD), fcntl.fcntl(int(name), fcntl.F_GETFL)]
        except OSError:
            continue
        listed[name] = [target, *flags]
    return {"same": listed}


@probe()
def signals() -> dict[str, Any]:
    import os
    import signal

    words = ("SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt", "Seccomp", "NoNewPrivs", "CapEff", "Threads")
    status = {}
    if os.path.exists("/proc/self/status"):
        with open("/proc/self/status") as file:
            status = dict(line.strip().split(":\t", 1) for line in file if line.startswith(words))
    names = ("ITIMER_REAL", "ITIMER_VIRTUAL", "ITIMER_PROF")
    return {
        "same": {
            "handlers": {int(each): repr(signal.getsignal(each)) for each in sorted(signal.valid_signals())},
            "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
            "pending": sorted(signal.sigpending()),
            "timers": {name: signal.getitimer(getattr(signal, name)) for name in names},
            "wakeup": signal.set_wakeup_fd(-1),
            "status": status,
        }
    }


@probe()
def kernel() -> dict[str, Any]:
    import os

    found = {}
    for name in ("comm", "oom_score_adj", "cgroup", "coredump_filter", "timerslack_ns", "loginuid", "setgroups"):
        try:
            with open(f"/proc/self/{name}") as file:
                found[name] = file.read()
        except OSError:
            continue
    if found:
        found["exe"] = os.readlink("/proc/self/exe")
        found["namespaces"] = " ".join(os.readlink(f"/proc/self/ns/{name}") for name in ("mnt", "pid", "user", "net"))
    return {"same": found}


@probe()
def signals_of_others() -> dict[str, Any]:
    """A child gets what a child gets, a handler of the program's own is called, a timer rings."""
    import os
    import signal
    import subprocess

    heard = []
    signal.signal(signal.SIGUSR1, lambda number, _: heard.append(signal.Signals(number).name))
    signal.signal(signal.SIGALRM, lambda number, _: heard.append(signal.Signals(number).name))
    os.kill(os.getpid(), signal.SIGUSR1)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    while len(heard) < 2:
        signal.pause()
    child = subprocess.Popen(["sleep", "600"])
    child.terminate()
    pipe = subprocess.run("yes | head -1; kill -PIPE $$", shell=True, capture_output=True, text=True, check=False)
    return {"same": [heard, child.wait(), pipe.returncode, pipe.stdout, pipe.stderr]}


@probe()
def processes() -> dict[str, Any]:
    import asyncio
    import subprocess

    async def speak(word: str) -> tuple[int | None, str]:
        made = await asyncio.create_subprocess_exec("echo", word, stdout=asyncio.subprocess.PIPE)
        text, _ = await made.communicate()
        return made.returncode, text.decode()

    async def several() -> list[Any]:
        return list(await asyncio.gather(*(speak(word) for word in ("one", "two"))))

    shell = subprocess.run("echo out; echo err >&2; exit 3", shell=True, capture_output=True, text=True, check=False)
    return {"same": [shell.returncode, shell.stdout, shell.stderr, asyncio.run(several())]}


@probe()
def order_of_output() -> dict[str, Any]:
    import os
    import subprocess
    import sys

    print("one")
    subprocess.run(["echo", "two"], check=True)
    print("three", file=sys.stderr)
    os.write(1, b"four\n")
    os.system("echo five")
    child = os.fork()
    if child == 0:
        print("six")
        os._exit(0)
    os.waitpid(child, 0)
    sys.stdout.write("no end of line")
    return {"same": None}


@probe(PYTHONUNBUFFERED="")
def buffered_output() -> dict[str, Any]:
    import os
    import sys

    print("last")
    os.write(1, b"first\n")
    sys.stderr.write("second\n")
    stream: Any = sys.stdout
    return {"same": [stream.line_buffering, stream.write_through]}


PROBES = [
    surroundings, environment, environment_of_a_shell, descriptors, signals, kernel, signals_of_others, processes,
    order_of_output, buffered_output,
]  # fmt: skip
