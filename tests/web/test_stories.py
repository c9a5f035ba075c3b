"""What people do in the dashboard, in a real browser before a real server."""

import re
from pathlib import Path

from kfp import compiler
from playwright.sync_api import Locator, Page, expect
from tests.pipelines.dashboard import train_and_judge
from tests.web.conftest import Site

expect.set_options(timeout=60_000)


def node_of(page: Page, path: str) -> Locator:
    """A task in the graph."""
    return page.get_by_test_id(f"rf__node-{path}")


def test_home_leads_to_runs_and_a_run(watched: Page, site: Site) -> None:
    watched.goto("")
    expect(watched.get_by_role("heading", name="Failed in the last 7 days")).to_be_visible()
    watched.get_by_role("navigation").get_by_role("link", name="Runs", exact=True).click()
    expect(watched.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    watched.get_by_label("Part of the name").fill("good")
    expect(watched.get_by_role("link", name="bad run")).to_have_count(0)
    expect(watched).to_have_url(re.compile("q=good"))
    watched.reload()
    watched.get_by_role("link", name="good run").click()
    expect(watched).to_have_url(re.compile(f"/runs/{site.good}"))
    expect(watched.get_by_role("treeitem", name="judge")).to_be_visible()


def test_a_failed_run_opens_at_its_cause(watched: Page, site: Site) -> None:
    watched.goto(f"#/runs/details/{site.bad}")
    expect(watched).to_have_url(re.compile(f"/runs/{site.bad}"))
    expect(watched.get_by_role("alert")).to_contain_text("5 rows are too few")
    expect(watched.get_by_role("tab", name="What went wrong")).to_have_attribute("aria-selected", "true")
    expect(watched.get_by_text("raise ValueError").first).to_be_visible()


def test_the_chosen_step_and_view_survive_a_reload(watched: Page, site: Site) -> None:
    watched.goto(f"runs/{site.good}")
    watched.get_by_role("treeitem", name="load").first.click()
    watched.get_by_role("tab", name="Inputs · Outputs").click()
    expect(watched.get_by_text("rows", exact=True)).to_be_visible()
    watched.get_by_role("tab", name="Graph").click()
    expect(node_of(watched, "for-loop-2/train")).to_be_visible()
    watched.reload()
    expect(node_of(watched, "judge")).to_be_visible()
    expect(watched.get_by_role("tab", name="Inputs · Outputs")).to_have_attribute("aria-selected", "true")
    node_of(watched, "judge").click()
    expect(watched).to_have_url(re.compile("task=judge"))


def test_the_theme_and_the_language_are_chosen(watched: Page) -> None:
    watched.goto("runs")
    watched.get_by_role("button", name="Theme").click()
    watched.get_by_role("menuitemradio", name="Dark").click()
    watched.get_by_role("menuitemradio", name="한국어").click()
    watched.keyboard.press("Escape")
    expect(watched.locator("html")).to_have_attribute("data-theme", "dark")
    watched.reload()
    expect(watched.get_by_role("heading", name="실행")).to_be_visible()


def test_a_run_is_cloned_with_another_value(watched: Page, site: Site) -> None:
    watched.goto(f"runs/{site.bad}")
    watched.get_by_role("link", name="Clone").click()
    expect(watched.get_by_label("rows · int")).to_have_value("5")
    watched.get_by_label("least · int").fill("many")
    watched.get_by_role("button", name="Start").click()
    expect(watched.get_by_text("This is no whole number.")).to_be_visible()
    watched.get_by_label("least · int").fill("2")
    watched.get_by_role("button", name="Start").click()
    expect(watched.get_by_role("heading", name="Clone of bad run")).to_be_visible()
    expect(watched.get_by_text("Succeeded").first).to_be_visible()


def test_a_pipeline_is_uploaded_and_its_faults_are_shown(watched: Page, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("pipelineInfo: {name: broken}\nroot: {dag: {tasks: {a: {componentRef: {name: none}}}}}\n")
    watched.goto("pipelines")
    watched.get_by_role("button", name="Upload a pipeline").first.click()
    watched.locator("input[type=file]").set_input_files(broken)
    watched.get_by_role("dialog").get_by_role("button", name="Upload a pipeline").click()
    expect(watched.get_by_role("alert")).to_contain_text("schemaVersion")
    good = tmp_path / "good.yaml"
    compiler.Compiler().compile(train_and_judge, str(good))
    watched.locator("input[type=file]").set_input_files(good)
    watched.get_by_label("Name", exact=True).fill("uploaded by hand")
    watched.get_by_role("dialog").get_by_role("button", name="Upload a pipeline").click()
    expect(watched.get_by_role("heading", name="uploaded by hand")).to_be_visible()
    expect(node_of(watched, "judge")).to_be_visible()
    watched.get_by_role("tab", name="Inputs").click()
    expect(watched.get_by_role("cell", name="least")).to_be_visible()
