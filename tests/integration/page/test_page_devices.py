"""The Devices section of the page in a real browser: list, device, graph, dependencies."""

from typing import Literal

import pytest
from aiohttp import ClientSession
from playwright.async_api import Browser, Page, expect

from opsconductor.app.configuring.loading import read_inventory
from opsconductor.model.enums import Severity
from tests.support.api.api_stage import Caller, Stage, caller, problem
from tests.support.api.network_scene import Network, cut, device, need, network, use_network
from tests.support.page.page_stage import connector, log_in, violations

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]

HOSTILE = "<img src=x onerror=\"document.title='owned'\">/%2F"
DIST, LEAF, UPS = "10.1.0.1", "10.1.1.1", "10.1.0.2"


async def open_at(stage: Stage, browser: Browser, someone: Caller, path: str, **options: object) -> Page:
    """Log in and open an address of the page; no script may fail meanwhile."""
    stage.desk.known = [connector("traps")]
    page = await browser.new_page(**options)  # type: ignore[arg-type]
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    await log_in(page, someone)
    await page.goto(f"{someone.url}{path}")
    return page


async def test_devices_are_found_silenced_and_drawn_with_what_cuts_them_off(
    stage: Stage, browser: Browser, operator: Caller
) -> None:
    """Filters are the address; the graph follows the alerts and the keyboard; silence is undone."""
    await use_network(stage, network(2, 5))
    page = await open_at(stage, browser, operator, "/devices", viewport={"width": 1280, "height": 900})
    rows = page.locator("table.data tbody tr")
    await expect(rows).to_have_count(16)
    names = "[...document.querySelectorAll('.data td:first-child a')].map((each) => each.offsetHeight)"
    assert max(await page.evaluate(names)) < 30  # pixels: on one line, beside a column with free space
    await cut(stage, DIST)
    await page.get_by_role("button", name="State").click()
    await expect(rows.first).to_contain_text("dist-01-berlin")
    await expect(rows.first).to_contain_text("critical 1 alert")
    await page.get_by_label("Name or address").fill("10.1.1.")
    await expect(rows).to_have_count(5)
    assert page.url.endswith("/devices?sort=severity&search=10.1.1.")
    await page.get_by_role("search", name="Devices").get_by_label("Site").select_option("south")
    await expect(page.get_by_text("No device matches.")).to_be_visible()
    await page.goto(f"{operator.url}/devices?site=north")
    await page.get_by_role("link", name="Graph of north").click()
    await expect(page.locator(".drawing .node")).to_have_count(9)
    await page.goto(f"{operator.url}/devices/dist-01-berlin")
    await page.get_by_role("tab", name="Dependencies").click()
    nodes = page.locator(".drawing .node")
    await expect(nodes).to_have_count(8)
    await expect(page.locator(".drawing .node.cut-off")).to_have_count(5)
    assert await page.locator(".drawing .edge.cut").count() == 1
    await page.locator(".drawing .node.focus").focus()
    await page.keyboard.press("ArrowRight")
    focused = page.locator(".drawing .node:focus")
    await expect(focused).to_have_attribute("aria-label", "access-01-003, cut off")
    await page.keyboard.press("ArrowDown")
    await expect(focused).to_have_attribute("data-key", "10.1.1.4")
    before = await page.locator(".drawing > svg").get_attribute("viewBox")
    await page.keyboard.press("+")
    await expect(page.locator(".drawing > svg")).not_to_have_attribute("viewBox", str(before))
    await stage.report(
        problem("ok", device_ip=DIST, resource="", alert_type="network_unreachable", is_clear=True)
    )
    await expect(page.locator(".drawing .node.cut-off")).to_have_count(0)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="access-01-004")).to_be_visible()
    await page.get_by_role("button", name="Silence for 2 h").click()
    await expect(page.get_by_text("Muted: maintenance")).to_be_visible()
    await page.locator(".toast").get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("Muted: maintenance")).to_be_hidden()
    await page.get_by_role("tab", name="History").click()
    await expect(page.get_by_text("No alert yet.")).to_be_visible()


