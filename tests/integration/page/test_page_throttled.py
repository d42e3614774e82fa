"""The page while requests are refused for a while: the reason, and the alerts again after it."""

from playwright.async_api import Browser, Page, Route, expect

from tests.support.api.api_stage import Caller, Stage, problem
from tests.support.page.page_stage import log_in, violations

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]

REASON = "wall may make 10 requests a minute: wait 12 s before the next"


async def refused(route: Route) -> None:
    """Answer as the API does to a key that has used up its quota."""
    error = {"code": "quota", "message": REASON, "details": []}
    await route.fulfill(status=429, headers={"Retry-After": "12"}, json={"success": False, "error": error})


async def opened(browser: Browser, operator: Caller) -> Page:
    """Open the page with a clock of its own."""
    page = await browser.new_page()
    await page.clock.install()
    await log_in(page, operator)
    return page


async def test_a_reload_while_throttled_says_why_and_comes_back(
    stage: Stage, operator: Caller, browser: Browser
) -> None:
    """The user is not logged out: the reason is at the log-in, and the alerts come back."""
    await stage.report(problem("one"))
    page = await opened(browser, operator)
    await page.route("**/api/v1/**", refused)
    await page.reload()
    await expect(page.locator("#login-fault")).to_have_text(f"{REASON}. Trying again…")
    assert await violations(page) == []
    await page.unroute("**/api/v1/**")
    await page.clock.run_for(6_000)
    await expect(page.locator("tr.row .title")).to_have_text(["one"])
    await expect(page.locator("#live")).to_have_text("Live")


async def test_a_list_that_is_refused_names_the_reason(
    stage: Stage, operator: Caller, browser: Browser
) -> None:
    """Neither is the connection lost, nor are numbers that were not read shown as 0."""
    await stage.report(problem("one"))
    page = await opened(browser, operator)
    for path in ("alerts?*", "alerts/summary", "alerts/stream*"):
        await page.route(f"**/api/v1/{path}", refused)
    await page.reload()
    await expect(page.locator("#stale")).to_contain_text(f"The list cannot be read: {REASON}.")
    await expect(page.locator("[data-severity=critical] b")).to_have_text("\N{EN DASH}")
    assert await violations(page) == []
    for path in ("alerts?*", "alerts/summary", "alerts/stream*"):
        await page.unroute(f"**/api/v1/{path}")
    await page.clock.run_for(6_000)
    await expect(page.locator("tr.row .title")).to_have_text(["one"])
    await expect(page.locator("[data-severity=critical] b")).to_have_text("0")
