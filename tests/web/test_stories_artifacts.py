"""Artifacts in a real browser: found, looked at, downloaded, and followed through their lineage."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from kfp import Client, compiler
from playwright.sync_api import Browser, Page, expect
from tests.pipelines.reports import reports
from tests.web.conftest import Site

NAME = "reported"
AGAIN = "reported again"


@dataclass(frozen=True, slots=True)
class Reports:
    """Two runs of a pipeline, of which the second found everything in the cache."""

    first: str
    again: str


@pytest.fixture(scope="module", autouse=True)
def made(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Reports:
    client = Client(host=site.address)
    package = str(tmp_path_factory.mktemp("reports") / "pipeline.yaml")
    compiler.Compiler().compile(reports, package)
    ids = []
    for name in (NAME, AGAIN):
        run = client.create_run_from_pipeline_package(package, {}, run_name=name, enable_caching=True)
        client.wait_for_run_completion(run.run_id, timeout=120, sleep_duration=1)
        ids.append(run.run_id)
    return Reports(*ids)


def open_artifact(page: Page, name: str) -> None:
    """From the list of all artifacts, as people do."""
    page.goto(f"artifacts?q={name}")
    page.get_by_role("link", name=name, exact=True).first.click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def test_artifacts_are_found_by_name_and_type(watched: Page, made: Reports) -> None:
    watched.goto("")
    watched.get_by_role("navigation").get_by_role("link", name="Artifacts").click()
    watched.get_by_label("Type").select_option(label="HTML")
    watched.get_by_label("Part of the name").fill("pag")
    expect(watched.get_by_role("link", name="attack")).to_have_count(0)
    expect(watched).to_have_url(re.compile(r"kind=HTML"))
    expect(watched).to_have_url(re.compile(r"q=pag"))
    watched.reload()
    row = watched.get_by_role("row").filter(has=watched.get_by_role("link", name="page", exact=True))
    row.get_by_role("link", name="judge-model").click()
    expect(watched).to_have_url(re.compile(f"/runs/{made.first}.*task=judge-model"))


def test_content_is_drawn_as_what_it_is(watched: Page) -> None:
    open_artifact(watched, "table")
    expect(watched.get_by_role("columnheader", name="species")).to_be_visible()
    expect(watched.get_by_role("cell", name="virginica")).to_be_visible()
    open_artifact(watched, "words")
    expect(watched.get_by_role("heading", name="Verdict")).to_be_visible()
    expect(watched.get_by_text("<b>really</b>")).to_be_visible()
    open_artifact(watched, "roc")
    expect(watched.get_by_role("img", name=re.compile("ROC curve.*AUC 1"))).to_be_visible()
    expect(watched.get_by_role("table", name="Confusion matrix")).to_contain_text("75%")


def test_a_directory_is_walked_through_and_downloaded(watched: Page, tmp_path: Path) -> None:
    open_artifact(watched, "folder")
    with watched.expect_download() as packed:
        watched.get_by_role("link", name="Download as tar.gz").click()
    packed.value.save_as(tmp_path / "packed")
    assert (tmp_path / "packed").read_bytes()[:2] == b"\x1f\x8b"
    watched.get_by_role("button", name="part").click()
    watched.get_by_role("button", name="notes.txt").click()
    expect(watched.get_by_text("in the folder")).to_be_visible()
    watched.reload()
    expect(watched.get_by_text("in the folder")).to_be_visible()
    with watched.expect_download() as file:
        watched.get_by_role("link", name="Download").click()
    assert Path(file.value.path()).read_text(encoding="utf-8") == "in the folder\n"
    watched.go_back()
    expect(watched.get_by_role("button", name="notes.txt")).to_be_visible()


def test_a_report_runs_its_own_scripts(watched: Page) -> None:
    open_artifact(watched, "page")
    report = watched.frame_locator("iframe")
    report.get_by_role("button", name="more").click()
    expect(report.get_by_role("heading", name="Clicked")).to_be_visible()


def test_a_report_reaches_neither_the_page_nor_the_server(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.address)
    page = context.new_page()
    open_artifact(page, "attack")
    log = page.frame_locator("iframe").locator("#log")
    for what in ("parent", "storage", "top", "script", "image", "fetch"):
        expect(log).to_contain_text(f"{what} refused")
    assert "worked" not in log.inner_text()
    assert all("/runs" not in frame.url for frame in page.frames[1:])
    # The same when it is opened by itself, without our frame around it.
    source = page.locator("iframe").get_attribute("src")
    page.goto(source or "")
    expect(page.locator("#log")).to_contain_text("fetch refused")
    expect(page.locator("#log")).to_contain_text("storage refused")
    context.close()


def test_lineage_leads_across_runs(watched: Page, made: Reports) -> None:
    open_artifact(watched, "table")
    watched.get_by_role("button", name="Lineage").click()
    graph = watched.get_by_label("Lineage graph")
    expect(graph.get_by_role("button", name=f"collect {NAME}", exact=False).first).to_be_visible()
    expect(graph.get_by_role("button", name=re.compile(f"judge-model.*{AGAIN}"))).to_be_visible()
    watched.get_by_role("button", name="What made it").click()
    expect(graph.get_by_role("button", name=re.compile("judge-model"))).to_have_count(0)
    watched.get_by_role("button", name="What came of it").click()
    graph.get_by_role("button", name=re.compile("words")).press("Enter")
    expect(watched).to_have_url(re.compile("node="))
    watched.reload()
    watched.get_by_role("link", name="Lineage from here").click()
    expect(watched.get_by_role("heading", name="words", level=1)).to_be_visible()
    graph.get_by_role("button", name=re.compile(f"judge-model.*{NAME}")).first.click()
    watched.get_by_role("link", name="Open the step").click()
    expect(watched).to_have_url(re.compile(f"/runs/{made.first}.*task=judge-model"))


def test_executions_of_all_runs_are_filtered_by_state(watched: Page, site: Site) -> None:
    watched.goto("executions")
    expect(watched.get_by_text("From cache").first).to_be_visible()
    watched.get_by_label("State").select_option(label="Failed")
    expect(watched.get_by_text("From cache")).to_have_count(0)
    watched.get_by_role("link", name="judge", exact=True).first.click()
    expect(watched).to_have_url(re.compile(f"/runs/{site.bad}.*task=judge"))
