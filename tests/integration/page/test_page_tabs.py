"""Many tabs, requests without an answer, and the page's messages about them."""

import asyncio

from playwright.async_api import Browser, Page, Route, expect

from tests.support.api.api_stage import Caller, Stage, problem
from tests.support.page.page_stage import connector, log_in, tab

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]

MANY = 8
"""A browser opens six connections to one server over HTTP/1.1."""


async def never(_route: Route) -> None:
    """Leave a request without an answer."""


async def test_many_tabs_share_one_feed_and_all_of_them_work(
    stage: Stage, page: Page, operator: Caller
) -> None:
    """Eight tabs hold one feed; each shows what comes, and each can still ask and act."""
    tabs = [page, *[await tab(page.context, operator.url) for _ in range(MANY - 1)]]
    assert len(stage.feed._queues) == 1
    (alert,) = await stage.report(problem("for everyone"))
    for one in tabs:
        await expect(one.locator("tr.row")).to_contain_text("for everyone")
    await tabs[-1].locator("tr.row").click()
    await tabs[-1].get_by_role("button", name="Acknowledge", exact=True).click()
    for one in tabs:
        await expect(one.locator(f"tr[data-id='{alert.id}']")).to_contain_text("the operator")
    await tabs[0].close()
    await stage.report(problem("afterwards", device_ip="10.1.1.2"))
    await expect(tabs[1].locator("tr.row", has_text="afterwards")).to_be_visible()


async def test_without_shared_workers_only_tabs_that_are_seen_hold_a_feed(
    stage: Stage, browser: Browser, operator: Caller
) -> None:
    """The fallback is a feed of the tab's own; it is live, and shows what comes."""
    page = await browser.new_page()
    await page.add_init_script("delete window.SharedWorker")
    await log_in(page, operator)
    await stage.report(problem("alone"))
    await expect(page.locator("tr.row")).to_contain_text("alone")
    assert len(stage.feed._queues) == 1
    await page.evaluate(
        "Object.defineProperty(document, 'hidden', { value: true, configurable: true });"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    await stage.report(problem("in the background", device_ip="10.1.1.2"))
    await page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    await expect(page.locator("tr.row", has_text="in the background")).to_be_visible()


async def test_a_list_without_answer_is_reported_and_read_again(stage: Stage, page: Page) -> None:
    """After ten seconds a banner says why and from when the list is, though the feed is there."""
    await stage.report(problem("before"))
    await expect(page.locator("tr.row")).to_have_count(1)
    await page.route("**/api/v1/alerts?*", never)
    await stage.report(problem("meanwhile", device_ip="10.1.1.2"))
    await expect(page.locator("#stale")).to_contain_text("no answer within 10 s")
    await expect(page.locator("#stale")).to_contain_text("What you see is from")
    await expect(page.locator("#live")).to_have_text("Not live")
    await page.unroute("**/api/v1/alerts?*")
    await expect(page.locator("#stale")).to_be_hidden()
    await expect(page.locator("tr.row")).to_have_count(2)
    await expect(page.locator("#live")).to_have_text("Live")


async def test_a_command_without_answer_is_reported_and_never_run_later(stage: Stage, page: Page) -> None:
    """The page gives up in time and says what that means; what the network delivers later changes nothing."""
    held: list[Route] = []

    async def hold(route: Route) -> None:
        held.append(route)

    await stage.report(problem("stuck"))
    await page.locator("tr.row").click()
    await page.route("**/acknowledge", hold)
    await page.keyboard.press("a")
    await expect(page.locator(".toast.bad")).to_contain_text("it will not be done")
    (route,) = held
    sent = route.request
    late = await page.context.request.post(
        sent.url,
        data=sent.post_data,
        headers={"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"},
    )
    assert late.status == 409
    assert "was not executed" in await late.text()
    assert await stage.pool.fetchval("SELECT status FROM alerts") == "active"


async def test_an_unreadable_alert_is_reported(stage: Stage, page: Page) -> None:
    """The pane says why, and tries again when asked."""
    await stage.report(problem("unreadable"))
    await page.route("**/why", lambda route: route.abort())
    await page.locator("tr.row").click()
    await expect(page.locator("#detail")).to_contain_text("OpsConductor does not answer")
    await page.unroute("**/why")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator("#detail h2")).to_have_text("unreadable")


async def test_buttons_wait_for_the_alert_that_is_chosen(stage: Stage, page: Page) -> None:
    """While the next alert is read, the pane shows the one before it, to which its buttons do nothing."""
    answer_now = asyncio.Event()

    async def hold(route: Route) -> None:
        await answer_now.wait()
        await route.continue_()

    await stage.report(problem("first"), problem("second", device_ip="10.1.1.2"))
    await page.locator("tr.row", has_text="first").click()
    await expect(page.locator("#detail h2")).to_have_text("first")
    await page.route("**/why", hold)
    await page.locator("tr.row", has_text="second").click()
    await expect(page.locator("#detail.is-reading h2")).to_have_text("first")
    button = page.get_by_role("button", name="Acknowledge", exact=True)
    await button.evaluate("(one) => one.click()")  # as Enter does on a button that has the focus
    click = asyncio.create_task(button.click())
    answer_now.set()
    await click
    await expect(page.locator("tr.chosen")).to_contain_text("the operator")
    rows = await stage.pool.fetch("SELECT title FROM alerts WHERE status = 'acknowledged'")
    assert [row["title"] for row in rows] == ["second"]


async def test_a_logout_in_one_tab_applies_to_all(stage: Stage, page: Page, operator: Caller) -> None:
    """The next request of another tab leads to the log-in."""
    stage.desk.known = [connector("traps")]
    other = await tab(page.context, operator.url)
    await page.locator("#leave").click()
    await page.locator("#log-out").click()
    await expect(page.locator("#login-key")).to_be_visible()
    await stage.report(problem("afterwards"))
    await expect(other.locator("#login-key")).to_be_visible()
