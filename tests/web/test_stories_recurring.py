"""Recurring runs: made, watched, switched off, cloned and deleted."""

import re
from dataclasses import dataclass

import pytest
import requests
from kfp import Client
from playwright.sync_api import Page, expect
from tests.web.conftest import Site

expect.set_options(timeout=60_000)


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored pipeline with inputs."""

    pipeline_id: str
    version_id: str


@pytest.fixture(scope="module")
def stored(site: Site) -> Stored:
    answer = requests.post(f"{site.address}/apis/pinnace/v1/samples/loop-and-condition:start", timeout=60).json()
    return Stored(answer["pipeline_id"], answer["pipeline_version_id"])


def test_a_recurring_run_is_made_with_what_it_means_in_sight(watched: Page, stored: Stored) -> None:
    watched.goto("recurring")
    watched.get_by_role("link", name="New recurring run").first.click()
    watched.get_by_role("link", name=re.compile("loop-and-condition")).click()
    expect(watched).to_have_url(re.compile(f"pipeline={stored.pipeline_id}"))
    preview = watched.get_by_role("region", name="The next times would be")
    expect(preview).to_contain_text("every day at 06:00")
    expect(preview.get_by_role("row")).to_have_count(6)

    watched.get_by_label("Expression").fill("*/20 * * * *")
    expect(watched.get_by_text("With five fields the first one is seconds")).to_be_visible()
    expect(preview).to_contain_text("every 20 seconds")
    watched.get_by_label("Expression").fill("0 61 * * * *")
    expect(watched.get_by_role("alert")).to_contain_text('"61" is not in 0 to 59')
    watched.get_by_role("button", name="on weekdays at 06:00").click()
    watched.get_by_label("Time zone").select_option("Asia/Seoul")
    expect(preview).to_contain_text("on weekdays at 06:00, Seoul")
    expect(preview.get_by_role("columnheader", name="Seoul")).to_be_visible()

    watched.get_by_label("Name", exact=True).fill("weekday report")
    watched.get_by_label("limit · int").fill("many")
    watched.get_by_label("Runs at a time").fill("11")
    watched.get_by_role("button", name="Create").click()
    expect(watched.get_by_text("This is no whole number.", exact=True)).to_be_visible()
    expect(watched.get_by_text("This is no whole number from 1 to 10.")).to_be_visible()
    watched.get_by_label("limit · int").fill("3")
    watched.get_by_label("Runs at a time").fill("2")
    watched.get_by_role("button", name="Create").click()

    expect(watched.get_by_role("heading", name="weekday report")).to_be_visible()
    expect(watched.get_by_text("CRON_TZ=Asia/Seoul 0 0 6 * * MON-FRI")).to_be_visible()
    expect(watched.get_by_role("link", name="loop-and-condition · latest")).to_be_visible()
    expect(watched.get_by_text("It has made no run yet")).to_be_visible()


def test_a_recurring_run_is_watched_paused_cloned_and_deleted(watched: Page, site: Site, stored: Stored) -> None:
    client = Client(host=site.address)
    recurring = client.create_recurring_run(
        experiment_id=client.get_experiment(experiment_name="Default").experiment_id,
        job_name="every other second",
        interval_second=2,
        pipeline_id=stored.pipeline_id,
        version_id=stored.version_id,
        params={"words": ["one"]},
        no_catchup=True,
    ).recurring_run_id
    watched.goto(f"#/recurringrun/details/{recurring}")
    expect(watched).to_have_url(re.compile(f"/recurring/{recurring}"))
    expect(watched.get_by_text("every 2 seconds")).to_be_visible()
    expect(watched.get_by_text("This fires more often than once a minute.")).to_be_visible()
    expect(watched.get_by_role("link", name="every other second-1")).to_be_visible()

    watched.get_by_role("switch", name="Enable every other second").click()
    expect(watched.get_by_text("It is disabled.")).to_be_visible()
    assert client.get_recurring_run(recurring).status == "DISABLED"

    watched.get_by_role("button", name="Run now").click()
    expect(watched).to_have_url(re.compile("/runs/"))
    expect(watched.get_by_role("heading", name=re.compile("every other second 20"))).to_be_visible()

    watched.goto(f"recurring/{recurring}")
    watched.get_by_role("link", name="Clone").click()
    expect(watched.get_by_label("Name", exact=True)).to_have_value("Clone of every other second")
    expect(watched.get_by_label("Every", exact=True)).to_have_value("2")
    watched.get_by_label("Every", exact=True).fill("5")
    watched.get_by_label("Interval", exact=True).select_option("day")
    watched.get_by_role("button", name="Create").click()
    expect(watched.get_by_text("every 5 days")).to_be_visible()

    watched.get_by_role("button", name="Delete").click()
    watched.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(watched.get_by_role("heading", name="Recurring runs")).to_be_visible()
    expect(watched.get_by_role("link", name="every other second", exact=True)).to_be_visible()
    expect(watched.get_by_role("link", name="Clone of every other second")).to_have_count(0)
    watched.get_by_label("Part of the name").fill("nothing like it")
    expect(watched.get_by_text("No recurring run has such a name.")).to_be_visible()
    expect(watched).to_have_url(re.compile("q=nothing"))
