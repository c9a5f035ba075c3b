"""A real server with real runs, and Debian's Chromium before it: of each module its own."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from kfp import Client, compiler
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright
from tests.pipelines.dashboard import train_and_judge

from pinnace.cli.server_file import require_server
from pinnace.testing.command import PinnaceCommand


@dataclass(frozen=True, slots=True)
class Site:
    """A server and two runs of its own."""

    address: str
    good: str
    bad: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("web")
    command = PinnaceCommand(directory / "data")
    command.start()
    try:
        address = require_server(command.data).address
        client = Client(host=address)
        package = directory / "pipeline.yaml"
        compiler.Compiler().compile(train_and_judge, str(package))
        runs = [
            client.create_run_from_pipeline_package(
                str(package), {"rows": 5, "least": least}, run_name=name, enable_caching=False
            )
            for name, least in (("good run", 1), ("bad run", 100))
        ]
        for run in runs:
            client.wait_for_run_completion(run.run_id, timeout=120, sleep_duration=1)
        yield Site(address, runs[0].run_id, runs[1].run_id)
    finally:
        command.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for a module: Playwright holds an event loop meanwhile, and other tests run their own.

    It comes from the system: ``tools/setup_venv.py`` installs it where it may."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        message = "No Chromium is installed. On Debian and Ubuntu: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        # Root, as in containers, has no sandbox; only pages of our own server are opened.
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield opened
        opened.close()


@pytest.fixture
def watched(browser: Browser, site: Site) -> Iterator[Page]:
    """A page of the site. The test fails if it logs an error, or asks another host for something."""
    faults: list[str] = []
    context = browser.new_context(base_url=site.address, viewport={"width": 1400, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(60_000)

    def spoken(message: ConsoleMessage) -> None:
        # What a person sends wrongly is refused with 400, which browsers log by themselves.
        if message.type in {"error", "warning"} and "status of 400" not in message.text:
            faults.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith((site.address, "data:", "blob:")):
            faults.append(f"asked for {request.url}")

    page.on("console", spoken)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", asked)
    yield page
    context.close()
    assert faults == []
