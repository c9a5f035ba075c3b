"""Logs: of an attempt, of a whole run, and at the addresses where KFP's clients and its UI look for them."""

from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from starlette.responses import StreamingResponse

from pinnace.api.answers import answers, content, with_header
from pinnace.api.artifact_responses import disposition
from pinnace.api.extensions.log_stream import follow_log, read_log, tail_offset
from pinnace.api.extensions.run_log_stream import RunLog, follow_run
from pinnace.domain.ids import RunId
from pinnace.errors import InvalidInput, NotFound
from pinnace.ports.logs import AttemptLogs
from pinnace.services.logged_attempts import LoggedAttempt, LoggedAttempts, logged_attempt, split_pod_name
from pinnace.services.views import ViewService

PLAIN: Final = "text/plain; charset=utf-8"
ATTEMPT: Final = "X-Pinnace-Attempt"
OFFSET: Final = "X-Pinnace-Log-Offset"
_MOST_LINES: Final = 1_000_000

_RUN_LOG: Final = content("text/plain", "The lines, each with the node that wrote it in front.")
_TASK_LOG: Final = with_header(
    OFFSET,
    "The byte of the log that the answer begins at.",
    with_header(ATTEMPT, "The number of the attempt.", content("text/plain", "The log.")),
)

Attempt = Annotated[int | None, Query(ge=1, description="Its number; the last one by default.")]
Offset = Annotated[int, Query(ge=0, description="The byte to begin at.")]
Tail = Annotated[int | None, Query(ge=0, le=_MOST_LINES, description="Only so many lines, the last ones.")]
FollowAttempt = Annotated[bool, Query(description="Go on until the attempt ends.")]
FollowRun = Annotated[bool, Query(description="Go on until the run ends.")]
Download = Annotated[bool, Query(description="To be saved as a file.")]


class LogRoutes:
    """Endpoints for logs, in our API, in KFP's and in that of its UI."""

    def __init__(self, views: ViewService, attempts: LoggedAttempts, logs: AttemptLogs) -> None:
        self._views = views
        self._attempts = attempts
        self._logs = logs

    def router(self) -> APIRouter:
        """The route table of our extension."""
        router = APIRouter(tags=["tasks"])
        for path, endpoint, responses, name in (
            ("/runs/{run_id}/log", self.run_log, _RUN_LOG, "readRunLog"),
            ("/runs/{run_id}/tasks/{node:path}/log", self.task_log, _TASK_LOG, "readTaskLog"),
        ):
            router.add_api_route(
                path,
                endpoint,
                methods=["GET"],
                response_model=None,
                response_class=Response,
                responses=responses,
                operation_id=name,
            )
        return router

    def kfp_router(self) -> APIRouter:
        """KFP's endpoint for logs. Upstream never follows, whatever it is asked."""
        router = APIRouter(tags=["tasks"])
        router.add_api_route(
            "/runs/{run_id}/nodes/{node_id:path}/log",
            self.kfp_log,
            methods=["GET"],
            response_model=None,
            response_class=Response,
            responses=_TASK_LOG,
            operation_id="ReadRunLog",
        )
        return router

    def ui_router(self) -> APIRouter:
        """What the server of upstream's UI has for logs."""
        router = APIRouter(tags=["ui server"])
        router.add_api_route(
            "/k8s/pod/logs",
            self.pod_log,
            methods=["GET"],
            response_model=None,
            response_class=Response,
            responses=_TASK_LOG | answers(404),
            operation_id="ReadPodLog",
        )
        return router

    def run_log(
        self, run_id: str, tail: Tail = None, follow: FollowRun = False, download: Download = False
    ) -> Response:
        """The logs of all tasks of a run, in the order in which they began.

        Every line begins with its node; ``tail`` counts for each attempt by itself. With ``follow`` the lines come as
        they are written.
        """
        run = RunId(run_id)
        log = RunLog(self._attempts.of_run(run), self._file, tail)
        headers = {"Content-Disposition": disposition(f"{run}.log")} if download else {}
        stream: Any = follow_run(log, self._attempts, run) if follow else log.news(final=True)
        return StreamingResponse(stream, media_type=PLAIN, headers=headers)

    def task_log(
        self,
        run_id: str,
        node: str,
        attempt: Attempt = None,
        offset: Offset = 0,
        tail: Tail = None,
        follow: FollowAttempt = False,
        download: Download = False,
    ) -> Response:
        """The log of an attempt."""
        found = logged_attempt(self._views.task(RunId(run_id), node), attempt)
        return self._answer(found, offset, tail, follow=follow, download=download)

    def kfp_log(self, run_id: str, node_id: str, follow: FollowAttempt = False) -> Response:
        """The log of the last attempt."""
        return self.task_log(run_id, node_id, follow=follow)

    def pod_log(
        self,
        podname: Annotated[str, Query(description="A node id, a `task_id`, or `NODE/ATTEMPT`.")],
        runid: Annotated[str, Query(description="The id of the run.")] = "",
        podnamespace: Annotated[str, Query(description="Not used: there is one namespace.")] = "",
        createdat: Annotated[str, Query(description="Not used: no log is archived.")] = "",
        follow: FollowAttempt = False,
    ) -> Response:
        """The log of an attempt, the last one where none is named."""
        del podnamespace, createdat
        if not runid:
            raise InvalidInput("runid is missing: there are no pods, and a task is known by its run and its name.")
        try:
            return self.task_log(runid, podname, follow=follow)
        except NotFound:
            node, number = split_pod_name(podname)
            if number is None:
                raise
            return self.task_log(runid, node, number, follow=follow)

    def _answer(self, found: LoggedAttempt, offset: int, tail: int | None, *, follow: bool, download: bool) -> Response:
        path = self._file(found)
        if tail is not None:
            offset = max(offset, tail_offset(path, tail))
        headers = {ATTEMPT: str(found.number), OFFSET: str(offset)}
        if download:
            name = f"{found.node.replace('/', '_')}-{found.number}.log"
            headers["Content-Disposition"] = disposition(name)
        stream: Any = (
            follow_log(path, offset, lambda: self._attempts.has_ended(found)) if follow else read_log(path, offset)
        )
        return StreamingResponse(stream, media_type=PLAIN, headers=headers)

    def _file(self, attempt: LoggedAttempt) -> Path:
        return self._logs.attempt_log(attempt.run, attempt.node, attempt.number)
