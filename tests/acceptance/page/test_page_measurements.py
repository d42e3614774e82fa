"""Measured values on the page, with a daemon that has five weeks of them: the main task of each page."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests.support.daemons.daemon import Daemon, running
from tests.support.page.page_stage import go_within, use_theme, violations
from tests.support.series.measured_weeks import WRONG, posts

pytest_plugins = ["tests.integration.page_fixtures"]

DEVICES = [
    {"name": "nice-core-1", "ip_address": "10.40.0.1", "site": "nice", "device_type": "switch"},
    {"name": "paris-core-1", "ip_address": "10.30.0.1", "site": "paris", "device_type": "switch"},
]
RULE = {"name": "port busy", "metric": "in_traffic", "warning": 900e6}
MACHINE = {
    "machine_type": "press",
    "baselines": {"vibration": {"expected": 2.5, "variation": 0.4}},
    "operational_pattern": {"zone": "Europe/Paris", "days": "mon-fri", "from": "06:00", "to": "22:00"},
    "thresholds": [{"metric": "vibration", "warning": 7.1}],
}
PAGES = {
    "measurements": "Anomalies",
    "measurements/digest?hours=720": "Held back",
    "measurements/series": "Series",
    "measurements/rules": "Limits",
    "measurements/machines": "Machine types",
    "measurements/detector": "Versions",
    "reports": "Reports",
}
PHONE = {"width": 390, "height": 844}


async def measure(daemon: Daemon, folder: Path) -> None:
    """Send the values, and wait until the detector has raised the alert of the port."""
    points = folder / "points.csv"
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    for text in posts(now):
        points.write_text(text)
        await daemon.run("series", "import", str(points))
    await daemon.alerts_when(lambda found: len(found) >= WRONG, within_s=90)


async def signed_in(browser: Browser, daemon: Daemon) -> Page:
    """Open the page as an administrator."""
    output = await daemon.run("token", "create", "--role", "admin", "--name", "ada")
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="dark")
    page = await context.new_page()
    await page.goto(f"http://127.0.0.1:{daemon.api_port}/measurements")
    await page.fill("#login-key", output.split()[-1])
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("table", name="Anomalies")).to_be_visible()
    return page


async def test_the_main_act_of_each_page(daemon: Daemon, browser: Browser, tmp_path: Path) -> None:
    """An anomaly is viewed and judged, a series drawn, a limit and a machine type made, a report made."""
    daemon.write_settings({"retention": {"points_days": 40}})
    daemon.declare("site", devices=DEVICES, alert_rules=[RULE], machine_configurations=[MACHINE])
    async with running(daemon):
        await measure(daemon, tmp_path)
        page = await signed_in(browser, daemon)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        await judge(page, daemon)
        await draw(page)
        await make_machine(page, daemon)
        await make_report(page, tmp_path)
        await every_page_is_accessible(page)
        assert errors == []
        await the_command_line_says_the_same(daemon)


async def judge(page: Page, daemon: Daemon) -> None:
    """The stopped port: words, plot with the expected band; one click marks it as no fault."""
    await page.get_by_role("table", name="Anomalies").get_by_text("In traffic unusually low").first.click()
    await expect(page.get_by_role("heading", name="In traffic unusually low")).to_be_visible()
    why = page.get_by_role("region", name="Why")
    await expect(why).to_contain_text("The value is 0 bit/s")
    plot = page.get_by_role("region", name="Plot")
    await expect(plot.locator("polyline.line")).to_be_visible()
    await expect(plot.locator("rect.band")).to_be_visible()
    await expect(plot.locator("rect.span")).to_be_visible()
    await expect(plot.locator(".tick text").first).not_to_contain_text("e+")
    await plot.locator("svg").hover()
    await expect(plot.get_by_role("status")).to_contain_text("bit/s")
    assert await violations(page) == []
    await use_theme(page, "light")
    assert await violations(page) == []
    await page.get_by_role("button", name="False alarm").click()
    await expect(page.get_by_role("region", name="Feedback")).to_contain_text("a false alarm")
    await daemon.alerts_when(lambda found: not found, "device=nice-core-1&status=active")
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert await violations(page, is_contrast_known=True) == []
    await page.set_viewport_size({"width": 1440, "height": 900})


async def draw(page: Page) -> None:
    """A series is found by its metric and drawn over a week, with the range of each slot."""
    await page.get_by_role("link", name="Anomalies", exact=True).click()
    await page.get_by_role("link", name="Series", exact=True).click()
    await page.get_by_label("Search metric").fill("traffic")
    await page.keyboard.press("Enter")
    table = page.get_by_role("table", name="Series")
    await expect(table.locator("tbody tr")).to_have_count(6)
    await table.get_by_text("ifIndex=8").first.click()
    await page.get_by_role("button", name="7d").click()
    await expect(page.get_by_role("button", name="7d")).to_have_attribute("aria-pressed", "true")
    chart = page.get_by_role("region", name="Series")
    await expect(chart.locator("polygon.range")).to_be_visible()
    await expect(chart.locator(".tick").last).to_contain_text("Mbit/s")
    assert await violations(page) == []


async def make_machine(page: Page, daemon: Daemon) -> None:
    """A machine type with a baseline, hours of work and a limit."""
    await page.get_by_role("link", name="Machine types").click()
    row = page.get_by_role("row", name="press")
    await expect(row).to_contain_text("vibration 2.5 ± 0.4")
    await expect(row).to_contain_text("mon\N{EN DASH}fri 06:00\N{EN DASH}22:00")
    await page.get_by_role("link", name="New type").click()
    await page.get_by_label("Machine type").fill("switch")
    await page.get_by_text("more settings").click()
    usual = page.get_by_role("group", name="Baselines", exact=True)
    await usual.get_by_role("button", name="Add").click()
    await usual.get_by_label("Name").fill("temperature")
    await usual.get_by_label("Expected").fill("23")
    await usual.get_by_label("Variation").fill("0.5")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("row", name="switch")).to_contain_text("temperature 23 ± 0.5")
    found: Mapping[str, object] = await daemon.api("/machine-configurations/switch")
    assert found["data"]["row"]["baselines"] == {"temperature": {"expected": 23.0, "variation": 0.5}}  # type: ignore[index]


async def make_report(page: Page, folder: Path) -> None:
    """A weekly report is made, shown, and saved as PDF and HTML."""
    await page.get_by_role("link", name="Reports").click()
    await page.get_by_role("button", name="Make one now").click()
    await page.get_by_role("dialog").get_by_role("button", name="Make").click()
    await expect(page.get_by_role("heading", name="Weekly report")).to_be_visible()
    await expect(page.get_by_role("region", name="Summary")).to_contain_text("Availability")
    await expect(page.get_by_role("table", name="Measured averages")).to_contain_text("paris-core-1")
    for form, begin in (("PDF", b"%PDF-"), ("HTML", b"<!doctype html>")):
        async with page.expect_download() as download:
            await page.get_by_role("link", name=f"Save as {form}").click()
        await (await download.value).save_as(folder / form)
        assert (folder / form).read_bytes().startswith(begin)
    assert await violations(page) == []
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert await violations(page, is_contrast_known=True) == []
    await page.set_viewport_size({"width": 1440, "height": 900})


async def every_page_is_accessible(page: Page) -> None:
    """Axe finds nothing on any page, wide and light, narrow and dark."""
    for size, theme in (({"width": 1440, "height": 900}, "light"), (PHONE, "dark")):
        await page.set_viewport_size(size)  # type: ignore[arg-type]
        await use_theme(page, theme)
        for path, table in PAGES.items():
            await go_within(page, f"/{path}")
            await expect(page.get_by_role("table", name=table)).to_be_visible()
            assert await violations(page) == [], path
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


async def the_command_line_says_the_same(daemon: Daemon) -> None:
    """A judged anomaly is marked so, a report has its period, values have prefixes."""
    assert "false positive, alerted" in await daemon.run("anomalies", "list")
    output = await daemon.run("reports", "make", "weekly")
    assert output.splitlines()[1].split()[0] == "Availability"
    assert " to " in (await daemon.run("reports", "list")).splitlines()[1]
    now = datetime.now(UTC).isoformat()
    assert " Mbit/s" in await daemon.run("devices", "state", "nice-core-1", "--at", now)
