"""The link in a message opens its alert on the page, in a real browser."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.api.api_stage import Caller, Stage, problem

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]


@pytest.fixture
async def tab(browser: Browser) -> Page:
    """Open a tab without a session."""
    return await browser.new_page()


async def enter(tab: Page, operator: Caller, alert: object) -> None:
    """Follow the link of a message and log in."""
    await tab.goto(f"{operator.url}/?alert={alert}")
    await tab.fill("#login-key", str(operator.key))
    await tab.keyboard.press("Enter")


async def test_the_link_opens_the_alert_after_log_in(stage: Stage, tab: Page, operator: Caller) -> None:
    """The log-in keeps the link; with a session the alert opens at once."""
    alert, _ = await stage.report(problem("Link Down"), problem("Fan Failed", device_ip="10.1.1.2"))
    await enter(tab, operator, alert.id)
    await expect(tab.locator("#detail h2")).to_have_text("Link Down")
    await tab.reload()
    await expect(tab.locator("#detail h2")).to_have_text("Link Down")


async def test_the_link_opens_a_closed_alert(stage: Stage, tab: Page, operator: Caller) -> None:
    """A message read in the morning leads to the alert though the list shows it no more."""
    (alert,) = await stage.report(problem("Link Down"))
    await stage.report(problem("Link Up", is_clear=True))
    await enter(tab, operator, alert.id)
    await expect(tab.locator("#detail .chip")).to_have_text("resolved")
    await expect(tab.locator("#detail h2")).to_have_text("Link Down")
    await expect(tab.locator("tr.row")).to_have_count(0)


async def test_a_link_to_no_alert_says_so(tab: Page, operator: Caller) -> None:
    """An alert that has been deleted, or a damaged link: the list is usable and the reason is shown."""
    await enter(tab, operator, "00000000-0000-0000-0000-000000000000")
    await expect(tab.locator("#live")).to_have_text("Live")
    await expect(tab.get_by_text("no alert", exact=False).first).to_be_visible()
