"""The operator's page in a real browser, on the real engine and PostgreSQL."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from aiohttp import ClientSession
from playwright.async_api import Browser, Page, expect

from opsconductor.model.enums import Severity
from opsconductor.store.spool.queue import open_spool
from tests.conftest import Cluster
from tests.support.api.api_stage import DOWNSTREAM, UPSTREAM, Caller, Stage, caller, problem, serving
from tests.support.outage import Outage
from tests.support.page.page_stage import log_in

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]

HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


@pytest.fixture
def outage(postgres: Cluster, database_url: str) -> Iterator[Outage]:
    """Way to take the test's database away; it is there again at the end."""
    outage = Outage(postgres, database_url)
    yield outage
    outage.end()


async def test_an_alert_appears_live_and_is_acknowledged(stage: Stage, page: Page) -> None:
    """Committed alerts are shown without reload; a button acknowledges one, in the database too."""
    await expect(page.locator("#empty")).to_have_text("No open alerts. All sources are connected.")
    (alert,) = await stage.report(problem("Link Down - edge-1", severity=Severity.CRITICAL))
    row = page.locator(f"tr[data-id='{alert.id}']")
    await expect(row).to_contain_text("Link Down - edge-1")
    await expect(page.locator("[data-severity=critical] b")).to_have_text("1")
    await row.click()
    await expect(page.locator("#detail h2")).to_have_text("Link Down - edge-1")
    await page.get_by_role("button", name="Acknowledge", exact=True).click()
    await expect(row).to_contain_text("the operator")
    await expect(page.locator("#detail .timeline")).to_contain_text("Acknowledged by the operator")
    assert await stage.pool.fetchval("SELECT acknowledged_by FROM alerts") == "the operator"


async def test_hostile_text_is_shown_and_runs_nothing(stage: Stage, page: Page) -> None:
    """Markup from the network is text in the table, the pane, the notes and the raw data."""
    (alert,) = await stage.report(
        problem(HOSTILE, device_ip="10.1.1.1", resource=HOSTILE, message=HOSTILE, device_name=HOSTILE)
    )
    row = page.locator(f"tr[data-id='{alert.id}']")
    await expect(row.locator(".title")).to_have_text(HOSTILE)
    await row.click()
    await expect(page.locator("#detail h2")).to_have_text(HOSTILE)
    await page.keyboard.press("n")
    await page.keyboard.type(HOSTILE)
    await page.keyboard.press("Enter")
    await expect(page.locator("#detail .note")).to_have_text(HOSTILE)
    assert await page.locator("#app img[src=x], #app script").count() == 0
    assert "owned" not in await page.title()


async def test_links_open_elsewhere_and_no_address_stands_twice(stage: Stage, page: Page) -> None:
    """A web address in the facts is a link without referrer; another scheme is text."""
    fields = {"url": "https://prtg.example/sensor.htm?id=7", "bad": "javascript:alert(1)"}
    await stage.report(problem("Ping", device_ip="10.1.1.1", device_name="10.1.1.1", custom_fields=fields))
    row = page.locator("tr.row")
    await expect(row.locator(".ip")).to_have_text("")
    await row.click()
    link = page.locator("#detail .facts a[target]")
    await expect(link).to_have_attribute("href", fields["url"])
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    await expect(page.locator("#detail .facts")).to_contain_text(fields["bad"])
    await expect(page.locator("#detail .where")).to_have_text("10.1.1.1 · ifIndex=7")


async def test_the_keyboard_does_it_all(stage: Stage, page: Page) -> None:
    """j, k, Enter, a, r, . and / work without the mouse, on the alert that is marked."""
    await stage.report(problem("first", severity=Severity.CRITICAL), problem("second", device_ip="10.1.1.2"))
    await expect(page.locator("tr.row")).to_have_count(2)
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await expect(page.locator("tr.chosen")).to_contain_text("second")
    await page.keyboard.press("a")
    await expect(page.locator("tr.chosen")).to_contain_text("acknowledged")
    await page.keyboard.press("k")
    await page.keyboard.press("Enter")
    await expect(page.locator("#detail h2")).to_have_text("first")
    await page.keyboard.press("r")
    await page.keyboard.type("fibre spliced")
    await page.keyboard.press("Enter")
    await expect(page.locator("tr.chosen")).to_contain_text("resolved")
    await expect(page.locator("#news")).to_contain_text("1 gone")
    await page.keyboard.press(".")
    await expect(page.locator("tr.row")).to_have_count(1)
    assert await stage.pool.fetchval("SELECT status FROM alerts WHERE title = 'first'") == "resolved"
    await page.keyboard.press("Escape")
    await page.keyboard.press("/")
    await page.keyboard.type("nowhere")
    await expect(page.locator("#empty")).to_have_text("No alert matches these filters.")
    assert "search=nowhere" in page.url


async def test_consequences_are_folded_under_their_cause(stage: Stage, page: Page) -> None:
    """The list shows the cause alone, with the number of consequences; e unfolds them."""
    await stage.report(
        problem("the cause", device_ip=UPSTREAM, is_cutting=True),
        *(problem("an effect", device_ip=DOWNSTREAM, resource=f"sensor={n}") for n in range(3)),
    )
    await expect(page.locator("tr.row")).to_have_count(1)
    await expect(page.locator(".fold:visible")).to_have_text("3 consequences")
    await page.keyboard.press("j")
    await page.keyboard.press("e")
    await expect(page.locator("tr.child")).to_have_count(3)
    await page.locator("tr.child").first.click()
    await expect(page.locator("#detail .graph")).to_contain_text("the cause")
    await page.locator(".fold:visible").click()
    await expect(page.locator("tr.child")).to_have_count(0)


