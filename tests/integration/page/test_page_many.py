"""Many alerts in a real browser: what a command on all of them asks, what covers what, and large numbers."""

import asyncio
from http import HTTPStatus

from playwright.async_api import Browser, Locator, Page, Route, expect

from opsconductor.model.enums import Severity
from tests.support.api.api_stage import Caller, Stage, problem
from tests.support.page.page_stage import log_in

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]


async def report_many(stage: Stage, amount: int) -> None:
    """Open alerts of as many devices."""
    await stage.report(
        *(
            problem(f"alert {n}", device_ip=f"10.{n >> 8}.{n & 255}.1", severity=Severity.MAJOR)
            for n in range(amount)
        )
    )


async def covers(one: Locator, other: Locator) -> bool:
    """Return True if two elements overlap."""
    first, second = await one.bounding_box(), await other.bounding_box()
    assert first is not None
    assert second is not None
    return not (
        first["y"] + first["height"] <= second["y"]
        or second["y"] + second["height"] <= first["y"]
        or first["x"] + first["width"] <= second["x"]
        or second["x"] + second["width"] <= first["x"]
    )


async def test_a_command_on_all_asks_for_as_many_as_it_changes(stage: Stage, page: Page) -> None:
    """More than 1,000 alerts: the question names the most urgent ones, which are all that is changed."""
    await report_many(stage, 1_001)
    await expect(page.locator("#range")).to_contain_text("of 1,001 alerts")
    await page.locator("#select-all").click()
    await page.keyboard.press("r")
    question = page.locator("#ask h2")
    await expect(question).to_have_text("Resolve the 1,000 most urgent of 1,001 alerts?")
    await page.locator("#ask [value=yes]").click()
    await expect(page.locator(".toast")).to_contain_text("1,000 alerts resolved. 1 more matches")


async def test_what_was_done_does_not_cover_what_can_be_done(
    stage: Stage, browser: Browser, operator: Caller
) -> None:
    """With a selection, what has happened is shown above its buttons; on a phone too."""
    await report_many(stage, 3)
    for width, height in ((1440, 900), (390, 844)):
        page = await browser.new_page(viewport={"width": width, "height": height})
        await log_in(page, operator)
        boxes = page.locator("tr.row input[type=checkbox]")
        await boxes.nth(0).check()
        await page.locator("#bulk [data-bulk=acknowledge]").click()
        await expect(page.locator(".toast")).to_contain_text("acknowledged")
        await boxes.nth(1).check()
        await expect(page.locator("#bulk")).to_be_visible()
        assert not await covers(page.locator(".toast"), page.locator("#bulk"))
        await page.get_by_role("button", name="Undo").click()
        await expect(page.locator("tr.st-acknowledged")).to_have_count(0)
        await page.close()


async def test_large_numbers_stay_beside_their_signs_on_a_phone(
    stage: Stage, browser: Browser, operator: Caller
) -> None:
    """Thousands of alerts do not break the line of the counts by severity."""
    await report_many(stage, 1_200)
    page = await browser.new_page(viewport={"width": 390, "height": 844})
    await log_in(page, operator)
    await expect(page.locator("[data-severity=major] b")).to_have_text("1,200")
    heights = [
        (await page.locator(f"[data-severity={name}] b").bounding_box() or {})["height"]
        for name in ("critical", "major")
    ]
    assert heights[0] == heights[1]


async def test_a_session_that_has_ended_is_named(stage: Stage, page: Page) -> None:
    """The log-in says why it is shown, whoever notices first: a command or the page by itself."""
    await report_many(stage, 1)
    await page.locator("tr.row").click()
    await page.context.clear_cookies()
    await page.keyboard.press("a")
    await expect(page.locator("#login-fault")).to_have_text("Your session has ended: log in again.")


async def test_a_late_answer_to_the_session_before_ends_no_other(
    stage: Stage, page: Page, operator: Caller
) -> None:
    """A request that was under way at the log-out is refused after the next log-in, which stays."""
    await report_many(stage, 1)
    late: asyncio.Queue[Route] = asyncio.Queue()
    await page.route("**/related", late.put, times=1)
    await page.locator("tr.row").click()
    answer = await late.get()
    await page.locator("#leave").click()
    await page.locator("#log-out").click()
    await page.locator("#login-key").fill(str(operator.key))
    await page.keyboard.press("Enter")
    await expect(page.locator("#leave")).to_be_visible()
    async with page.expect_response(answer.request.url):
        await answer.fulfill(status=HTTPStatus.UNAUTHORIZED, json={"success": False})
    async with page.expect_response("**/why") as next_one:
        await page.keyboard.press("Escape")
        await page.locator("tr.row").click()
    assert (await next_one.value).ok
    await expect(page.locator("#leave")).to_be_visible()


async def test_a_flood_is_announced_with_its_number(stage: Stage, page: Page) -> None:
    """Only the first 100 of the list are read again; the number is by how much the list has grown."""
    await report_many(stage, 3)
    await expect(page.locator("#range")).to_have_text("3 alerts")
    await page.keyboard.press("j")
    flood = [
        problem(f"flood {n}", device_ip=f"10.9.{n >> 8}.{n & 255}", severity=Severity.CRITICAL)
        for n in range(250)
    ]
    await stage.report(*flood[:249])
    news = page.locator("#news")
    await expect(news).to_contain_text("at least 249 new alerts, critical ones among them")
    await stage.report(flood[249])
    await expect(news).to_contain_text("at least 250 new alerts")
    await page.keyboard.press(".")
    await expect(news).to_be_hidden()
    await expect(page.locator("#range")).to_contain_text("of 253 alerts")
    await stage.report(problem("one more", device_ip="10.10.0.1", severity=Severity.CRITICAL))
    await expect(news).to_contain_text("1 new critical alert")