@pytest.mark.parametrize(("theme", "width"), [("dark", 1280), ("light", 390)])
async def test_every_view_is_accessible_and_what_devices_call_themselves_is_text(
    stage: Stage, browser: Browser, operator: Caller, theme: Literal["dark", "light"], width: int
) -> None:
    """Hostile names, sites and titles in list, device, graph, table and preview; axe finds nothing."""
    hostile = device("10.66.0.1", HOSTILE, site=HOSTILE, tags=(HOSTILE,), custom_fields={HOSTILE: HOSTILE})
    small = network(1, 3)
    await use_network(
        stage,
        Network(
            devices=(*small.devices, hostile),
            dependencies=(*small.dependencies, need("10.66.0.1", DIST, via=(HOSTILE,))),
        ),
    )
    await stage.report(problem(HOSTILE, device_ip="10.66.0.1", severity=Severity.MINOR))
    size = {"width": width, "height": 844}
    page = await open_at(stage, browser, operator, "/devices", viewport=size, color_scheme=theme)
    await expect(page.locator("table.data")).to_contain_text(HOSTILE)
    assert await violations(page) == []
    await page.goto(f"{operator.url}/devices/10.66.0.1")
    await expect(page.get_by_role("heading", name=HOSTILE, exact=True)).to_be_visible()
    await page.get_by_label("State at", exact=True).fill("2020-01-01T10:00")
    await expect(page.get_by_text("No data is stored for that time.")).to_be_visible()
    assert await violations(page) == []
    for tab, sign in (
        ("Dependencies", ".drawing .node"),
        ("If it fails", "#tab-panel p"),
        ("History", "table.data"),
    ):
        await page.get_by_role("tab", name=tab).click()
        await expect(page.locator(sign).first).to_be_visible()
        assert await violations(page) == []
        if tab == "Dependencies":
            await page.get_by_role("button", name="Table", exact=True).click()
            await expect(page.get_by_role("row", name=HOSTILE).first).to_be_visible()
            assert await violations(page) == []
    assert await page.locator("#section img").count() == 0
    assert "owned" not in await page.title()


async def test_a_dependency_is_tried_saved_changed_and_removed(
    stage: Stage, browser: Browser, http: ClientSession, url: str
) -> None:
    """The preview names the alert that would be suppressed before anything is saved; then it is."""
    await stage.pool.executemany(
        "INSERT INTO devices (ip_address, name) VALUES ($1, $2)", [(LEAF, "leaf"), (DIST, "dist")]
    )
    stage.inventory = await read_inventory(stage.pool)
    await use_network(stage, Network(devices=stage.inventory.devices, dependencies=()))
    await cut(stage, DIST)
    (hot,) = await stage.report(problem("Hot", device_ip=LEAF, alert_type="environment_temperature"))
    admin = await caller(stage, http, url, "admin")
    page = await open_at(stage, browser, admin, f"/devices/{LEAF}/dependencies")
    await page.get_by_role("button", name="Add a dependency").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Needs").fill(DIST)
    await expect(dialog.locator(".preview")).to_contain_text("1 open alert would be suppressed now.")
    await expect(dialog.locator(".preview")).to_contain_text("1 device more would be cut off")
    assert await violations(page) == []
    await dialog.get_by_label("Confidence").fill("7")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.locator(".field-fault")).to_be_visible()
    await dialog.get_by_label("Confidence").fill("1")
    await dialog.get_by_role("button", name="Save").click()
    row = page.get_by_role("region", name="What it needs", exact=True).get_by_role("row", name="dist")
    await expect(row).to_contain_text("the only one")
    assert stage.engine.get(hot.id).status == "suppressed"  # type: ignore[union-attr]
    await row.get_by_role("button", name="Edit").click()
    await dialog.get_by_label("Confidence").fill("0.1")
    await expect(dialog.locator(".preview")).to_contain_text("1 alert would no longer be suppressed.")
    await dialog.get_by_role("button", name="Save").click()
    await expect(row).to_contain_text("alternative: confidence 0.1")
    await row.get_by_role("button", name="Remove").click()
    await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await expect(page.get_by_text("No dependency is known.")).to_be_visible()
    assert await stage.pool.fetchval("SELECT count(*) FROM dependencies") == 0
