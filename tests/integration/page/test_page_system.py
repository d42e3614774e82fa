"""The sections Overview and System in a real browser: what they show and do, hostile texts, axe."""

from typing import Literal
from uuid import uuid4

import pytest
from aiohttp import ClientSession
from playwright.async_api import Browser, Page, expect

from opsconductor.model.enums import Severity
from tests.support.api.accounts import user_of
from tests.support.api.api_stage import Caller, Stage, caller, problem
from tests.support.page.page_stage import log_in, violations

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]

HOSTILE = "<img src=x onerror=\"document.title='owned'\">"
SYSTEM_PAGES = ("", "messages", "doctor", "undelivered", "set-aside", "users", "roles", "keys", "sessions",
                "audit", "settings")  # fmt: skip


@pytest.fixture
async def admin(stage: Stage, http: ClientSession, url: str) -> Caller:
    """Yield a client with all permissions."""
    return await caller(stage, http, url, "admin")


async def test_the_overview_is_drawn_and_tabled(stage: Stage, page: Page, operator: Caller) -> None:
    """Figures, columns with their table, rankings; the period is in the address; names are text."""
    await stage.report(
        problem("Down", device_name=HOSTILE, severity=Severity.CRITICAL),
        *(problem(f"{n}", resource=f"{n}") for n in range(3)),
    )
    await page.get_by_role("link", name="Overview").click()
    await expect(page.get_by_role("region", name="Alerts", exact=True)).to_contain_text("4")
    await expect(page.get_by_role("region", name="Noisiest devices")).to_contain_text(HOSTILE)
    await expect(page.locator(".columns rect.part")).not_to_have_count(0)
    await page.get_by_role("button", name="Table").click()
    table = page.get_by_role("region", name="Alerts over time, table")
    assert sum(int(each) for each in await table.locator("td:last-child").all_inner_texts()) == 4
    assert await violations(page) == []
    await page.get_by_role("button", name="7 days").click()
    await page.get_by_role("button", name="Table").click()
    await expect(table.locator("tbody tr")).to_have_count(7)
    assert page.url == f"{operator.url}/overview?range=7d"
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.emulate_media(color_scheme="light")
    await page.get_by_role("button", name="Table").click()
    await expect(page.locator(".columns svg")).to_be_visible()
    assert await violations(page) == []
    assert await page.locator("#section img").count() == 0
    assert await page.evaluate("document.documentElement.scrollWidth") == 390


async def hostile_rows(stage: Stage) -> None:
    """Put something with a hostile name on every page."""
    stage.health = {
        "status": "degraded",
        "version": HOSTILE,
        "started_at": "2026-01-31T08:00:00Z",
        "database": "connected",
        "engine": {"status": "ok", "error": None},
        "spool": {"entries": 0, "bytes": 0, "oldest_age_s": 0, "error": HOSTILE},
        "connectors": {HOSTILE: {"status": "error", "error": HOSTILE}},
        "configuration": {
            "faults": [{"file": HOSTILE, "line": 1, "key": HOSTILE, "found": HOSTILE, "expected": "else"}],
            "faults_in_all": 1,
            "error": "",
        },
        "undelivered": {"mail": 1},
        "unreached_rules": [HOSTILE],
    }
    await user_of(stage, "anna", "operator")
    (alert,) = await stage.report(problem("Down", severity=Severity.CRITICAL))
    await stage.pool.execute("UPDATE users SET display_name = $1", HOSTILE)
    await stage.pool.execute(
        "INSERT INTO notification_log (alert_id, channel, recipient, status, attempts, error_message, "
        "payload, concluded_at) VALUES ($1, 'mail', $2::text, 'failed', 8, $2, jsonb_build_object('facts', "
        "jsonb_build_object('title', $2, 'severity', 'critical')), now())",
        alert.id,
        HOSTILE,
    )
    await stage.pool.execute(
        "INSERT INTO set_aside (id, kind, origin, subject, reason, content, size, at) "
        "VALUES ($1, 'event', 'traps', '10.0.0.1', $2, $3, 50, now())",
        uuid4(),
        HOSTILE,
        HOSTILE.encode(),
    )


@pytest.mark.parametrize(("theme", "width"), [("dark", 1280), ("light", 390)])
async def test_every_page_of_the_system_is_readable(
    stage: Stage, browser: Browser, admin: Caller, theme: Literal["dark", "light"], width: int
) -> None:
    """Each has an address and its place in the navigation; hostile texts are text; axe finds nothing."""
    await hostile_rows(stage)
    page = await browser.new_page(viewport={"width": width, "height": 844}, color_scheme=theme)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await log_in(page, admin)
    await page.goto(f"{admin.url}/system")
    for name in SYSTEM_PAGES:
        await page.locator(f".section-nav a[href='/system{name and '/'}{name}']").click()
        await expect(page.locator(".reading")).to_have_count(0)
        await expect(page.locator("progress")).to_have_count(0)
        if name in ("", "undelivered", "set-aside", "users"):
            await expect(page.locator("#section")).to_contain_text(HOSTILE)
        assert await violations(page) == [], name
        assert await page.evaluate("document.documentElement.scrollWidth") == width, name
    assert await page.locator("#section img").count() == 0
    assert errors == []


