"""A run out of the store: its plan and the state that its history gives."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pinnace.domain.ids import RunId
from pinnace.domain.runs import Run
from pinnace.domain.values import SECOND, Instant
from pinnace.engine.codec import decode
from pinnace.engine.nodes import RunSnapshot
from pinnace.engine.plan import Plan, build_plan
from pinnace.engine.state import replay
from pinnace.ir.parse import parse_pipeline
from pinnace.ir.placeholders import RunContext
from pinnace.orchestrator.layout import Layout
from pinnace.ports.store import Store


@dataclass(frozen=True, slots=True)
class LoadedRun:
    """What a run loop works on. ``pipeline_root`` is where its artifacts go."""

    run: Run
    plan: Plan
    state: RunSnapshot
    pipeline_root: str

    @property
    def maker(self) -> RunId:
        """By what its artifacts are told from those of a deleted run of the same id: the name of their directory."""
        return RunId(self.pipeline_root.rsplit("/", 1)[-1])


def load_run(store: Store, layout: Layout, run_id: RunId, make_room: Callable[[Run], str] | None = None) -> LoadedRun:
    """Read and replay a run. Blocks.

    *make_room* is asked before a run's first step: it says where the artifacts go, and removes what a deleted run of
    the same id has left there, whose results would be taken for those of the new one.

    Raises:
        NotFound: it was deleted.
        InvalidPipeline: its document is not understood (it was accepted by another release).
    """
    with store.read() as uow:
        run = uow.runs.get(run_id)
        document = uow.pipelines.document(run.document)
        history = uow.log.events(run_id)
    pipeline = parse_pipeline(document)
    begins = len(history) == 1 and not run.artifact_root
    root = make_room(run) if begins and make_room is not None else layout.root_of(run)
    context = RunContext(
        job_name=run.display_name,
        job_resource_name=f"{pipeline.name}-{run.id[:5]}",
        job_uuid=run.id,
        create_time=rfc3339(run.created_at),
        schedule_time=rfc3339(run.scheduled_at),
        pipeline_root=root,
        workspace_path=str(layout.workspace(run.id)),
    )
    plan = build_plan(pipeline, context)
    state = replay(plan, run_id, (decode(recorded) for recorded in history))
    return LoadedRun(run, plan, state, root)


def rfc3339(instant: Instant) -> str:
    """An instant in UTC, in whole seconds."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=instant // SECOND)
    return moment.isoformat(timespec="seconds").removesuffix("+00:00") + "Z"
