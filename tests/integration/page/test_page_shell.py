"""The frame of the page: sections, their addresses, and what a role sees, in a real browser."""

from typing import Literal

import pytest
from aiohttp import ClientSession
from playwright.async_api import Browser, Page, expect

from opsconductor.api.handlers.page import ENTRIES, address_of_files, imported_modules
from opsconductor.model.enums import ConnectorStatus, Severity
from opsconductor.model.row_filter import RowFilter
from opsconductor.store.access.audit import DAEMON
from opsconductor.store.access.keys import NewKey, add_key
from opsconductor.web import STATIC, TEMPLATES
from opsconductor.web.sections import SECTIONS
from tests.support.api.api_stage import Caller, Stage, caller, problem
from tests.support.page.page_stage import connector, declare, go_within, log_in, violations

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]

HOSTILE = "<img src=x onerror=\"document.title='owned'\">"


def test_each_section_has_its_module_and_its_icon() -> None:
    """Every section in the navigation exists; the alert list is part of the template."""
    for section in SECTIONS:
        assert (TEMPLATES / "icons" / f"{section.name}.svg").is_file()
        module = STATIC / "sections" / section.name / "section.js"
        assert module.is_file() or section.name == "alerts"


async def test_sections_have_addresses_and_back_works(stage: Stage, page: Page, operator: Caller) -> None:
    """Links, Back, a reload and addresses of old lead where they say; counts in the head lead to the list."""
    await declare(stage, connector("traps"), connector("site a/b", ConnectorStatus.ERROR, error="refused"))
    (alert,) = await stage.report(problem("Link Down", severity=Severity.CRITICAL))
    await expect(page.locator("tr.row")).to_have_count(1)
    loaded = "performance.getEntriesByType('resource').map((each) => new URL(each.name).pathname)"
    modules = {path for path in await page.evaluate(loaded) if path.endswith(".js")}
    assert modules == {f"{address_of_files()}/{name}" for name in (*ENTRIES, *imported_modules())}
    await page.get_by_role("link", name="Connectors").click()
    await expect(page.get_by_role("heading", name="Connectors")).to_be_focused()
    await expect(page).to_have_title("1 critical · Connectors · OpsConductor")
    await expect(page.locator("#alerts")).to_be_hidden()
    await page.get_by_role("row", name="site a/b").click()
    await expect(page.get_by_role("heading", name="site a/b", exact=True)).to_be_visible()
    assert page.url == f"{operator.url}/connectors/site%20a%2Fb"
    await page.reload()
    await expect(page.get_by_role("heading", name="site a/b", exact=True)).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("row", name="traps")).to_be_visible()
    await page.locator("[data-severity=critical]").click()
    await expect(page.locator("tr.row")).to_contain_text("Link Down")
    assert page.url == f"{operator.url}/alerts?severity=critical"
    await page.go_back()
    await expect(page.get_by_role("row", name="traps")).to_be_visible()
    await page.goto(f"{operator.url}/alerts/{alert.id}")
    await expect(page.locator("#detail h2")).to_have_text("Link Down")
    await page.goto(f"{operator.url}/?alert={alert.id}")
    await expect(page.locator("#detail h2")).to_have_text("Link Down")
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.goto(f"{operator.url}/?wall=1")
    await expect(page.locator(".wall-feed.alive")).to_be_visible()
    assert page.url == f"{operator.url}/wall"
    assert (await operator.get("//nothing")).status == 404


async def test_log_in_returns_to_where_one_was_and_a_role_sees_its_sections(
    stage: Stage, browser: Browser, http: ClientSession, url: str
) -> None:
    """The address survives the log-in; who may not read a section has neither its link nor its page."""
    await declare(stage, connector("traps"))
    page = await browser.new_page()
    await page.goto(f"{url}/connectors/traps")
    someone = await caller(stage, http, url, "viewer")
    await page.fill("#login-key", str(someone.key))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="traps", exact=True)).to_be_visible()
    await page.locator("#leave").click()
    await page.locator("#log-out").click()
    await expect(page.locator("#login-key")).to_be_visible()
    assert await page.locator("#section").inner_text() == ""
    reporter = await caller(stage, http, url, "reporter")
    await page.fill("#login-key", str(reporter.key))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name="Connectors")).to_be_hidden()


async def test_no_section_makes_the_document_longer_than_the_window(stage: Stage, page: Page) -> None:
    """Only a list or a section scrolls: a second scrollbar beside theirs would move the head out of sight."""
    configuration = {"faults": [], "faults_in_all": 0, "error": ""}
    works = {"error": None}
    stage.health |= {"engine": works, "spool": works, "undelivered": {}, "configuration": configuration}
    stage.health |= {"unreached_rules": []}
    await stage.report(*(problem(f"Link Down {n}", device_ip=f"10.0.0.{n}") for n in range(1, 13)))
    await page.set_viewport_size({"width": 1280, "height": 500})
    for section in SECTIONS:
        await go_within(page, f"/{section.name}")
        shown = "tr.row" if section.name == "alerts" else "#section :is(h1, h2)"
        await expect(page.locator(shown).first).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollHeight") == 500, section.name


