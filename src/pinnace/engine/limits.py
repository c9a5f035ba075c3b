"""How large a run may grow."""

from pinnace.domain.ids import child_node
from pinnace.domain.tasks import TaskFailure
from pinnace.engine.nodes import Node, RunSnapshot
from pinnace.engine.plan import Plan
from pinnace.ir.validate_graph import MAX_TASKS


def too_many_tasks(plan: Plan, state: RunSnapshot, dag: Node) -> TaskFailure | None:
    """The failure of a DAG with more tasks than the run may still have; None where there is room."""
    more = sum(child_node(dag.id, key) not in state.nodes for key in plan.tasks_of(dag.place.component))
    return _failure(state, more + state.unopened)


def too_many_iterations(state: RunSnapshot) -> TaskFailure | None:
    """The failure of a loop that has just opened with more iterations than the run may still have; or None."""
    return _failure(state, state.unopened)


def _failure(state: RunSnapshot, more: int) -> TaskFailure | None:
    if len(state.nodes) + more <= MAX_TASKS:
        return None
    message = (
        f"The run would have more than {MAX_TASKS:,} tasks and iterations, which is the limit. "
        "Give each task more to do, or make several runs."
    )
    return TaskFailure(message, "TooManyTasks")
