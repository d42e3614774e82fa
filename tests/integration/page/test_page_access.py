"""The page by keyboard, screen reader and with weak sight: axe-core finds nothing."""

import pytest
from playwright.async_api import Browser, Page, expect

from opsconductor.model.enums import Severity
from tests.support.api.api_stage import DOWNSTREAM, UPSTREAM, Caller, Stage, problem
from tests.support.page.page_stage import connector, log_in, violations_in_both_themes

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]


@pytest.mark.parametrize("width", [1280, 390])
async def test_axe_finds_nothing(stage: Stage, browser: Browser, operator: Caller, width: int) -> None:
    """On the log-in, the empty list, a full list, one alert, the news and the keys, dark and light."""
    page = await browser.new_page(viewport={"width": width, "height": 844})
    await page.goto(operator.url)
    await expect(page.locator("#login-key")).to_be_visible()
    assert await violations_in_both_themes(page) == []
    await log_in(page, operator)
    assert await violations_in_both_themes(page) == []
    stage.desk.known = [connector("traps")]
    await stage.report(
        problem("the cause", device_ip=UPSTREAM, is_cutting=True, severity=Severity.CRITICAL),
        problem("an effect", device_ip=DOWNSTREAM),
        *(
            problem(
                f"{severity} {n}", device_ip=f"10.2.{n}.1", severity=severity, resource=severity, message="m"
            )
            for severity in Severity
            if severity is not Severity.CLEAR
            for n in range(2)
        ),
    )
    await expect(page.locator("#range")).to_contain_text("11 alerts")
    assert await violations_in_both_themes(page) == []
    await page.locator("tr.row").nth(1).click()
    await expect(page.locator("#detail h2")).to_be_visible()
    await page.keyboard.press("a")
    await expect(page.locator("#detail .timeline")).to_contain_text("Acknowledged by")
    assert await violations_in_both_themes(page) == []
    await page.keyboard.press("Escape")
    await stage.report(problem("news", device_ip="10.3.1.1", severity=Severity.CRITICAL))
    await expect(page.locator("#news")).to_be_visible()
    assert await violations_in_both_themes(page) == []
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_be_visible()
    assert await violations_in_both_themes(page) == []


async def test_rows_are_reached_by_tab_and_opened_by_enter(stage: Stage, page: Page) -> None:
    """The Tab key stops at one row; arrows move it, Enter opens, and the row says that it is current."""
    await stage.report(problem("first", severity=Severity.CRITICAL), problem("second", device_ip="10.1.1.2"))
    await expect(page.locator("tr.row[tabindex='0']")).to_have_count(1)
    await page.locator("#search").focus()
    while not await page.evaluate("document.activeElement.matches('tr.row')"):
        await page.keyboard.press("Tab")
    await expect(page.locator("tr.row:focus")).to_contain_text("first")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("tr.row:focus")).to_contain_text("second")
    await expect(page.locator("tr.row:focus")).to_have_attribute("aria-current", "true")
    await page.keyboard.press("Enter")
    await expect(page.locator("#detail h2")).to_have_text("second")
