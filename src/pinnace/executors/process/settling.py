"""How an attempt that has begun will end, or has ended while nobody looked."""

import asyncio
import logging
import shutil
import time
from collections.abc import Callable
from typing import Final, TypeAlias

from pinnace.domain.states import AttemptOutcome
from pinnace.domain.tasks import AttemptKey, TaskFailure
from pinnace.domain.values import Instant
from pinnace.executors.process import layout, outcomes
from pinnace.executors.process.attempt import Attempt
from pinnace.executors.process.runners import AdoptedRunner
from pinnace.launcher import processes, records, runner, tree
from pinnace.ports.executor import AttemptEnded

_LOG = logging.getLogger(__name__)
_LOOKS: Final = 2
_LOOK_SECONDS: Final = 0.02
LOOK_AGAIN_SECONDS: Final = 1.0
"""After that time what the machine lacked, room or descriptors, is asked for again."""

Began: TypeAlias = Callable[[Instant], None]
"""Is told when the command of an attempt began."""


async def settle(attempt: Attempt, began: Began) -> AttemptEnded:
    """Find out how an attempt that began, now or in an earlier life of the server, has ended or will end.

    As long as that cannot be seen, for want of descriptors or memory, it has not ended.
    """
    while True:
        try:
            return await _end_of(attempt, began)
        except OSError as error:
            _LOG.warning("What becomes of %s cannot be seen now: %s", attempt.directory, error)
            await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def refuse(attempt: Attempt, began: Began) -> AttemptEnded:
    """End an attempt that is to stop and has not begun, and see to it that it never will."""
    if attempt.reason == runner.INTERRUPT:
        return await give_back(attempt, AttemptOutcome.INTERRUPTED, outcomes.interrupted(), began)
    if not layout.refuse(attempt.directory):
        return await settle(attempt, began)
    return ended(attempt.key, AttemptOutcome.CANCELED, outcomes.canceled())


async def give_back(attempt: Attempt, outcome: AttemptOutcome, failure: TaskFailure, began: Began) -> AttemptEnded:
    """End an attempt that has not begun, as far as can be seen.

    A runner that an earlier server has asked for may still be on its way: it must come too late, or it counts.
    """
    if layout.is_laid_out(attempt.directory) and not layout.refuse(attempt.directory):
        return await settle(attempt, began)
    return ended(attempt.key, outcome, failure)


def ended(key: AttemptKey, outcome: AttemptOutcome, failure: TaskFailure | None) -> AttemptEnded:
    """An end that is known now."""
    return AttemptEnded(key, Instant(time.time_ns() // 1000), outcome, failure)


async def _end_of(attempt: Attempt, began: Began) -> AttemptEnded:
    while True:
        result = records.read(attempt.directory, records.RESULT)
        if result is not None:
            return _judged(attempt, result)
        started = records.read(attempt.directory, records.STARTED) or {}
        identity = processes.Identity(started.get("boot", ""), started.get("pid", 0), started.get("start", ""))
        if not processes.is_alive(identity):
            if records.read(attempt.directory, records.RESULT) is None:
                return await _without_result(attempt, started)
            continue
        await attempt.follow(AdoptedRunner(attempt.directory, identity, began))


def _judged(attempt: Attempt, result: outcomes.Record) -> AttemptEnded:
    if result["boot"] != processes.boot_id():
        return _lost_by_restart(attempt)
    outcome, failure = outcomes.judge(result)
    if outcome is AttemptOutcome.INTERRUPTED and attempt.reason == runner.CANCEL:
        outcome, failure = AttemptOutcome.CANCELED, outcomes.canceled()
    return AttemptEnded(attempt.key, Instant(result["ended_at"]), outcome, failure)


async def _without_result(attempt: Attempt, started: outcomes.Record) -> AttemptEnded:
    """The runner is gone and says nothing: end what it left behind, then report."""
    if started.get("refused"):
        return ended(attempt.key, AttemptOutcome.CANCELED, outcomes.canceled())
    if started.get("boot", processes.boot_id()) != processes.boot_id():
        return _lost_by_restart(attempt)
    spare = started.get("spare", {})  # It may have become the task without having said so yet.
    running = (records.read(attempt.directory, records.RUNNING) or spare) if started else {}
    await _kill_members(f"{records.MARK_VARIABLE}={attempt.mark}", running)
    task = records.read(attempt.directory, records.TASK) or {}
    if task.get("temporary"):
        shutil.rmtree(task["temporary"], ignore_errors=True)
    if attempt.reason == runner.CANCEL:
        return ended(attempt.key, AttemptOutcome.CANCELED, outcomes.canceled())
    if attempt.reason == runner.INTERRUPT:
        return ended(attempt.key, AttemptOutcome.INTERRUPTED, outcomes.interrupted())
    return ended(attempt.key, AttemptOutcome.LOST, outcomes.lost(layout.last_words(attempt.directory)))


def _lost_by_restart(attempt: Attempt) -> AttemptEnded:
    return ended(attempt.key, AttemptOutcome.LOST, outcomes.lost("the machine was restarted meanwhile."))


async def _kill_members(mark: str, running: outcomes.Record) -> None:
    """Until nothing is left of what a dead runner has started.

    A process that is just becoming another program shows no environment for a moment, so one look is not enough.
    """
    looks_without = 0
    while looks_without < _LOOKS:
        looks_without = 0 if tree.kill_members(mark, _session(running)) else looks_without + 1
        await asyncio.sleep(_LOOK_SECONDS)


def _session(running: outcomes.Record) -> int:
    """The session of a command, or 0 where its number is somebody else's now.

    No process gets the number of a session that has members. So where one that began at another time has it, the
    session is empty.
    """
    pid: int = running.get("pid", 0)
    return pid if processes.start_time(pid) in {None, running.get("start")} else 0
