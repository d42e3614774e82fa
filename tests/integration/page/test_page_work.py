"""Operators at work in the list: colleagues, a stable cursor, new alerts that wait, the empty list."""

import asyncio
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from aiohttp import ClientSession
from playwright.async_api import Browser, Page, Route, expect

from opsconductor.model.enums import ConnectorStatus, Severity
from opsconductor.store.access.keys import create_key
from tests.support.api.api_stage import Caller, Stage, problem
from tests.support.page.page_stage import connector, log_in

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]

ROWS = "tr.row .title"


async def rows_of(page: Page, *titles: str) -> None:
    """Wait until the list holds exactly these rows, in this order."""
    await expect(page.locator(ROWS)).to_have_text(list(titles))


async def two_alerts(stage: Stage, page: Page) -> None:
    """Show two alerts, the worse first, and put the cursor on the second."""
    await stage.report(problem("first", severity=Severity.CRITICAL), problem("second", device_ip="10.1.1.2"))
    await rows_of(page, "first", "second")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await expect(page.locator("tr.chosen")).to_contain_text("second")


async def test_what_a_colleague_has_just_taken_is_named_and_kept(
    stage: Stage, page: Page, http: ClientSession, operator: Caller
) -> None:
    """With an outdated list on the screen, a and u change nothing and show who has acknowledged and when."""
    await stage.report(problem("taken"))
    await page.locator("tr.row").click()
    alert_id = await page.locator("tr.row").get_attribute("data-id")
    anna = Caller(http, operator.url, await create_key(stage.pool, name="anna", role="operator"))
    publish, stage.feed.publish = stage.feed.publish, lambda _changes: None  # type: ignore[method-assign]
    assert (await anna.post(f"/alerts/{alert_id}/acknowledge")).status == 200
    stage.feed.publish = publish  # type: ignore[method-assign]
    await page.keyboard.press("a")
    await expect(page.locator(".toast.bad")).to_contain_text("Acknowledged by anna since")
    await expect(page.locator("tr.chosen")).to_contain_text("anna")
    await page.keyboard.press("a")
    await expect(page.locator(".toast", has_text="Press u to unacknowledge it")).to_be_visible()
    assert await stage.pool.fetchval("SELECT acknowledged_by FROM alerts") == "anna"
    await page.keyboard.press("u")
    await expect(page.locator("#ask h2")).to_have_text("Withdraw the acknowledgement of anna?")
    await page.keyboard.press("Escape")
    assert await stage.pool.fetchval("SELECT acknowledged_by FROM alerts") == "anna"


async def test_a_note_of_a_colleague_is_shown_in_the_open_pane(
    stage: Stage, page: Page, http: ClientSession, operator: Caller
) -> None:
    """The history of an alert that is open on one screen follows what is noted on another."""
    await stage.report(problem("noted"))
    await page.locator("tr.row").click()
    alert_id = await page.locator("tr.row").get_attribute("data-id")
    story = page.locator("#detail .timeline")
    await expect(story).to_be_visible()
    anna = Caller(http, operator.url, await create_key(stage.pool, name="anna", role="operator"))
    assert (await anna.post(f"/alerts/{alert_id}/notes", {"notes": "spare part ordered"})).status == 200
    await expect(story).to_contain_text("spare part ordered")


async def test_taking_and_giving_back_are_two_keys(stage: Stage, page: Page) -> None:
    """A takes, a again changes nothing, u gives back, u again changes nothing."""
    await stage.report(problem("mine"))
    await page.locator("tr.row").click()
    await page.keyboard.press("a")
    await expect(page.locator("tr.chosen")).to_contain_text("acknowledged")
    await page.keyboard.press("a")
    await expect(page.locator(".toast", has_text="Acknowledged by you since")).to_be_visible()
    await page.keyboard.press("u")
    await expect(page.locator("tr.chosen .chip")).to_have_text("active")
    await page.keyboard.press("u")
    await expect(page.locator(".toast", has_text="It is not acknowledged")).to_be_visible()
    actions = await stage.pool.fetch(
        "SELECT action FROM alert_history WHERE user_name IS NOT NULL ORDER BY created_at, id"
    )
    assert [row["action"] for row in actions] == ["acknowledged", "unacknowledged"]


async def test_a_command_given_before_the_last_one_is_answered_is_carried_out_after_it(
    stage: Stage, page: Page
) -> None:
    """The feed shows the acknowledgement while its answer is held back; u waits for the answer, then acts."""
    answer_now = asyncio.Event()

    async def hold_back(route: Route) -> None:
        """Forward the request, and hold its answer back until the test wants it."""
        answer = await route.fetch()
        await answer_now.wait()
        await route.fulfill(response=answer)

    await page.route("**/acknowledge", hold_back)
    await stage.report(problem("mine"))
    await page.locator("tr.row").click()
    await page.keyboard.press("a")
    await expect(page.locator("tr.chosen .chip")).to_have_text("acknowledged")
    await page.keyboard.press("u")
    answer_now.set()
    await expect(page.locator("tr.chosen .chip")).to_have_text("active")
    async with asyncio.timeout(10):
        while await stage.pool.fetchval("SELECT status::text FROM alerts") != "active":
            await asyncio.sleep(0.05)


