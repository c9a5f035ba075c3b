"""What people do on the page of a run, in a real browser before a real server."""

import re

from playwright.sync_api import Page, expect
from tests.web.conftest import Site

expect.set_options(timeout=15_000)


def test_a_failed_run_says_what_went_wrong_and_what_has_changed(watched: Page, site: Site) -> None:
    watched.goto(f"runs/{site.bad}")
    cause = watched.get_by_role("alert")
    expect(cause).to_contain_text("ValueError 5 rows are too few")
    expect(cause).to_contain_text(re.compile(r"Line \d+, in judge"))
    expect(cause).to_contain_text('raise ValueError(f"{rows} rows are too few")')
    expect(watched.get_by_role("link", name="good run")).to_be_visible()
    changed = watched.get_by_role("listitem").filter(has_text="Parameter least")
    expect(changed).to_contain_text("1→100")
    watched.get_by_role("button", name="Whole log").click()
    expect(watched).to_have_url(re.compile("tab=logs"))
    log = watched.get_by_role("log")
    expect(log).to_contain_text("ValueError: 5 rows are too few")
    watched.get_by_label("Find in the log").fill("traceback")
    expect(watched.get_by_text("1 of 1", exact=True)).to_be_visible()
    expect(log.locator("mark")).to_have_text("Traceback")
    watched.get_by_label("Level").select_option("Errors")
    expect(log).not_to_contain_text("executor_input")
    expect(log).to_contain_text("ValueError")


def test_the_timeline_leads_to_steps_and_marks_the_critical_path(watched: Page, site: Site) -> None:
    watched.goto(f"runs/{site.good}")
    watched.get_by_role("tab", name="Timeline").click()
    rows = watched.get_by_role("listbox", name="Timeline").get_by_role("option")
    options = watched.get_by_role("listbox", name="Timeline")
    expect(options.get_by_role("option", name=re.compile("Succeeded load .*Critical path"))).to_be_visible()
    watched.get_by_label("critical path only").check()
    expect(rows.filter(has_text="for-loop")).to_have_count(0)
    options.get_by_role("option", name=re.compile("Succeeded judge ")).click()
    expect(watched).to_have_url(re.compile("task=judge"))
    expect(watched.get_by_role("heading", name="judge")).to_be_visible()
    everything = watched.get_by_role("button", name="Show all")
    expect(everything).to_be_disabled()
    watched.get_by_role("button", name="Zoom in").click()
    everything.click()
    expect(everything).to_be_disabled()
    watched.get_by_role("button", name="Close the panel").click()
    expect(watched.get_by_role("heading", name="judge")).to_have_count(0)


def test_details_and_the_cache_of_a_step(watched: Page, site: Site) -> None:
    watched.goto(f"runs/{site.good}?task=load&tab=details")
    expect(watched.get_by_text("1 attempt")).to_be_visible()
    expect(watched.get_by_text("Waiting to start")).to_be_visible()
    watched.get_by_role("tab", name="Cache").click()
    expect(watched.get_by_role("heading", name="The cache was off for this step")).to_be_visible()
    watched.get_by_role("link", name="Run again without the cache").click()
    expect(watched).to_have_url(re.compile("caching=false"))
    expect(watched.get_by_label("Results of earlier runs").first).to_be_visible()


def test_events_configuration_yaml_and_results(watched: Page, site: Site) -> None:
    watched.goto(f"runs/{site.bad}?view=events")
    expect(watched.get_by_text("The run was created")).to_be_visible()
    watched.get_by_label("Only of steps like …").fill("judge")
    expect(watched.get_by_text("The attempt failed")).to_be_visible()
    expect(watched.get_by_text("The run was created")).to_have_count(0)
    watched.get_by_role("tab", name="Inputs and configuration").click()
    expect(watched.get_by_text("least", exact=True)).to_be_visible()
    watched.get_by_role("tab", name="YAML").click()
    expect(watched.get_by_text("deploymentSpec")).to_be_visible()
    watched.get_by_role("tab", name="Results").click()
    watched.get_by_role("button", name="data").first.click()
    expect(watched.get_by_text("xxxxx")).to_be_visible()


def test_keys_lead_through_the_page(watched: Page, site: Site) -> None:
    watched.goto(f"runs/{site.bad}")
    expect(watched.get_by_role("tab", name="What went wrong")).to_be_visible()
    watched.keyboard.press("t")
    expect(watched.get_by_role("listbox", name="Timeline")).to_be_visible()
    watched.keyboard.press("l")
    expect(watched.get_by_role("log")).to_contain_text("ValueError")
    watched.keyboard.press("f")
    expect(watched.get_by_role("alert")).to_contain_text("ValueError")
    watched.keyboard.press("[")
    expect(watched).to_have_url(re.compile(f"runs/{site.good}"))
