"""The frame of the page: sections, their addresses, what a role sees, in a real browser."""

from typing import Literal

import pytest
from aiohttp import ClientSession
from playwright.async_api import Browser, Page, expect

from opsconductor.api.handlers.page import ENTRIES, imported_modules
from opsconductor.model.enums import ConnectorStatus, Severity
from opsconductor.web import STATIC, TEMPLATES
from opsconductor.web.sections import SECTIONS
from tests.support.api_stage import Caller, Stage, caller, problem
from tests.support.page_stage import connector, declare, log_in, violations

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]

HOSTILE = "<img src=x onerror=\"document.title='owned'\">"


def test_each_section_has_its_module_and_its_icon() -> None:
    """What the navigation names exists; the alert list is part of the template."""
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
    assert modules == {f"/static/{name}" for name in (*ENTRIES, *imported_modules())}
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
    await page.locator("#sign-out").click()
    await expect(page.locator("#login-key")).to_be_visible()
    assert await page.locator("#section").inner_text() == ""
    reporter = await caller(stage, http, url, "reporter")
    await page.fill("#login-key", str(reporter.key))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name="Connectors")).to_be_hidden()


@pytest.mark.parametrize(("theme", "width"), [("dark", 1280), ("light", 390)])
async def test_connectors_are_told_and_checked(
    stage: Stage, browser: Browser, operator: Caller, theme: Literal["dark", "light"], width: int
) -> None:
    """The list says what does not work; hostile names are text; axe finds nothing, on a phone neither."""
    await declare(stage, connector("traps"), connector(HOSTILE, ConnectorStatus.ERROR, error=HOSTILE))
    page = await browser.new_page(viewport={"width": width, "height": 844}, color_scheme=theme)
    await log_in(page, operator)
    await page.get_by_role("link", name="Connectors").click()
    await expect(page.locator("table.data")).to_contain_text(HOSTILE)
    assert await violations(page) == []
    await page.locator("table.data tbody tr").first.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name=HOSTILE, exact=True)).to_be_visible()
    assert await violations(page) == []
    assert await page.locator("#section img").count() == 0