async def test_rows_stay_under_the_cursor_until_the_news_are_wanted(stage: Stage, page: Page) -> None:
    """A new critical alert is announced in a bar; `.` shows it, and the cursor is still on its alert."""
    await two_alerts(stage, page)
    await stage.report(problem("news", device_ip="10.1.1.3", severity=Severity.CRITICAL))
    await expect(page.locator("#news")).to_contain_text("1 new critical alert")
    await expect(page.locator("#said")).to_contain_text("1 new critical alert")
    await rows_of(page, "first", "second")
    await page.keyboard.press(".")
    await rows_of(page, "news", "first", "second")
    await expect(page.locator("#news")).to_be_hidden()
    await expect(page.locator("tr.chosen")).to_contain_text("second")


async def test_rows_stay_under_the_pointer(stage: Stage, page: Page) -> None:
    """While the pointer is over the list nothing moves; a click on the bar shows what is new."""
    await stage.report(problem("old"))
    await rows_of(page, "old")
    await page.locator("tr.row").hover()
    await stage.report(problem("new", device_ip="10.1.1.3", severity=Severity.CRITICAL))
    await expect(page.locator("#news")).to_be_visible()
    await rows_of(page, "old")
    await page.locator("#news").click()
    await rows_of(page, "new", "old")


async def test_an_idle_list_updates_by_itself(stage: Stage, page: Page) -> None:
    """On a wall screen new alerts appear in their order, and are announced."""
    await stage.report(problem("old"))
    await rows_of(page, "old")
    await stage.report(problem("new", device_ip="10.1.1.3", severity=Severity.CRITICAL))
    await rows_of(page, "new", "old")
    await expect(page.locator("#said")).to_contain_text("1 new alert: critical")


async def test_the_cursor_keeps_its_place_when_its_alert_is_over(stage: Stage, page: Page) -> None:
    """A resolved alert stays until the list is brought up to date; then the next one has the cursor."""
    await stage.report(
        *(
            problem(f"alert {n}", device_ip=f"10.1.1.{n}", severity=Severity.MAJOR, occurred_at=at(n))
            for n in range(4)
        )
    )
    await rows_of(page, "alert 3", "alert 2", "alert 1", "alert 0")
    for _ in range(2):
        await page.keyboard.press("j")
    await page.keyboard.press("r")
    await page.keyboard.press("Enter")
    await expect(page.locator("tr.chosen")).to_contain_text("resolved")
    await expect(page.locator("#news")).to_contain_text("1 gone")
    await rows_of(page, "alert 3", "alert 2", "alert 1", "alert 0")
    await page.keyboard.press(".")
    await rows_of(page, "alert 3", "alert 1", "alert 0")
    await expect(page.locator("tr.chosen")).to_contain_text("alert 1")


def at(minute: int) -> datetime:
    """Return a time of today's list; a higher number is later."""
    return datetime.now(UTC).replace(microsecond=minute)


@pytest.mark.parametrize(
    ("known", "text"),
    [
        ([], "No source is connected."),
        ([connector("mail", role="channel")], "No source is connected."),
        (
            [connector("prtg", ConnectorStatus.ERROR, error="refuses the connection")],
            "no alert can be received.prtg refuses the connection",
        ),
        (
            [connector("traps"), connector("prtg", ConnectorStatus.ERROR, error="refuses the connection")],
            "But 1 of 2 sources does not work:prtg refuses the connection",
        ),
    ],
)
async def test_an_empty_list_is_good_only_when_all_sources_work(
    stage: Stage, browser: Browser, operator: Caller, known: list[object], text: str
) -> None:
    """An empty list without a source that works is not shown as good, and the page names the fault."""
    stage.desk.known = known  # type: ignore[assignment]
    page = await browser.new_page()
    await log_in(page, operator)
    await expect(page.locator("#empty")).to_contain_text(text)
    await expect(page.locator("#empty")).not_to_contain_text("All sources are connected")


async def test_times_name_their_zone_and_links_are_links(
    stage: Stage, browser: Browser, operator: Caller
) -> None:
    """Clock, facts and history are in the viewer's zone by its name; addresses in messages are links."""
    context = await browser.new_context(timezone_id="America/New_York", locale="en-US")
    page = await context.new_page()
    await log_in(page, operator)
    await stage.report(problem("zoned", message="see https://wiki.example.net/a?b=1. Then call"))
    await expect(page.locator("#clock")).to_contain_text("EDT" if is_summer() else "EST")
    await page.locator("tr.row").click()
    link = page.locator("#detail .message a")
    await expect(link).to_have_attribute("href", "https://wiki.example.net/a?b=1")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    await expect(page.locator("#detail .facts")).to_contain_text("EDT" if is_summer() else "EST")
    await page.reload()
    await expect(page.locator("#detail h2")).to_have_text("zoned")
    await context.close()


def is_summer() -> bool:
    """Return whether New York has daylight saving time now."""
    return bool(datetime.now(ZoneInfo("America/New_York")).dst())


async def test_two_quick_keys_are_one_command(stage: Stage, page: Page) -> None:
    """A second command while the first runs is no conflict with oneself."""
    await stage.report(problem("twice"))
    await page.locator("tr.row").click()
    await asyncio.gather(page.keyboard.press("a"), page.keyboard.press("a"))
    await expect(page.locator("tr.chosen")).to_contain_text("acknowledged")
    await expect(page.locator(".toast.bad")).to_have_count(0)