@pytest.mark.parametrize(("theme", "width"), [("dark", 1280), ("light", 390)])
async def test_connectors_are_listed_and_checked(
    stage: Stage, browser: Browser, operator: Caller, theme: Literal["dark", "light"], width: int
) -> None:
    """The list has the faults; hostile names are text; axe finds nothing, on a phone neither."""
    await declare(stage, connector("traps"), connector(HOSTILE, ConnectorStatus.ERROR, error=HOSTILE))
    page = await browser.new_page(viewport={"width": width, "height": 844}, color_scheme=theme)
    await log_in(page, operator)
    if width == 390:
        await page.get_by_role("button", name="More").click()
    await page.get_by_role("link", name="Connectors").click()
    await expect(page.locator("table.data")).to_contain_text(HOSTILE)
    assert await violations(page) == []
    await page.locator("table.data tbody tr").first.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name=HOSTILE, exact=True)).to_be_visible()
    assert await violations(page) == []
    assert await page.locator("#section img").count() == 0


async def test_a_phone_has_four_sections_and_more_and_who_is_limited_those_that_may_be_used(
    stage: Stage, browser: Browser, http: ClientSession, url: str, operator: Caller
) -> None:
    """Faults take one line that opens; with a row filter, what is about all devices is not offered."""
    down = {"status": "error", "error": "refused"}
    well = {"faults": [], "faults_in_all": 0, "error": ""}
    stage.health = {"status": "degraded", "connectors": {"prtg": down}, "configuration": well}
    context = await browser.new_context(viewport={"width": 390, "height": 844})
    page = await context.new_page()
    await log_in(page, operator)
    shown = page.locator("#sections :is(a, button):visible")
    await expect(shown).to_have_text(["Alerts", "Overview", "Devices", "Metrics", "More"])
    await page.get_by_role("button", name="More").click()
    await expect(page.get_by_role("link", name="System")).to_be_in_viewport(ratio=1)
    assert await violations(page) == []
    await page.get_by_role("link", name="Notifications").click()
    await expect(page.get_by_role("heading", name="Notifications")).to_be_visible()
    await expect(shown).to_have_count(5)
    strip = page.locator("#faults")
    assert (await strip.bounding_box() or {})["height"] < 40
    await strip.locator("summary").click()
    await expect(strip.get_by_role("link", name="Check and correct it")).to_have_attribute(
        "href", "/connectors/prtg"
    )
    await context.close()
    only = NewKey(name="berlin", roles=("operator",), rows=RowFilter(site=("berlin",)))
    someone = Caller(http, url, await add_key(stage.pool, only, DAEMON))
    page = await browser.new_page(viewport={"width": 390, "height": 844})
    await log_in(page, someone)
    await page.get_by_role("button", name="More").click()
    await expect(page.locator("#sections a:visible")).to_have_text(
        ["Alerts", "Overview", "Devices", "Metrics", "Notifications", "Datasets", "Reports", "Wall"]
    )
    await page.get_by_role("link", name="Notifications").click()
    await expect(page.get_by_role("tab")).to_have_text(["Maintenance"])
    await expect(page.locator("#section")).to_contain_text("Nothing is muted")
    await page.get_by_role("link", name="Overview").click()
    await expect(page.get_by_role("region", name="Alerts over time")).to_be_visible()
    assert await violations(page) == []


COUNTED = """
  const Tone = window.OscillatorNode, now = Date.now;
  window.tones = 0, window.laterMs = 0, window.isAway = false;
  window.OscillatorNode = class extends Tone { start(...at) { window.tones += 1; super.start(...at); } };
  Date.now = () => now() + window.laterMs;
  Object.defineProperty(document, "hidden", { get: () => window.isAway });
"""


async def test_a_new_critical_alert_plays_a_sound_and_is_counted_in_the_title(
    stage: Stage, browser: Browser, operator: Caller
) -> None:
    """If the sound is wanted; not for lesser ones. Viewing the page removes the number in the title."""
    page = await browser.new_page()
    await page.add_init_script(COUNTED)
    await log_in(page, operator)
    await page.get_by_role("button", name="Display").click()
    await page.get_by_label("Sound for new critical alerts").check()
    await page.keyboard.press("Escape")
    await page.evaluate("window.laterMs = 4000")
    await stage.report(problem("minor", severity=Severity.MINOR))
    await expect(page.locator("tr.row")).to_have_count(1)
    assert await page.evaluate("window.tones") == 0
    await page.evaluate("window.isAway = true")
    await stage.report(problem("critical", severity=Severity.CRITICAL, resource="2"))
    await expect(page).to_have_title("(1) 1 critical · OpsConductor")
    assert await page.evaluate("window.tones") == 3
    await page.evaluate("window.isAway = false; document.dispatchEvent(new Event('visibilitychange'))")
    await expect(page).to_have_title("1 critical · OpsConductor")
