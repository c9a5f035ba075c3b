"""From nothing to a first run in the browser alone; the home page afterwards; settings."""

import os
import re
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.web.conftest import Site

from pinnace.cli.server_file import require_server
from pinnace.testing.command import PinnaceCommand

expect.set_options(timeout=60_000)


@pytest.fixture
def newcomer(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The first page of a server that nobody has used."""
    command = PinnaceCommand(tmp_path / "data")
    command.start()
    context = browser.new_context(base_url=require_server(command.data).address, locale="en-GB")
    try:
        page = context.new_page()
        page.set_default_timeout(60_000)
        yield page
    finally:
        context.close()
        command.stop()


def test_a_newcomer_starts_a_first_run(newcomer: Page) -> None:
    newcomer.goto("")
    expect(newcomer.get_by_text("kfp.Client(host=")).to_be_visible()
    expect(newcomer.get_by_role("button", name=re.compile("^Start "))).to_have_count(4)
    newcomer.get_by_role("button", name="Start Train and evaluate").click()
    expect(newcomer).to_have_url(re.compile("/runs/"))
    expect(newcomer.get_by_text("Succeeded").first).to_be_visible()
    newcomer.get_by_role("navigation").get_by_role("link", name="Home").click()
    expect(newcomer.get_by_role("heading", name="Latest runs")).to_be_visible()
    expect(newcomer.get_by_role("table").get_by_role("link", name="train-and-evaluate").first).to_be_visible()
    expect(newcomer.get_by_text("Nothing has failed.")).to_be_visible()
    expect(newcomer.get_by_text("No recurring run is enabled.")).to_be_visible()
    newcomer.goto("pipelines")
    expect(newcomer.get_by_role("link", name="train-and-evaluate")).to_be_visible()


def test_home_tells_what_failed_and_why(watched: Page, site: Site) -> None:
    watched.goto("")
    expect(watched.get_by_role("heading", name="Failed in the last 7 days")).to_be_visible()
    expect(watched.get_by_text("5 rows are too few").first).to_be_visible()
    watched.get_by_role("link", name="bad run").first.click()
    expect(watched).to_have_url(re.compile(site.bad))


def test_settings_tell_of_the_server_and_remember_what_is_preferred(watched: Page, site: Site) -> None:
    watched.goto("settings")
    expect(watched.get_by_text(site.address, exact=True)).to_be_visible()
    expect(watched.get_by_text("in total")).to_be_visible()
    expect(watched.get_by_text("There is nothing to remove.")).to_be_visible()
    expect(watched.get_by_role("link", name="API reference")).to_have_attribute("href", re.compile("/docs$"))
    watched.get_by_role("button", name="Keys").last.click()
    expect(watched.get_by_role("dialog")).to_contain_text("Search everywhere")
    watched.keyboard.press("Escape")
    watched.get_by_role("button", name="한국어").click()
    expect(watched.get_by_role("heading", name="설정", exact=True)).to_be_visible()
    watched.reload()
    expect(watched.get_by_role("heading", name="저장 공간")).to_be_visible()


def test_what_nothing_needs_is_told_and_removed(newcomer: Page, tmp_path: Path) -> None:
    leftover = tmp_path / "data" / "runs" / str(uuid.uuid4())
    leftover.mkdir(parents=True)
    (leftover / "log").write_bytes(bytes(2_000_000))
    two_days_ago = time.time() - 2 * 86_400
    os.utime(leftover, (two_days_ago, two_days_ago))
    newcomer.goto("settings")
    expect(newcomer.get_by_text("Leftovers of runs that do not exist")).to_be_visible()
    newcomer.get_by_role("button", name="Remove 2.0 MB").click()
    newcomer.get_by_role("alertdialog").get_by_role("button", name="Remove 2.0 MB").click()
    expect(newcomer.get_by_text("2.0 MB removed.")).to_be_visible()
    expect(newcomer.get_by_text("There is nothing to remove.")).to_be_visible()
    assert not leftover.exists()
