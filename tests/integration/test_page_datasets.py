"""Datasets on the page: from a file to the picture and to what explains a row, in a real browser."""

from pathlib import Path

from playwright.async_api import Page, expect

from tests.support.api_stage import Caller, Stage
from tests.support.dataset_stage import jobs_running
from tests.support.page_stage import violations
from tests.support.planted import FAULTS, planted_csv

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]


async def test_a_file_becomes_a_picture(stage: Stage, page: Page, operator: Caller, tmp_path: Path) -> None:
    """Upload, faults with line and column, analysis, picture, explanation; hostile names are text."""
    name = "<img src=x onerror=alert(1)>.csv"
    lines = planted_csv().split(b"\n")
    lines[99] = b",".join([b"2026-03-01T00:01:39Z", b"<b>broken</b>", *lines[99].split(b",")[2:]])
    (tmp_path / name).write_bytes(b"\n".join(lines))
    async with jobs_running(stage):
        await page.goto(f"{operator.url}/datasets")
        await page.locator("input[type=file]").set_input_files(tmp_path / name)
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
        told = page.locator(".hovered")
        await expect(told).to_contain_text("expected")
        wanted = {f"f_{feature} " for fault in FAULTS for feature in fault.shifts}
        rows = page.get_by_role("table", name="Rows").locator("tbody tr")
        first = await rows.first.inner_text()
        assert any(each in first for each in wanted), first
        assert await violations(page) == []
        await page.set_viewport_size({"width": 390, "height": 800})
        assert await violations(page) == []
        await page.set_viewport_size({"width": 1440, "height": 900})
        await page.goto(f"{operator.url}/datasets")
        await expect(page.get_by_role("table", name="Datasets")).to_contain_text("pump")
