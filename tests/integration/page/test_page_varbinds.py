"""The varbinds of a trap on the page and in the API: name, value and meaning of each."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, expect

from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert
from tests.support.api.api_stage import Caller, Stage
from tests.support.engine.flow import source_of
from tests.support.page.page_stage import log_in
from tests.support.snmp.traps import DEVICE, packet

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]

SCREENSHOTS = os.environ.get("SCREENSHOTS")
"""Folder for pictures of the page, for people."""

TRAP = {
    "trap": "1.3.6.1.6.3.1.1.5.3",
    "varbinds": [
        "1.3.6.1.2.1.2.2.1.1.36487226 i 36487226",
        "1.3.6.1.2.1.2.2.1.2.36487226 s GigabitEthernet 0/10",
        "1.3.6.1.2.1.2.2.1.7.36487226 i 1",
        "1.3.6.1.2.1.2.2.1.8.36487226 i 2",
        "1.3.6.1.2.1.2.2.1.6.36487226 x 8C736EFF4EF9",
        "1.3.6.1.2.1.2.2.1.9.36487226 t 91390490",
        "1.3.6.1.4.1.99999.1.4.1.2.0 s OSTATE_DN: Changed interface state to down: Gi 0/10 <b>",
    ],
}
SHOWN = [
    ("ifIndex.36487226", "36487226", ""),
    ("ifDescr.36487226", "GigabitEthernet 0/10", ""),
    ("ifAdminStatus.36487226", "1", "up"),
    ("ifOperStatus.36487226", "2", "down"),
    ("ifPhysAddress.36487226", "8c:73:6e:ff:4e:f9", ""),
    ("ifLastChange.36487226", "91390490", "10d 13:51:44.90"),
    ("1.3.6.1.4.1.99999.1.4.1.2.0", "OSTATE_DN: Changed interface state to down: Gi 0/10 <b>", ""),
]


def reports(folder: Path) -> tuple[NormalizedAlert, ...]:
    """Normalize the trap as the listener does with nothing configured."""
    raw = RawEvent(connector="traps", payload=packet(TRAP), received_at=datetime.now(UTC), peer=DEVICE)
    varbinds = source_of("snmp_trap", "traps", {}, folder).normalize(raw)
    assert isinstance(varbinds, tuple)
    return varbinds


async def test_the_api_shows_name_value_and_meaning(stage: Stage, viewer: Caller, tmp_path: Path) -> None:
    """Each varbind of the latest trap has its name, its value as sent and what the value means."""
    (alert,) = await stage.report(*reports(tmp_path))
    varbinds = (await viewer.get(f"/alerts/{alert.id}")).data["varbinds"]
    assert [
        (each["name"] or each["oid"], str(each["value"]), each["meaning"] or "") for each in varbinds
    ] == SHOWN
    assert {each["type"] for each in varbinds} == {"INTEGER", "OCTET STRING", "TimeTicks"}


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390])
async def test_the_page_shows_a_table_of_varbinds(
    stage: Stage,
    browser: Browser,
    operator: Caller,
    tmp_path: Path,
    theme: Literal["dark", "light"],
    width: int,
) -> None:
    """The alert's pane has a row for each varbind, none of them twice, and nothing is cut off on a phone."""
    page = await browser.new_page(viewport={"width": width, "height": 844}, color_scheme=theme)
    await log_in(page, operator)
    (alert,) = await stage.report(*reports(tmp_path))
    await page.locator(f"tr[data-id='{alert.id}']").click()
    rows = page.locator("#detail table.varbinds tbody tr")
    await expect(rows).to_have_count(len(SHOWN))
    for number, cells in enumerate(SHOWN):
        varbinds = await rows.nth(number).locator("th, td").all_text_contents()
        assert varbinds == [cell for cell in cells if cell]
    await expect(page.locator("#detail .message")).to_have_count(0)
    table = page.locator("#detail table.varbinds")
    assert await table.evaluate("table => table.scrollWidth <= table.clientWidth")
    box = await table.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    if SCREENSHOTS:
        await table.scroll_into_view_if_needed()
        await page.screenshot(path=Path(SCREENSHOTS) / f"varbinds-{theme}-{width}.png")
