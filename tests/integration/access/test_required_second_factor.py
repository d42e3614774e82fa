"""Roles that require a second factor: a user without one sets it up first; not API keys."""

import time
from base64 import b32decode

from playwright.async_api import Browser, expect

from opsconductor.api.auth.totp import code_at
from opsconductor.store.access.keys import create_key
from opsconductor.store.access.roles import require_second_factor
from tests.support.api.accounts import BY, PASSWORD, browser_of, sign_in, user_of
from tests.support.api.api_stage import Caller, Stage, caller
from tests.support.daemons.terminal import Terminal
from tests.support.page.page_stage import violations

pytest_plugins = ["tests.integration.api_fixtures", "tests.integration.page_fixtures"]


async def test_a_user_without_it_may_only_set_it_up(stage: Stage, stranger: Caller) -> None:
    """The session is open, but only for the account; with the factor it is whole, and the last is kept."""
    await user_of(stage, "anna", "viewer")
    early = await browser_of(stranger, "anna")
    admin = await caller(stage, stranger.http, stranger.url, "admin")
    changed = await admin.ask("PUT", "/roles/viewer/second-factor", json={"required": True})
    assert changed.data["requires_second_factor"] is True  # type: ignore[index]
    entered = await sign_in(stranger, "anna")
    assert isinstance(entered.data, dict)
    assert (entered.data["must_enrol"], entered.data["permissions"]) == (True, [])
    browser = await browser_of(stranger, "anna")
    for headers in (early, browser):
        refused = await stranger.get("/alerts", headers=headers)
        assert (refused.status, refused.error["code"]) == (403, "second_factor_needed")
    assert (await admin.get("/users/anna")).data["requires_second_factor"] is True  # type: ignore[index]
    made = await stranger.post("/me/second-factor", {"password": PASSWORD}, headers=browser)
    code = code_at(b32decode(made.data["secret"]), int(time.time()) // 30)  # type: ignore[index]
    await stranger.post("/me/second-factor/confirm", {"code": code}, headers=browser)
    assert (await stranger.get("/alerts", headers=browser)).status == 200
    assert (await stranger.get("/me", headers=browser)).data["must_enrol"] is False  # type: ignore[index]
    kept = await stranger.post("/me/second-factor/remove", {"password": PASSWORD}, headers=browser)
    assert (kept.status, kept.error["code"]) == (409, "second_factor_required")
    entry = "SELECT details FROM audit_log WHERE action = 'role.second_factor'"
    assert (await stage.pool.fetchval(entry))["after"] == {"requires_second_factor": True}


async def test_keys_are_not_affected_and_only_who_may_requires_it(stage: Stage, stranger: Caller) -> None:
    """A key with the role, and a browser that logged in with it, go on; operators do not change roles."""
    await require_second_factor(stage.pool, "viewer", BY, is_required=True)
    key = await create_key(stage.pool, name="wall", role="viewer")
    assert (await stranger.get("/alerts", headers={"Authorization": f"Bearer {key}"})).status == 200
    opened = await stranger.post("/session", {"key": key})
    assert opened.data["must_enrol"] is False  # type: ignore[index]
    operator = await caller(stage, stranger.http, stranger.url, "operator")
    assert (await operator.ask("PUT", "/roles/viewer/second-factor", json={"required": False})).status == 403
    admin = await caller(stage, stranger.http, stranger.url, "admin")
    assert (await admin.ask("PUT", "/roles/none/second-factor", json={"required": True})).status == 404


async def test_the_command_requires_it_and_shows_who_lacks_it(stage: Stage, terminal: Terminal) -> None:
    """`users require-second-factor`, `users roles` and `users list` say the same."""
    await user_of(stage, "anna", "viewer")
    assert "viewer: second factor required" in await terminal.run("users", "require-second-factor", "viewer")
    assert "second factor required" in await terminal.run("users", "roles")
    assert "second factor to be set up" in await terminal.run("users", "list")
    off = await terminal.run("users", "require-second-factor", "viewer", "--off")
    assert "viewer: second factor not required" in off


async def test_the_page_asks_for_it_after_the_password(
    stage: Stage, browser: Browser, stranger: Caller
) -> None:
    """The dialog cannot be left but by setting it up or logging out; then the page opens."""
    await user_of(stage, "anna", "operator")
    await require_second_factor(stage.pool, "operator", BY, is_required=True)
    page = await browser.new_page()
    await page.goto(stranger.url)
    await page.fill("#login-name", "anna")
    await page.fill("#login-key", PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#account-about")).to_contain_text("requires a second factor")
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    await expect(page.locator("#account")).to_be_visible()
    await page.reload()
    await expect(page.locator("#account-about")).to_contain_text("requires a second factor")
    await expect(page.locator("#app")).to_be_hidden()
    await page.fill("#factor-password", PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#factor-code")).to_be_focused()
    secret = b32decode((await page.locator("#factor-secret").inner_text()).replace(" ", ""))
    await page.fill("#factor-code", code_at(secret, int(time.time()) // 30))
    await page.keyboard.press("Enter")
    await expect(page.locator("#factor-list")).to_contain_text("-")
    await page.get_by_role("button", name="Continue").click()
    await expect(page.locator("#live")).to_have_text("Live")
