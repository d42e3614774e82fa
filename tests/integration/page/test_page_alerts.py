"""The alert list and the pane of an alert in a real browser: filters, selection, views, history, wall."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page, Route, expect

from opsconductor.config.settings import EngineSettings
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.enums import Severity, Status
from opsconductor.model.inventory.device import Device
from opsconductor.store.commit.commit import commit
from tests.support.api.api_stage import DOWNSTREAM, UPSTREAM, Caller, Stage, problem
from tests.support.page.page_stage import log_in, violations
from tests.support.store.stored import a_creation, an_alert

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]

HOSTILE = "<img src=x onerror=\"document.title='owned'\">"


async def use_sites(stage: Stage) -> None:
    """Put three devices into the inventory: two in Lyon, of which one has a hostile name, one in Oslo."""
    devices = tuple(
        Device(id=uuid4(), ip_address=address, name=name, site=site, role="core", model="ASR 9001")
        for address, name, site in (
            ("10.1.1.1", "lyon-1", "Lyon"),
            ("10.1.1.2", HOSTILE, "Lyon"),
            ("10.1.1.3", "oslo-1", "Oslo"),
        )
    )
    stage.inventory = InventorySnapshot(devices, stage.inventory.dependencies)
    settings = EngineSettings(settle_time=timedelta(0))
    await stage._keep(stage.engine.reconfigure(settings, stage.inventory, (), datetime.now(UTC)))


async def test_a_selection_is_changed_at_once_and_put_back(
    stage: Stage, page: Page, operator: Caller
) -> None:
    """Selected by x, shift-click and the box of all; a failure is named with the reason; Undo reverts."""
    await stage.report(
        *(problem(f"alert {n}", device_ip=f"10.1.1.{n}", severity=Severity.MAJOR) for n in range(5))
    )
    rows = page.locator("tr.row")
    await expect(rows).to_have_count(5)
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await rows.nth(3).locator(".c-sel input").click(modifiers=["Shift"])
    await expect(page.locator("#selected")).to_have_text("4 selected")
    await stage.report(problem("arrives", device_ip="10.1.1.9", severity=Severity.CRITICAL))
    await expect(page.locator("#news")).to_be_visible()
    await page.keyboard.press(".")
    await expect(page.locator("tr.selected")).to_have_count(4)
    chosen = await page.locator("tr.selected").evaluate_all("rows => rows.map((row) => row.dataset.id)")
    publish, stage.feed.publish = stage.feed.publish, lambda _changes: None  # type: ignore[method-assign]
    await operator.post(f"/alerts/{chosen[0]}/acknowledge")
    stage.feed.publish = publish  # type: ignore[method-assign]
    await page.keyboard.press("a")
    await expect(page.locator("#report")).to_contain_text("1 alert was not acknowledged")
    await expect(page.locator("#report li")).to_contain_text("is acknowledged")
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    await expect(page.locator("tr.st-acknowledged")).to_have_count(4)
    await page.get_by_role("button", name="Undo").click()
    await expect(page.locator("tr.st-acknowledged")).to_have_count(1)
    await page.locator("#select-all").click()
    await expect(page.locator("#selected")).to_have_text("All 6 that match")
    await page.locator("[data-bulk=assign]").click()
    await page.locator("#ask-person").fill("anna")
    await page.keyboard.press("Enter")
    await expect(page.locator(".toast", has_text="6 alerts assigned")).to_be_visible()
    assert {each.assigned_to for each in stage.engine.open_alerts()} == {"anna"}
    await page.locator(".toast", has_text="6 alerts assigned").get_by_role("button", name="Undo").click()
    await expect(page.locator(".toast", has_text="6 alerts are as before")).to_be_visible()
    assert {each.assigned_to for each in stage.engine.open_alerts()} == {None}
    before = {each.id: (each.status, each.acknowledged_by) for each in stage.engine.open_alerts()}
    await rows.and_(page.locator(":not(.st-acknowledged)")).nth(1).locator(".c-sel input").click()
    await rows.and_(page.locator(".st-acknowledged")).locator(".c-sel input").click()
    await page.keyboard.press("r")
    await page.keyboard.press("Enter")
    resolved = page.locator(".toast", has_text="2 alerts resolved")
    await resolved.get_by_role("button", name="Undo").click()
    await expect(page.locator(".toast", has_text="2 alerts are as before")).to_be_visible()
    assert before == {each.id: (each.status, each.acknowledged_by) for each in stage.engine.open_alerts()}
    await page.goto(f"{operator.url}/alerts?status=acknowledged")
    await expect(rows).to_have_count(1)
    await expect(page.locator("#chips .filter")).to_contain_text("acknowledged")
    await page.locator("[data-view=open]").click()
    await expect(rows).to_have_count(6)


async def test_a_view_is_an_address_and_can_be_saved(stage: Stage, page: Page) -> None:
    """A suggestion becomes a filter in the address; Back removes it; views are saved; sites are groups."""
    await use_sites(stage)
    await stage.report(
        problem("one", device_ip="10.1.1.1", severity=Severity.CRITICAL),
        problem("two", device_ip="10.1.1.2", device_name="lyon-distribution-switch-017"),
        problem("three", device_ip="10.1.1.3"),
    )
    await expect(page.locator("tr.row")).to_have_count(3)
    await page.keyboard.press("/")
    await page.keyboard.type("lyo")
    await expect(page.locator("#suggestions li").first).to_contain_text("Lyon")
    is_cut = "([...all]) => all.some((each) => each.scrollWidth > each.clientWidth)"
    assert not await page.locator("#suggestions span").evaluate_all(is_cut)
    assert await violations(page) == []
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("tr.row .title")).to_have_text(["one", "two"])
    await expect(page.locator("#chips .filter")).to_contain_text("Lyon")
    assert page.url.endswith("?site=Lyon")
    await page.get_by_role("button", name="Filter", exact=True).click()
    await page.locator("#filter-name").select_option("from")
    await page.locator("#filter-value").select_option("-24h")
    assert await violations(page) == []
    await page.get_by_role("button", name="Add the filter").click()
    await expect(page.locator("#chips .filter")).to_have_count(2)
    await page.locator("[data-severity=critical]").click()
    await expect(page.locator("tr.row .title")).to_have_text(["one"])
    await page.get_by_role("button", name="Views").click()
    await page.fill("#saved-name", HOSTILE)
    await page.keyboard.press("Enter")
    await expect(page.locator("#saved-list .open")).to_have_text(HOSTILE)
    await page.keyboard.press("Escape")
    await page.go_back()
    await expect(page.locator("tr.row")).to_have_count(2)
    await page.locator("#reset").click()
    await expect(page.locator("tr.row")).to_have_count(3)
    await page.get_by_role("button", name="Views").click()
    await page.locator("#saved-list .open").click()
    await expect(page.locator("tr.row .title")).to_have_text(["one"])
    await page.reload()
    await expect(page.locator("#chips .filter")).to_have_count(2)
    await page.goto(f"{page.url.partition('?')[0]}?group=site")
    await expect(page.locator("tr.group")).to_have_count(2)
    await page.locator("tr.group", has_text="Oslo").locator("button").click()
    await expect(page.locator("tr.row .title")).to_have_text(["three"])
    await stage.report(problem("four", device_ip="10.1.1.4"))
    nowhere = page.locator("tr.group", has_text="No site in the inventory")
    await nowhere.locator("button").click()
    await expect(page.locator("tr.row .title")).to_have_text(["three", "four"])
    await page.goto(f"{page.url.partition('?')[0]}?without=site")
    await expect(page.locator("#chips .filter")).to_contain_text("Withoutsite")
    await expect(page.locator("tr.row .title")).to_have_text(["four"])
    assert await violations(page) == []
    assert "owned" not in await page.title()


async def test_choices_for_a_browser_are_kept(stage: Stage, page: Page) -> None:
    """Theme, density and columns are as chosen after a reload; in high contrast axe finds nothing."""
    await stage.report(problem("one", severity=Severity.CRITICAL), problem("two", device_ip="10.1.1.2"))
    while await page.evaluate("document.documentElement.dataset.theme") != "contrast":
        await page.locator("#theme").click()
    await page.get_by_role("button", name="Display").click()
    await page.locator("#density").select_option("compact")
    await page.get_by_label("Source", exact=True).check()
    assert await violations(page) == []
    await page.reload()
    row = page.locator("tr.row").first
    await expect(row.locator(".c-source")).to_have_text("traps")
    assert (await row.bounding_box() or {})["height"] == 32
    await row.click()
    await expect(page.locator("#detail h2")).to_have_text("one")
    assert await violations(page) == []


async def test_an_alert_shows_its_history(stage: Stage, page: Page) -> None:
    """Deliveries are in the history, causes in a graph, earlier ones below; its device can be silenced."""
    await use_sites(stage)
    await stage.use_rule("page the NOC", Severity.CRITICAL)
    cause, *_ = await stage.report(
        problem("the cause", device_ip=UPSTREAM, is_cutting=True, severity=Severity.CRITICAL),
        problem("an effect", device_ip=DOWNSTREAM),
    )
    ended = {"status": Status.RESOLVED, "resolved_at": datetime.now(UTC), "resolved_by": "anna"}
    await commit(stage.pool, a_creation(an_alert(fingerprint=cause.fingerprint, **ended)))
    await page.goto(f"{page.url}alerts/{cause.id}")
    story = page.locator("#detail .timeline")
    await expect(story).to_contain_text("Notified: noc@example.net over noc-mail")
    await expect(story).to_contain_text("waits to be delivered")
    await expect(page.locator("#detail .past")).to_contain_text("ended by anna")
    await expect(page.locator("#detail .about-device")).to_contain_text(UPSTREAM)
    assert await violations(page) == []
    await page.locator("#detail .graph a").click()
    await expect(page.locator("#detail h2")).to_have_text("an effect")
    await page.locator("#detail .graph a", has_text="the cause").click()
    await expect(page.locator("#detail h2")).to_have_text("the cause")
    await page.get_by_role("button", name="Silence this device for 2 h").click()
    await page.keyboard.press("Enter")
    await expect(page.locator("tr.chosen .mark.muted")).to_contain_text("not notified")
    await page.get_by_role("button", name="Undo").click()
    await expect(page.locator("tr.chosen .mark.muted")).to_be_hidden()


async def test_without_the_feed_the_list_is_polled(stage: Stage, browser: Browser, operator: Caller) -> None:
    """While only the feed is cut off the page says so, and still shows what is new."""
    page = await browser.new_page()
    await page.add_init_script("delete window.SharedWorker")
    await page.route("**/alerts/stream", lambda route: route.abort())
    await page.goto(operator.url)
    await page.fill("#login-key", str(operator.key))
    await page.keyboard.press("Enter")
    await expect(page.locator("#stale")).to_contain_text("The list is read every 5 seconds")
    await stage.report(problem("meanwhile"))
    await expect(page.locator("tr.row")).to_contain_text("meanwhile")
    await expect(page.locator("#live")).to_have_text("Not live")


async def test_back_closes_an_open_alert(stage: Stage, page: Page) -> None:
    """On a phone the alert hides the list: Back leads to it, not off the page; closing adds no step."""
    await stage.report(problem("one"), problem("two", device_ip="10.1.1.2"))
    await page.set_viewport_size({"width": 390, "height": 844})
    detail, rows = page.locator("#detail"), page.locator("tr.row")
    await rows.first.click()
    await expect(detail).to_be_visible()
    await page.go_back()
    await expect(detail).to_be_hidden()
    await expect(rows).to_have_count(2)
    assert "alert=" not in page.url
    await rows.first.click()
    await expect(detail).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(detail).to_be_hidden()
    await page.go_forward()
    await expect(detail).to_be_visible()
    await page.go_back()
    await expect(detail).to_be_hidden()
    assert "alert=" not in page.url


@pytest.mark.parametrize("width", [1920, 390])
async def test_the_wall_shows_sites_and_whether_it_is_alive(
    stage: Stage, browser: Browser, operator: Caller, width: int
) -> None:
    """A tile for each site with its worst severity, quiet ones too; without answers it is not live."""
    await use_sites(stage)
    _, taken = await stage.report(
        problem("one", device_ip="10.1.1.2", severity=Severity.CRITICAL),
        problem("taken", device_ip="10.1.1.2", resource="fan"),
    )
    await operator.post(f"/alerts/{taken.id}/acknowledge")
    page = await browser.new_page(viewport={"width": width, "height": 1080})
    await log_in(page, operator)
    await page.goto(f"{operator.url}/wall")
    await expect(page.locator(".tile.sev-critical")).to_contain_text("Lyon")
    await expect(page.locator(".tile.quiet")).to_contain_text("Oslo")
    await expect(page.locator(".wall-worst")).to_contain_text(HOSTILE)
    await expect(page.locator(".wall-worst .st-acknowledged")).to_contain_text("acknowledged by")
    await expect(page.locator(".wall-feed.alive")).to_be_visible()
    await expect(page.locator(".top")).to_be_hidden()
    assert await violations(page) == []
    await stage.report(problem("two", device_ip="10.1.1.3", severity=Severity.MAJOR))
    await expect(page.locator(".tile.sev-major")).to_contain_text("Oslo")

    async def gone(route: Route) -> None:
        await route.abort()

    await page.route("**/api/v1/alerts*", gone)
    await page.route("**/api/v1/alerts/stats*", gone)
    await stage.report(problem("three", device_ip="10.1.1.3", resource="x"))
    await expect(page.locator(".wall-feed.dead")).to_contain_text("Not live")
    assert await violations(page) == []
    await page.unroute_all()
    await expect(page.locator(".wall-feed.alive")).to_be_visible()
