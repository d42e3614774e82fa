"""The section of connectors in a real browser: made from the schema of a type, checked, switched, deleted."""

import json
from dataclasses import replace
from datetime import UTC, datetime

from aiohttp import ClientSession
from playwright.async_api import Browser, Page, expect

from opsconductor.connector.rejection import Rejection
from tests.support.api.api_stage import Stage, caller
from tests.support.page.page_stage import connector, declare, log_in, violations

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]

HOSTILE = "<img src=x onerror=\"document.title='owned'\">"
SECRET = "a secret of sixteen"


async def admin_page(stage: Stage, browser: Browser, http: ClientSession, url: str) -> Page:
    """Open the connectors as an administrator."""
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    await log_in(page, await caller(stage, http, url, "admin"))
    await page.goto(f"{url}/connectors")
    return page


async def stored(stage: Stage) -> dict[str, object]:
    """Return the configuration of the channel as it is stored."""
    text = await stage.pool.fetchval("SELECT config::text FROM connectors WHERE name = 'noc-hook'")
    return dict(json.loads(text))


async def test_a_connector_is_made_and_checked_before(
    stage: Stage, browser: Browser, http: ClientSession, url: str
) -> None:
    """From its type to a row: faults at their fields, a check before it is saved, the secret in the vault."""
    page = await admin_page(stage, browser, http, url)
    await page.get_by_role("link", name="New connector").click()
    await expect(page.locator(".tile").first).to_be_visible()
    assert await violations(page) == []
    await page.get_by_label("Filter types").fill("one JSON document")
    await page.locator(".tile").click()
    form = page.locator("#section")
    await form.get_by_label("Name", exact=True).fill("noc-hook")
    await form.get_by_label("URL", exact=True).fill("no address")
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_label("URL", exact=True)).to_have_attribute("aria-invalid", "true")
    await form.get_by_label("URL", exact=True).fill("https://hook.example.net/in")
    await form.get_by_text("more settings").last.click()
    await form.get_by_label("Secret", exact=True).fill(SECRET)
    await form.get_by_role("button", name="Check").click()
    await expect(form).to_contain_text("noc-hook would work")
    assert await violations(page) == []
    await form.get_by_role("button", name="Save").click()
    await page.wait_for_url("**/connectors/noc-hook")
    config = await stored(stage)
    assert config["secret"] == "vault:connector/noc-hook/secret"
    stage.desk.known = [replace(connector("noc-hook", role="channel"), type="webhook")]
    await page.goto(f"{url}/connectors/noc-hook/edit")
    secret = form.get_by_label("Secret", exact=True)
    await expect(secret).to_have_attribute("placeholder", "unchanged: vault:connector/noc-hook/secret")
    await form.get_by_text("more settings").click()
    await form.get_by_label("Method", exact=True).select_option(label="PUT")
    await form.get_by_role("button", name="Save").click()
    await page.wait_for_url("**/connectors/noc-hook")
    assert await stored(stage) == {**config, "method": "PUT"}
    await page.get_by_role("button", name="Switch off").click()
    await expect(page.locator("#toasts")).to_contain_text("noc-hook is switched off")
    assert not await stage.pool.fetchval("SELECT enabled FROM connectors WHERE name = 'noc-hook'")


async def test_rejections_are_shown_and_a_connector_in_use_stays(
    stage: Stage, browser: Browser, http: ClientSession, url: str
) -> None:
    """Senders, reasons and remedies are shown as text; a channel that a rule needs is not deleted."""
    rejected = Rejection(
        connector="traps",
        sender=HOSTILE,
        reason="wrong_community",
        explanation=HOSTILE,
        remedy="Add it",
        count=7,
        first_at=datetime.now(UTC),
        last_at=datetime.now(UTC),
        is_repeated=True,
        first_bytes="",
    )
    traps = replace(connector("traps"), rejected=[rejected], alerts_received=5, alerts_today=2)
    await declare(stage, traps)
    stage.desk.known.append(replace(connector("noc-hook", role="channel"), type="webhook"))
    admin = await caller(stage, http, url, "admin")
    row = {"name": "noc-hook", "type": "webhook", "config": {"url": "https://hook.example.net/in"}}
    assert (await admin.post("/connectors", row)).status == 200
    rule = {"name": "everything", "channels": [{"channel": "noc-hook"}]}
    assert (await admin.post("/notifications/rules", rule)).status == 200
    page = await browser.new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    await log_in(page, admin)
    await page.goto(f"{url}/connectors")
    await expect(page.locator("table.data")).to_contain_text(f"7 rejected from {HOSTILE}")
    await page.get_by_role("row", name="traps").click()
    await expect(page.get_by_role("table", name="Rejected messages")).to_contain_text("Add it")
    await expect(page.get_by_role("region", name="Messages")).to_contain_text("Messages received")
    assert await violations(page) == []
    assert await page.locator("#section img").count() == 0
    await page.goto(f"{url}/connectors/noc-hook/edit")
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("alert").last).to_contain_text("notification_rules.everything")
    assert await violations(page) == []
