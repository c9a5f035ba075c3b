"""Every page of the dashboard as axe-core sees it: light and dark, wide and narrow."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page
from tests.web.conftest import Site

AXE: Final = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
"""Put in by the driver and not by the page, so that the Content-Security-Policy stays as it is."""
RULES: Final = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}
CALM: Final = "() => document.title !== 'Pinnace' && document.querySelector('h1') !== null"

SETTLED: Final = """() => {
    const shown = document.body.innerText;
    const same = window.shownBefore === shown;
    window.shownBefore = shown;
    return same;
}"""


@dataclass(frozen=True, slots=True)
class Look:
    """What a page is opened with, and what is pressed there before it is looked at."""

    path: str
    press: str = ""


LOOKS: Final = (
    Look(""),
    Look("runs"),
    Look("runs?archived=true"),
    Look("runs", "j x"),
    Look("runs", "?"),
    Look("runs", "Control+k"),
    Look("runs/new"),
    Look("runs/GOOD"),
    Look("runs/GOOD?view=graph"),
    Look("runs/GOOD?view=timeline"),
    Look("runs/BAD"),
    Look("compare?runs=%5B%22GOOD%22%2C%22BAD%22%5D"),
    Look("pipelines"),
    Look("pipelines?upload=true"),
    Look("experiments"),
    Look("recurring"),
    Look("recurring/new"),
    Look("artifacts"),
    Look("executions"),
    Look("settings"),
    Look("runs/of-no-run"),
    Look("settings/nowhere"),
)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 400])
def test_axe_finds_nothing(browser: Browser, site: Site, theme: str, width: int) -> None:
    context = browser.new_context(
        base_url=site.address,
        # Below the bar of a phone nothing is hidden that way: what lies there is no fault.
        viewport={"width": width, "height": 900 if width > 720 else 2400},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    faults = [f"{look.path} {look.press}: {fault}" for look in LOOKS for fault in _faults(page, site, look)]
    context.close()
    assert not faults, "\n".join(faults)


def _faults(page: Page, site: Site, look: Look) -> list[str]:
    """What axe finds, a line for each element."""
    page.goto(look.path.replace("GOOD", site.good).replace("BAD", site.bad))
    page.wait_for_function(CALM)
    page.wait_for_function(SETTLED, polling=250)
    for key in look.press.split():
        page.keyboard.press(key)
    page.wait_for_function("() => document.getAnimations().every((each) => each.playState !== 'running')")
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("(rules) => axe.run(document, rules)", RULES)
    return [
        f"{each['id']}: {node['html'][:300]} {node['failureSummary'][:400]}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
