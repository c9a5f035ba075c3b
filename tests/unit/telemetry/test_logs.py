"""Lines of the server's log."""

import asyncio
import io
import json
import logging
import re
from collections.abc import Iterator

import pytest

from pinnace.ports.log_context import about
from pinnace.telemetry.logs import Redaction, logged

LOG = logging.getLogger("pinnace.tests.logs")
TOKEN = 'open "sesame"'


@pytest.fixture(params=["text", "json"])
def log(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    with logged(request.param, "info", [TOKEN, "pa55word"], stream):
        yield stream


def lines_as_json() -> tuple[io.StringIO, dict[str, object]]:
    stream = io.StringIO()
    with logged("json", "info", [], stream), about({"run_id": "r", "task": "a/b", "attempt": 2}):
        LOG.warning("Two\nlines of %s", "text")
    return stream, json.loads(stream.getvalue())


def test_a_line_for_programs_is_one_object_with_what_it_is_about() -> None:
    stream, line = lines_as_json()
    assert stream.getvalue().count("\n") == 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(line.pop("time")))
    assert line == {
        "level": "warning",
        "logger": "pinnace.tests.logs",
        "message": "Two\nlines of text",
        "run_id": "r",
        "task": "a/b",
        "attempt": 2,
    }


def test_a_line_for_people_cannot_be_forged() -> None:
    stream = io.StringIO()
    with logged("text", "info", [], stream), about({"path": "/x\n2026-01-01 ERROR forged\x1b[2J"}):
        LOG.info("Hello\nworld\x1b[2J")
    first, second = stream.getvalue().splitlines()
    assert re.fullmatch(r"\S+Z INFO    pinnace.tests.logs: Hello", first)
    assert second == r"    world\x1b[2J (path=/x\x0a2026-01-01 ERROR forged\x1b[2J)"


@pytest.mark.parametrize(
    "text",
    [
        f"the token is {TOKEN}.",
        "postgresql://user:pa55word@db/pinnace",
        "postgresql://user:an0ther-pa55@db/pinnace",
        "Authorization: Bearer an0ther-pa55",
        "{'authorization': 'Basic an0ther-pa55'}",
        "GET /apis?x=1&token=an0ther-pa55&y=2",
        "https://bucket/x?sig=an0ther-pa55",
    ],
)
def test_no_secret_is_in_a_line(log: io.StringIO, text: str) -> None:
    try:
        raise ValueError(text)
    except ValueError:
        with about({"path": text}):
            LOG.exception("It said %s", text)
    written = log.getvalue()
    assert "ValueError" in written
    for secret in ("sesame", "pa55"):
        assert secret not in written
    assert "***" in written


def test_short_secrets_do_not_make_lines_unreadable() -> None:
    assert Redaction(["", "a"])("a banana") == "a banana"


def test_levels_and_libraries() -> None:
    stream = io.StringIO()
    with logged("json", "info", [], stream):
        LOG.debug("hidden")
        logging.getLogger("fsspec").info("hidden")
        logging.getLogger("fsspec").warning("shown")
    LOG.warning("behind the block")
    assert [json.loads(line)["message"] for line in stream.getvalue().splitlines()] == ["shown"]


def test_what_lines_are_about_follows_tasks_and_ends_with_the_block() -> None:
    stream = io.StringIO()

    async def work(number: int) -> None:
        with about({"task": number}):
            await asyncio.sleep(0)
            LOG.info("inside")
        LOG.info("outside")

    async def scene() -> None:
        with about({"run_id": "r"}):
            await asyncio.gather(work(1), work(2))

    with logged("json", "info", [], stream):
        asyncio.run(scene())
    seen = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert {line["task"] for line in seen if line["message"] == "inside"} == {1, 2}
    assert all("run_id" not in line for line in seen if line["message"] == "inside")
    assert [line.get("run_id") for line in seen if line["message"] == "outside"] == ["r", "r"]
