"""The page's strip about configuration that is not in force and connectors that do not work."""

from playwright.async_api import Browser, expect

from tests.support.api.api_stage import Caller, Stage
from tests.support.page.page_stage import log_in

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]

FAULT = {
    "file": "/etc/opsconductor/provision/noc.yaml",
    "line": 3,
    "key": "connectors[0].typ",
    "found": "an unknown key",
    "expected": "one of name, type",
}
WELL = {"faults": [], "faults_in_all": 0, "error": ""}


async def test_faults_stand_in_a_strip_until_they_are_corrected(
    stage: Stage, operator: Caller, browser: Browser
) -> None:
    """File, line, remedy and the reason of a connector are shown as text; the strip goes by itself."""
    down = {"status": "error", "error": "cannot listen on <b>162</b>"}
    lacks = {"status": "degraded", "error": "dcim.cable: grant the right to view it"}
    stage.health = {
        "status": "degraded",
        "connectors": {"traps": down, "netbox": lacks},
        "configuration": {**WELL, "faults": [FAULT], "faults_in_all": 7},
    }
    page = await browser.new_page()
    await page.clock.install()
    await log_in(page, operator)
    strip = page.locator("#faults")
    await expect(strip).to_contain_text(
        "noc.yaml:3: connectors[0].typ: found an unknown key, expected one of"
    )
    await expect(strip).to_contain_text("Correct it, then: opsconductor reload")
    await expect(strip).to_contain_text("and 6 more")
    await expect(strip).to_contain_text("Connector traps is not working: cannot listen on <b>162</b>")
    await expect(strip).to_contain_text("Connector netbox is degraded: dcim.cable: grant the right")
    stage.health = {"status": "ok", "connectors": {}, "configuration": WELL}
    await page.clock.run_for(11_000)
    await expect(strip).to_be_hidden()
