"""Datasets on the page: from a file to the picture and the explanation of a row, in a real browser."""

import asyncio

from playwright.async_api import Page, Route, expect

from tests.support.api.api_stage import Caller, Stage
from tests.support.api.dataset_stage import jobs_running
from tests.support.page.page_stage import violations
from tests.support.series.planted import FAULTS, planted_csv

FILE = """([name, text]) => {
    const carried = new DataTransfer();
    carried.items.add(new File([text], name, { type: "text/csv" }));
    return carried;
}"""
pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]


async def drop(page: Page, name: str, text: str) -> None:
    """Drag a file over the field and drop it; while its first part is on the way, the progress is shown."""
    is_seen = asyncio.Event()

    async def hold(route: Route) -> None:
        await is_seen.wait()
        await route.continue_()

    await page.route("**/api/v1/uploads/*", hold)
    file = await page.evaluate_handle(FILE, [name, text])
    field = page.locator(".drop")
    await field.dispatch_event("dragover", {"dataTransfer": file})
    await expect(field).to_have_class("drop over")
    await field.dispatch_event("drop", {"dataTransfer": file})
    await expect(page.get_by_role("progressbar", name="Progress of the upload")).to_be_visible()
    await expect(field.get_by_role("status")).to_contain_text(f"{name}: 0 B of")
    assert await violations(page) == []
    is_seen.set()


async def test_a_file_becomes_a_picture(stage: Stage, page: Page, operator: Caller) -> None:
    """Drop, progress, faults with line and column, analysis, picture, explanation; hostile names are text."""
    name = "<img src=x onerror=alert(1)>.csv"
    lines = planted_csv().split(b"\n")
    lines[99] = b",".join([b"2026-03-01T00:01:39Z", b"<b>broken</b>", *lines[99].split(b",")[2:]])
    async with jobs_running(stage):
        await page.goto(f"{operator.url}/datasets")
        await drop(page, name, b"\n".join(lines).decode())
        await expect(page.get_by_role("heading", name="<img src=x onerror=alert(1)>")).to_be_visible()
        faults = page.get_by_role("table", name="Faults")
        await expect(faults.get_by_role("row").nth(1)).to_contain_text("100")
        await expect(faults).to_contain_text("<b>broken</b>")
        assert await violations(page) == []
        await page.get_by_role("textbox", name="Tags").fill("pump, north")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Tags saved")).to_be_visible()
        await page.get_by_role("button", name="Share").click()
        await expect(page.get_by_role("button", name="Stop sharing")).to_be_visible()
        await page.get_by_role("button", name="Analyse", exact=True).click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("button", name="Analyse").click()
        picture = page.locator(".picture svg[role=img]")
        await expect(picture).to_be_visible()
        await expect(page.locator("[aria-label=State]")).to_contain_text("anomalous rows")
        point = picture.locator(".point.anomalous").first
        await point.dispatch_event("mouseenter")
        hovered = page.locator(".hovered")
        await expect(hovered).to_contain_text("expected")
        wanted = {f"f_{feature} " for fault in FAULTS for feature in fault.shifts}
        rows = page.get_by_role("table", name="Rows").locator("tbody tr")
        first = await rows.first.inner_text()
        assert any(each in first for each in wanted), first
        assert await violations(page) == []
        await page.set_viewport_size({"width": 390, "height": 800})
        assert await violations(page, is_contrast_known=True) == []
        await page.set_viewport_size({"width": 1440, "height": 900})
        await page.goto(f"{operator.url}/datasets")
        await expect(page.get_by_role("table", name="Datasets")).to_contain_text("pump")