async def test_a_page_without_server_says_that_it_is_stale(
    stage: Stage, browser: Browser, operator: Caller
) -> None:
    """While the daemon is away a banner says so; when it is back, missed alerts are there."""
    page = await browser.new_page()
    async with serving(stage) as url:
        port = urlsplit(url).port
        await log_in(page, Caller(operator.http, url, operator.key))
    await expect(page.locator("#stale")).to_contain_text("Connection lost")
    await expect(page.locator("#live")).to_have_text("Not live")
    await stage.report(problem("meanwhile"))
    async with serving(stage, port=port):
        await expect(page.locator("#stale")).to_be_hidden()
        await expect(page.locator("tr.row")).to_contain_text("meanwhile")


async def test_the_page_goes_on_while_the_database_is_away(
    pool: asyncpg.Pool, http: ClientSession, browser: Browser, outage: Outage, tmp_path: Path
) -> None:
    """A calm banner says since when and what waits; alerts come and are acknowledged; then it is gone."""
    async with open_spool(tmp_path) as spool, serving(stage := Stage(pool, spool=spool)) as url:
        assert stage.committer is not None
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        await log_in(page, await caller(stage, http, url, "operator"))
        await stage.report(problem("before", severity=Severity.MINOR))
        await page.locator("tr.row").click()
        await expect(page.locator("#detail .timeline")).to_contain_text("Reported")
        outage.begin()
        banner = page.locator("#database")
        await expect(banner).to_contain_text("Database away since")
        await expect(page.locator("#detail")).to_contain_text("history is shown again when")
        await expect(page.locator("#detail")).to_contain_text("verdicts of the rules are shown again when")
        await expect(page.locator("#live")).to_have_text("Live")
        await stage.report(problem("meanwhile", device_ip="10.1.1.2", severity=Severity.CRITICAL))
        await expect(page.locator("#news")).to_contain_text("1 new critical alert")
        await page.keyboard.press(".")
        await expect(page.locator("tr.row")).to_have_count(2)
        await expect(page.locator("[data-severity=critical] b")).to_have_text("1")
        await expect(banner).to_contain_text("(1 waiting)")
        await page.locator("tr.row", has_text="meanwhile").click()
        await page.get_by_role("button", name="Acknowledge", exact=True).click()
        await expect(page.locator("tr.chosen")).to_contain_text("the operator")
        await expect(banner).to_contain_text("(2 waiting)")
        await page.reload()
        await expect(page.locator("tr.row")).to_have_count(2)
        await expect(banner).to_contain_text("history is not available")
        outage.end()
        await expect(banner).to_contain_text("Database behind since")
        draining = asyncio.create_task(stage.committer.drain_forever())
        await expect(banner).to_be_hidden()
        await page.locator("tr.row", has_text="meanwhile").click()
        await expect(page.locator("#detail .timeline")).to_contain_text("Acknowledged by the operator")
        draining.cancel()
    assert await pool.fetchval("SELECT count(*) FROM alerts") == 2


async def test_who_opens_the_page_during_an_outage_gets_in_when_it_is_over(
    stage: Stage, browser: Browser, operator: Caller, outage: Outage
) -> None:
    """A session that was not seen lately waits at the log-in, which says why, and goes on by itself."""
    first = await browser.new_page()
    await log_in(first, operator)
    async with serving(Stage(stage.pool), port=None) as elsewhere:
        context = await browser.new_context(storage_state=await first.context.storage_state())
        outage.begin()
        page = await context.new_page()
        await page.goto(elsewhere)
        await expect(page.locator("#login-fault")).to_contain_text("is away")
        outage.end()
        await expect(page.locator("#live")).to_have_text("Live")


async def test_ten_thousand_open_alerts_are_one_list(stage: Stage, page: Page) -> None:
    """Of 10,000 open alerts the document holds those in view; any place is a scroll away."""
    await stage.report(*(problem(f"alert {n}", device_ip=f"10.{n >> 8}.{n & 255}.1") for n in range(10_000)))
    await expect(page.locator("#range")).to_contain_text("of 10,000 alerts")
    await page.locator("#scroll").evaluate("list => { list.scrollTop = list.scrollHeight / 2; }")
    await expect(page.locator("#range")).to_contain_text("5,0")
    await expect(page.locator("tr.gap")).to_have_count(0)
    assert await page.locator("tr.row").count() < 60
    row = page.locator("tr.row").nth(20)
    title = await row.locator(".title").text_content()
    await row.locator("input").click()
    await page.locator("#scroll").evaluate("list => { list.scrollTop = list.scrollHeight; }")
    await expect(page.locator("tr.row").last).to_have_attribute("aria-rowindex", "10001")
    await page.locator("#scroll").evaluate("list => { list.scrollTop = list.scrollHeight / 2; }")
    await expect(page.locator("tr.selected .title")).to_have_text(str(title))


async def test_a_wrong_key_is_refused_and_a_viewer_has_no_buttons(
    stage: Stage, browser: Browser, viewer: Caller
) -> None:
    """The log-in shows the fault; a viewer gets no buttons, and a log-out ends the session."""
    await stage.report(problem())
    page = await browser.new_page()
    await page.goto(viewer.url)
    await page.fill("#login-key", "ops_wrong_key")
    await page.keyboard.press("Enter")
    await expect(page.locator("#login-fault")).to_contain_text("unknown, revoked or expired")
    await log_in(page, viewer)
    await page.locator("tr.row").click()
    await expect(page.locator("#detail h2")).to_be_visible()
    assert await page.locator("#detail .actions").count() == 0
    await page.locator("#detail .close").click()
    await page.locator("#leave").click()
    await page.locator("#log-out").click()
    await expect(page.locator("#login-key")).to_be_visible()
    await page.reload()
    await expect(page.locator("#login-key")).to_be_visible()
