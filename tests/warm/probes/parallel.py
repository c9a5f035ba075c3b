"""Threads, pools of processes, and what they need to find again."""

from typing import Any

from tests.warm.bench import probe


def square(number: int) -> int:
    return number * number


def where(number: int) -> tuple[str, str, bool]:
    import multiprocessing
    import sys

    main = sys.modules["__main__"]
    return multiprocessing.current_process().name[:4], str(getattr(main, "__file__", None)), number > 0


@probe()
def threads() -> dict[str, Any]:
    import _thread
    import os
    import threading

    main = threading.main_thread()
    return {
        "same": {
            "main": [main.name, main.daemon, main is threading.current_thread(), main.ident == threading.get_ident()],
            "native": main.native_id == os.getpid(),
            "all": [each.name for each in threading.enumerate()],
            "counted": [threading.active_count(), _thread._count()],
            "tasks": len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 1,
            "size": threading.stack_size(),
            "next": threading.Thread().name,
        }
    }


@probe(square, where)
def pool_by_fork() -> dict[str, Any]:
    import multiprocessing

    with multiprocessing.get_context("fork").Pool(2) as pool:
        return {"same": [pool.map(square, range(9)), pool.map(where, range(2))]}


@probe(square, where)
def pool_by_spawn() -> dict[str, Any]:
    import multiprocessing

    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return {"same": [pool.map(abs, [-1, 2]), [type(each).__name__ for each in pool.map(len, ["a"])]]}


@probe(square)
def spawned_function_of_the_component() -> dict[str, Any]:
    import multiprocessing

    child = multiprocessing.get_context("spawn").Process(target=square, args=(3,), name="spawned")
    child.start()
    child.join()
    return {"same": child.exitcode}


@probe(square)
def pool_by_forkserver() -> dict[str, Any]:
    import multiprocessing

    with multiprocessing.get_context("forkserver").Pool(1) as pool:
        return {"same": pool.map(abs, [-1, 2])}


@probe(square)
def executors() -> dict[str, Any]:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
        processes = list(pool.map(square, range(5)))
    with ThreadPoolExecutor(2) as pool_of_threads:
        return {"same": [processes, list(pool_of_threads.map(square, range(5)))]}


@probe(square)
def joblib_with_processes() -> dict[str, Any]:
    from joblib import Parallel, delayed

    return {"same": Parallel(n_jobs=2)(delayed(square)(number) for number in range(5))}


@probe(square)
def shared_between_processes() -> dict[str, Any]:
    import multiprocessing
    from multiprocessing import shared_memory

    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    number = context.Value("i", 0)

    def work() -> None:
        for _ in range(100):
            with number.get_lock():
                number.value += 1
        queue.put("done")

    children = [context.Process(target=work) for _ in range(2)]
    for child in children:
        child.start()
    words = [queue.get() for _ in children]
    for child in children:
        child.join()
    memory: Any = shared_memory.SharedMemory(create=True, size=16)
    memory.buf[:4] = b"here"
    text = bytes(memory.buf[:4]).decode()
    memory.close()
    memory.unlink()
    with multiprocessing.get_context("fork").Manager() as manager:
        table = manager.dict(a=1)
        total = dict(table)
    return {"same": [words, number.value, [child.exitcode for child in children], text, total]}


@probe()
def loops() -> dict[str, Any]:
    import asyncio
    import signal
    import threading

    async def listen() -> str:
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        rest = await reader.read()
        writer.close()
        server.close()
        loop = asyncio.get_running_loop()
        heard = asyncio.Event()
        loop.add_signal_handler(signal.SIGUSR2, heard.set)
        signal.raise_signal(signal.SIGUSR2)
        await heard.wait()
        number = await asyncio.to_thread(threading.active_count)
        return f"{rest!r} {number} {type(loop).__name__}"

    return {"same": [asyncio.run(listen()), asyncio.run(listen())]}


@probe()
def own_session() -> dict[str, Any]:
    """A daemon that leaves by the book, with two forks."""
    import os

    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        os.write(writer, b"away" if os.getsid(0) != os.getpid() else b"leads")
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    return {"same": os.read(reader, 9).decode()}


PROBES = [
    threads, pool_by_fork, pool_by_spawn, spawned_function_of_the_component, pool_by_forkserver, executors,
    joblib_with_processes, shared_between_processes, loops, own_session,
]  # fmt: skip