async def test_accounts_and_leftovers_are_administered(stage: Stage, browser: Browser, admin: Caller) -> None:
    """A key is shown once and revoked, a user gets a link; leftovers are sent again and removed."""
    await hostile_rows(stage)
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    await log_in(page, admin)
    await page.goto(f"{admin.url}/system/keys")
    await page.get_by_role("link", name="New key").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("grafana")
    await page.get_by_role("button", name="Create").click()
    await expect(dialog).to_contain_text("expected a role")
    await dialog.get_by_label("viewer").check()
    await page.get_by_role("button", name="Create").click()
    key = await dialog.get_by_label("Secret").inner_text()
    assert (await Caller(admin.http, admin.url, key).get("/me")).status == 200
    assert await violations(page) == []
    await page.get_by_role("button", name="Done").click()
    assert key not in await page.content()
    await page.get_by_role("button", name="Revoke grafana").click()
    await page.get_by_role("button", name="Revoke", exact=True).click()
    await expect(page.get_by_role("row", name="grafana")).to_have_count(0)
    assert (await Caller(admin.http, admin.url, key).get("/me")).status == 401

    await page.goto(f"{admin.url}/system/users/+")
    await dialog.get_by_label("Username").fill("bo")
    await dialog.get_by_label("viewer").check()
    await page.get_by_role("button", name="Create").click()
    link = await dialog.get_by_label("Secret").inner_text()
    assert link.startswith(f"{admin.url}/#")
    await page.get_by_role("button", name="Done").click()
    await expect(page.get_by_role("row", name="bo")).to_contain_text("no password yet")

    await page.goto(f"{admin.url}/system/undelivered")
    await page.get_by_label("Select all on this page").check()
    await page.get_by_role("button", name="Send again (1)").click()
    await expect(page.get_by_text("is being sent again")).to_be_visible()
    assert await stage.pool.fetchval("SELECT count(*) FROM notification_outbox") == 1

    await page.goto(f"{admin.url}/system/set-aside")
    await page.get_by_role("row", name="traps").click()
    await expect(dialog.get_by_label("Content")).to_have_text(HOSTILE)
    await page.get_by_role("button", name="Remove").click()
    sure = page.get_by_role("dialog", name="Remove this for good?")
    await sure.get_by_role("button", name="Remove").click()
    await expect(page.get_by_text("Nothing was set aside")).to_be_visible()

    await page.goto(f"{admin.url}/system/audit")
    await page.locator(".tools").get_by_label("Action").fill("key")
    await page.locator(".tools").get_by_label("Action").press("Enter")
    await expect(page.get_by_role("row", name="grafana")).to_have_count(2)
    await page.get_by_role("button", name="Verify").click()
    await expect(page.get_by_text("Intact:")).to_be_visible()


async def test_the_api_is_readable_and_can_be_tried(stage: Stage, browser: Browser, admin: Caller) -> None:
    """Operations by tag with parameters, schemas and a command line; a GET is answered there; axe, phone."""
    await stage.report(problem("Down"))
    page = await browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="light")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if "Content Security" in line.text else None)
    await page.goto(f"{admin.url}/api/docs#get_alerts_stats")
    opened = page.locator("#get_alerts_stats")
    await expect(opened).to_contain_text("Needs the permission alerts:read.")
    await expect(opened.get_by_label("Example")).to_contain_text('curl -H "Authorization: Bearer $key"')
    await page.locator(".key input").fill(str(admin.key))
    await opened.get_by_label("severity").fill("major")
    await opened.get_by_role("button", name="Send").click()
    await expect(opened.get_by_label("Answer")).to_contain_text('"total": 1')
    assert await violations(page) == []
    await page.get_by_label("Search operations").fill("bulk shelve")
    await expect(page.locator(".operation")).to_have_count(2)
    await page.locator("#post_alerts_bulk_shelve summary").click()
    await page.locator("#post_alerts_bulk_shelve").get_by_role("button", name="AlertFilterParameters").click()
    await expect(page.locator(".nested")).to_contain_text("correlated_to_id")
    await page.set_viewport_size({"width": 390, "height": 844})
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    assert await violations(page) == []
    assert errors == []
