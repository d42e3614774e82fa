"""The section of mappings in a real browser: search, explanations, unmapped traps, one's own mappings."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

import pytest
from aiohttp import ClientSession
from playwright.async_api import Browser, Page, expect

from opsconductor.app.configuring.loading import table_of
from opsconductor.mib.lookup import standard_facts
from opsconductor.model.changes import Changes
from opsconductor.model.event import ArchivedEvent
from opsconductor.store.commit.commit import commit
from opsconductor.store.configuration import load_mappings
from tests.integration.cli.test_mapping_commands import port
from tests.support.api.api_stage import Caller, NoArchive, Stage, caller
from tests.support.mib_modules import derived_fans
from tests.support.page.page_stage import go_within, log_in, violations

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]

HOSTILE = "<img src=x onerror=\"document.title='owned'\">"
EVENT = UUID(int=5)


async def test_mappings_are_searched_and_a_stored_trap_is_explained(stage: Stage, page: Page) -> None:
    """The search is in the address; an id, an OID and hex digits are explained, anything else is refused."""
    mappings = table_of(await load_mappings(stage.pool), standard_facts())
    stage.configuration = replace(stage.configuration, mappings=mappings, facts=derived_fans())
    archived = ArchivedEvent(
        id=EVENT, connector="traps", received_at=datetime.now(UTC), peer="10.0.0.9", payload=port(7)
    )
    await commit(stage.pool, Changes(archive=(archived,)))
    await page.get_by_role("link", name="Mappings").click()
    await page.get_by_label("Search mappings").fill("acmefan")
    await expect(page.locator("table.data tbody tr")).to_have_count(2)
    assert page.url.endswith("/mappings?text=acmefan")
    await page.get_by_label("Origin").select_option("suggestion")
    await expect(page.locator("table.data tbody tr")).to_have_count(1)
    await page.get_by_role("row", name="acmeFanOdd").click()
    await expect(page.get_by_role("region", name="Derived from the MIB")).to_contain_text("a suggestion")
    await page.go_back()
    await expect(page.get_by_label("Search mappings")).to_have_value("acmefan")
    await page.get_by_role("link", name="Try a trap").click()
    asked = page.get_by_label("OID of a trap")
    await asked.fill("nonsense")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("Enter an OID")
    await asked.fill(str(EVENT))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("region", name="Result")).to_contain_text("network_link_down")
    await expect(page.locator(".decides")).to_contain_text("oid_mappings, as installed")
    assert page.url.endswith(f"/mappings/try?id={EVENT}")
    await page.get_by_label("OID of a trap").fill(port(7).hex(" "))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("region", name="Result")).to_contain_text("ifIndex=7")


async def hostile_report(_self: NoArchive, **limits: Any) -> Mapping[str, Any]:
    """Return a report on traps with hostile names."""
    now = datetime.now(UTC).isoformat()
    empty = await NO_ARCHIVE_MAKE(NoArchive(), **limits)
    trap = {
        "trap_oid": "1.3.6.1.4.1.99999.7",
        "name": f"ACME-MIB::{HOSTILE}",
        "maker": HOSTILE,
        "enterprise": "99999",
        "count": 12_000,
        "devices": 2,
        "some_devices": ["10.0.0.1", HOSTILE],
        "last_at": now,
        "title": "x",
        "remedy": "y",
        "confidence": 0.5,
        "proposal": None,
    }
    clear = {
        "connector": "traps",
        "device": HOSTILE,
        "alert_type": "network_link_down",
        "trap_oids": [],
        "count": 3,
        "last_at": now,
        "resources": [],
        "nearest": [],
        "reason": HOSTILE,
        "is_fault": True,
    }
    counts = {"alerts": 2, "ended": 1, "unmatched": 0}
    row = {
        "oid_pattern": "1.3.6.1.4.1.99999.8",
        "alert_type": "compute_merged",
        "category": "compute",
        "default_severity": "major",
        "title_template": "Merged",
    }
    merged = {
        "alert_type": HOSTILE,
        "trap_oids": [],
        "devices": 1,
        "some_devices": ["10.0.0.1"],
        "messages": 40,
        "alerts": 1,
        "varying": [{"variable": HOSTILE, "values": 4, "examples": ["1", "2"], "why": "it names a slot"}],
        "note": "",
        "proposal": {
            "id": "ab12cd",
            "resource_expression": "{slot}",
            "document": {"oid_mappings": [row]},
            "yaml": f"oid_mappings:\n- {HOSTILE}",
        },
        "preview": {
            "messages": 40,
            "present": counts,
            "proposed": {**counts, "alerts": 8},
            "text": "",
        },
    }
    return {**empty, "unmapped": [trap], "unmatched_clears": [clear], "over_merged": [merged]}


NO_ARCHIVE_MAKE = NoArchive.make


@pytest.mark.parametrize(("theme", "width"), [("dark", 1280), ("light", 390)])
async def test_unmapped_traps_are_shown_and_lead_to_a_mapping(
    stage: Stage,
    browser: Browser,
    operator: Caller,
    monkeypatch: pytest.MonkeyPatch,
    theme: Literal["dark", "light"],
    width: int,
) -> None:
    """Hostile names are text; axe finds nothing in the list, an explanation, the report."""
    monkeypatch.setattr(NoArchive, "make", hostile_report)
    mappings = table_of(await load_mappings(stage.pool), standard_facts())
    stage.configuration = replace(stage.configuration, mappings=mappings, facts=derived_fans())
    page = await browser.new_page(viewport={"width": width, "height": 844}, color_scheme=theme)
    await log_in(page, operator)
    for address in ("", "/try?oid=1.3.6.1.6.3.1.1.5.3", "/try?oid=1.3.6.1.4.1.99999.1.0.7", "/unmapped"):
        await go_within(page, f"/mappings{address}")
        await expect(page.locator("#section .faint, #section table").last).to_be_visible()
        assert await violations(page) == []
    await expect(page.get_by_role("table", name="Unmapped traps")).to_contain_text(HOSTILE)
    assert await page.locator("#section img").count() == 0
    merged = page.get_by_role("region", name="Alerts that merge several faults")
    await expect(merged).to_contain_text("40 messages: now 2 alerts, 1 ended; then 8 alerts, 1 ended.")


async def test_a_mapping_is_made_checked_changed_and_deleted(
    stage: Stage, browser: Browser, http: ClientSession, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From an unmapped trap to a row of one's own; faults and remarks are shown before it is saved.

    A proposal of the report is applied after a question, and what cannot work stands above one's own rows.
    """
    monkeypatch.setattr(NoArchive, "make", hostile_report)
    page = await browser.new_page()
    await log_in(page, await caller(stage, http, url, "admin"))
    await page.goto(f"{url}/mappings/unmapped")
    await page.get_by_role("link", name="Make a mapping").click()
    form = page.locator("#section")
    await expect(form.get_by_label("OID pattern", exact=True)).to_have_value("1.3.6.1.4.1.99999.7")
    await expect(form.get_by_label("Title template")).to_have_value(f"{HOSTILE} - {{device_name}}")
    await form.get_by_label("Alert type").fill("Bad type")
    await form.get_by_role("button", name="Check").click()
    await expect(form.get_by_label("Alert type")).to_have_attribute("aria-invalid", "true")
    await form.get_by_label("Alert type").fill("environment_fan_failed")
    await form.get_by_label("Category").select_option(label="environment")
    await form.get_by_role("button", name="Check").click()
    await expect(page.get_by_role("status", name="Outcome")).to_contain_text("1 added")
    assert await stage.pool.fetchval("SELECT count(*) FROM oid_mappings WHERE origin = 'own'") == 0
    assert await violations(page) == []
    await form.get_by_role("button", name="Save").click()
    row = page.get_by_role("table", name="Your own mappings").locator("tbody tr")
    await expect(row).to_contain_text("environment_fan_failed")
    await row.click()
    await form.get_by_label("Default severity").select_option(label="critical")
    await form.get_by_role("button", name="Save").click()
    await expect(row).to_contain_text("critical")
    await row.click()
    await form.get_by_role("button", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(form).to_contain_text("You have no mapping of your own yet")
    await page.get_by_role("link", name="Report", exact=True).click()
    await form.get_by_role("button", name="Apply it").click()
    await page.get_by_role("dialog").get_by_role("button", name="Apply it").click()
    await expect(page.locator(".toast", has_text="Applied: 1 added")).to_be_visible()
    await page.get_by_role("link", name="Your own").click()
    await expect(page.get_by_role("region", name="What cannot work")).to_contain_text("compute_merged")
    assert await violations(page) == []
