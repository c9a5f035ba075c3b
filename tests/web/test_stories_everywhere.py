"""What works on every page: search, keys, notices, phones, a lost connection, and a server with a token."""

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from tests.web.conftest import Site

from pinnace.cli.server_file import require_server
from pinnace.testing.command import PinnaceCommand


def test_search_finds_by_name_and_id_and_leads_there(watched: Page, site: Site) -> None:
    watched.goto("settings")
    watched.get_by_role("button", name="Search").click()
    field = watched.get_by_role("combobox", name="Search everywhere")
    expect(watched.get_by_role("group", name="Latest runs").get_by_role("option")).not_to_have_count(0)
    field.fill("bad r")
    field.press("Enter")
    expect(watched).to_have_url(re.compile(f"/runs/{site.bad}"))
    watched.keyboard.press("Control+k")
    field.fill(site.good[:8])
    watched.get_by_role("option", name="good run").click()
    expect(watched).to_have_url(re.compile(f"/runs/{site.good}"))
    watched.keyboard.press("/")
    field.fill("dark")
    expect(watched.get_by_role("option", name="Theme: Dark")).to_be_visible()
    watched.keyboard.press("Enter")
    expect(watched.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_keyboard_alone_goes_everywhere(watched: Page, site: Site) -> None:
    watched.goto("")
    expect(watched.get_by_role("heading", level=1)).to_be_visible()
    watched.keyboard.press("g")
    watched.keyboard.press("r")
    expect(watched.get_by_role("heading", name="Runs", level=1)).to_be_focused()
    expect(watched).to_have_title("Runs · Pinnace")
    expect(watched.get_by_role("link", name="bad run")).to_be_visible()
    watched.keyboard.press("j")
    watched.keyboard.press("ArrowDown")
    watched.keyboard.press("k")
    watched.keyboard.press("x")
    first = watched.get_by_role("row").nth(1)
    expect(first.get_by_role("checkbox")).to_be_checked()
    expect(first.get_by_role("link").first).to_be_focused()
    watched.keyboard.press("?")
    sheet = watched.get_by_role("dialog", name="Keys")
    expect(sheet.get_by_text("Select the row, or no longer")).to_be_visible()
    watched.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    watched.keyboard.press("Enter")
    expect(watched).to_have_url(re.compile(f"/runs/({site.good}|{site.bad})"))
    watched.keyboard.press("n")
    expect(watched).to_have_url(re.compile("/runs/new"))


def test_what_was_done_is_said_and_can_be_undone(watched: Page) -> None:
    watched.goto("runs")
    watched.get_by_label("Select bad run").check()
    watched.get_by_role("button", name="Archive", exact=True).click()
    expect(watched.get_by_text("Archived 1 run")).to_be_visible()
    expect(watched.get_by_role("link", name="bad run")).to_have_count(0)
    watched.get_by_role("button", name="Undo").click()
    expect(watched.get_by_role("link", name="bad run")).to_be_visible()
    expect(watched.get_by_text("Undone")).to_be_visible()


def test_the_language_of_the_page_is_told(watched: Page) -> None:
    watched.goto("runs")
    expect(watched.locator("html")).to_have_attribute("lang", "en")
    expect(watched.get_by_role("heading", name="Runs")).to_be_visible()
    watched.keyboard.press("Control+k")
    watched.get_by_role("combobox").fill("한국어")
    expect(watched.get_by_role("option")).to_have_count(1)
    watched.keyboard.press("Enter")
    expect(watched.locator("html")).to_have_attribute("lang", "ko")


def test_on_a_phone_every_place_is_at_hand(browser: Browser, site: Site) -> None:
    context = browser.new_context(
        base_url=site.address, viewport={"width": 360, "height": 740}, has_touch=True, locale="en-GB"
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    for path in ("", "runs", f"runs/{site.bad}", "pipelines", "experiments", "recurring", "artifacts", "settings"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    page.get_by_role("button", name="More").tap()
    page.get_by_role("menuitem", name="Executions").tap()
    expect(page.get_by_role("heading", name="Executions", level=1)).to_be_visible()
    page.get_by_role("button", name="Search").tap()
    expect(page.get_by_role("combobox")).to_be_focused()
    context.close()


def test_a_lost_connection_shows_and_heals(browser: Browser, tmp_path: Path) -> None:
    command = PinnaceCommand(tmp_path / "data")
    command.start()
    address = require_server(command.data).address
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(60_000)
    try:
        page.goto(f"{address}/experiments")
        expect(page.get_by_role("link", name="Default")).to_be_visible()
        expect(page.get_by_text("Live", exact=True)).to_be_visible()
        command.stop()
        lost = page.get_by_text("What you see is as of")
        expect(lost).to_be_visible()
        expect(page.get_by_role("link", name="Default")).to_be_visible()
        command.start("--port", address.rpartition(":")[2])
        expect(lost).to_have_count(0)
        expect(page.get_by_text("Live", exact=True)).to_be_visible()
        made = page.request.post(f"{address}/apis/v2beta1/experiments", data={"display_name": "made meanwhile"})
        assert made.ok
        expect(page.get_by_role("link", name="made meanwhile")).to_be_visible()
    finally:
        context.close()
        command.stop()


def test_a_server_with_a_token_is_asked_with_it(browser: Browser, tmp_path: Path) -> None:
    command = PinnaceCommand(tmp_path / "data")
    command.start("--token", "open sesame")
    address = require_server(command.data).address
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(60_000)
    try:
        page.goto(f"{address}/experiments")
        page.get_by_label("Token").fill("wrong")
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_text("The server does not accept this token.")).to_be_visible()
        page.get_by_label("Token").fill("open sesame")
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("link", name="Default")).to_be_visible()
        expect(page.get_by_text("Live", exact=True)).to_be_visible()
        page.request.post(
            f"{address}/apis/v2beta1/experiments",
            data={"display_name": "seen by the stream"},
            headers={"Authorization": "Bearer open sesame"},
        )
        expect(page.get_by_role("link", name="seen by the stream")).to_be_visible()
        page.reload()
        expect(page.get_by_role("link", name="Default")).to_be_visible()
    finally:
        context.close()
        command.stop()
