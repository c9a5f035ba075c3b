"""When a failed node is tried again."""

from pinnace.domain.values import Instant, after
from pinnace.engine.nodes import Node
from pinnace.engine.plan import NodeKind


def next_try(node: Node, now: Instant) -> Instant | None:
    """The time of the next attempt of a node that failed now, or None if it is not to be tried again.

    The wait before retry *n* is ``backoff_seconds * factor**(n - 1)``. There is no retry if its wait would end more
    than ``max_seconds`` after the first attempt began (Argo's ``backoff.maxDuration``); a policy without waits is not
    bounded so. The policy of a loop's task holds
    for each iteration, not for the loop.
    """
    policy = node.place.task.retry
    if policy is None or node.kind is NodeKind.LOOP or node.retries >= policy.max_retries:
        return None
    try:
        until = after(now, policy.backoff_seconds * policy.factor**node.retries)
    except OverflowError:
        return None
    assert node.first_started_at is not None
    if until > now and until > after(node.first_started_at, policy.max_seconds):
        return None
    return until
